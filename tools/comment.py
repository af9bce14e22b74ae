"""The comment on a pull request that shows a stack's preview: one for each stack, kept up to date.

The workflow runs it on a machine's own Python, so it uses the standard library only::

    python -m tools.comment write STACK OUTCOME < preview.txt > STACK.md
    python -m tools.comment post PULL_REQUEST STACK.md …
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 60_000
"""GitHub takes 65,536 characters in a comment; the rest is for what stands around the preview."""
LONGEST_SUMMARY = 20_000
"""So much of it for the part that is shown unfolded."""
SUMMARY = re.compile(r"^(Diagnostics|Outputs|Resources):$", re.MULTILINE)
"""The first of the lines after which the engine sums up: what is wrong, the plain facts, how many change."""
PASSWORD = re.compile(r"(\brediss?://[^\s:@/]*:)[^\s@]+@")
AUTHOR = "github-actions[bot]"
"""Who writes with a workflow's own token."""


def body(stack: str, outcome: str, preview: str, run: str) -> str:
    """Write the comment.

    Args:
        stack: the stack's name.
        outcome: of the preview's step, ``success`` or ``failure``.
        preview: all that the preview said.
        run: the address of the workflow's run, which has the whole log.
    """
    # The engine hides what it knows to be secret; a password in a URL gets no further, whatever it knows.
    text = PASSWORD.sub(r"\1[secret]@", preview).strip()
    begin = SUMMARY.search(text)
    summary = _cut(text[begin.start() :] if begin else text, LONGEST_SUMMARY)
    said, note = " is refused or failed", "This check fails until it is mended."
    if outcome == "success":
        said, note = "", "Outputs that are not listed stay as they are."
    return (
        f"{_marker(stack)}\n### The preview of stack `{stack}`{said}\n\n{fenced(summary)}\n\n{note}\n\n"
        f"<details><summary>The whole preview</summary>\n\n{fenced(_cut(text, LONGEST - len(summary)))}\n\n"
        f"</details>\n\n[The run]({run})\n"
    )


def post(repository: str, pull_request: str, comments: list[str]) -> None:
    """Write each comment, over the one that an earlier run wrote for the same stack.

    Raises:
        subprocess.CalledProcessError: GitHub refuses; ``gh`` has said why.
    """
    issues = f"repos/{repository}/issues"
    listed = gh(
        "--paginate", f"{issues}/{pull_request}/comments", "--jq", ".[] | [.id, .user.login, .body] | tojson"
    )
    earlier = [json.loads(line) for line in listed.splitlines()]
    for comment in comments:
        marker = comment.splitlines()[0]
        same = [number for number, author, text in earlier if author == AUTHOR and text.startswith(marker)]
        place = ["--method", "PATCH", f"{issues}/comments/{same[0]}"] if same else []
        gh(*(place or [f"{issues}/{pull_request}/comments"]), "--input", "-", given={"body": comment})


def _marker(stack: str) -> str:
    return f"<!-- preview of stack {stack} -->"


def _cut(text: str, longest: int) -> str:
    """Keep the end of a text, which has the facts and the errors."""
    if len(text) <= longest:
        return text
    return f"… {len(text) - longest} characters before this are in the run's log only\n{text[-longest:]}"


def fenced(text: str) -> str:
    """A block of code that nothing in the text can end."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def gh(*arguments: str, given: object = None) -> str:
    """Ask GitHub's API; what it answers.

    Raises:
        subprocess.CalledProcessError: it refuses; ``gh`` has said why.
    """
    done = subprocess.run(
        ["gh", "api", *arguments],
        input=None if given is None else json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _main(command: str, *arguments: str) -> None:
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    if command == "write":
        stack, outcome = arguments
        run = f"{server}/{repository}/actions/runs/{os.environ['GITHUB_RUN_ID']}"
        sys.stdout.write(body(stack, outcome, sys.stdin.read(), run))
    else:
        pull_request, *files = arguments
        post(repository, pull_request, [Path(file).read_text() for file in files])


if __name__ == "__main__":
    _main(*sys.argv[1:])
