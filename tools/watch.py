"""The issue that says that a stack's Redis is critical: one for each stack, closed when it is healthy again.

The workflow runs it on a machine's own Python, so it uses the standard library only::

    python -m tools.watch write < reading.json > STACK.md
    python -m tools.watch post STACK.md …
"""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from tools.comment import AUTHOR, PASSWORD, fenced, gh

FIRST_LINE = re.compile(r"<!-- redis of stack ([A-Za-z0-9_.-]+): (healthy|warning|critical) -->")


def body(reading: dict[str, Any], run: str) -> str:
    """Write the issue.

    Args:
        reading: what ``make metrics ARGS=--json`` printed. Its notes, which name keys, are left out: an issue
            may be read by everybody.
        run: the address of the workflow's run.
    """
    stack, status = reading["stack"], reading["status"]
    lines = [
        f"{finding['severity']}: {finding['cause']}\n  what to do: {finding['remedy']}"
        for finding in reading["findings"]
        if finding["severity"] != "note"
    ]
    text = PASSWORD.sub(r"\1[secret]@", "\n".join(lines)) or "No metric is beyond its threshold."
    figures = "\n".join(
        f"{name:<28} {metric['value']:,.2f} {metric['unit']}".rstrip()
        for name, metric in reading["metrics"].items()
        if metric["value"] is not None
    )
    return (
        f"<!-- redis of stack {stack}: {status} -->\n"
        f"At {reading['at']} the Redis of stack `{stack}` was {status}.\n\n{fenced(text)}\n\n"
        f"<details><summary>All metrics</summary>\n\n{fenced(figures)}\n\n</details>\n\n"
        f"[The run]({run}). Later runs rewrite this text, and close the issue when all is well.\n"
    )


def post(repository: str, texts: list[str]) -> None:
    """Open, rewrite or close the issue of each stack; leave alone what people have written.

    A warning opens no issue, and closes none.

    Raises:
        subprocess.CalledProcessError: GitHub refuses; ``gh`` has said why.
        ValueError: a text does not begin as ``body`` lets it.
    """
    issues = f"repos/{repository}/issues"
    listed = gh("--paginate", f"{issues}?state=open", "--jq", ".[] | [.number, .user.login, .body] | tojson")
    opened = [json.loads(line) for line in listed.splitlines()]
    for text in texts:
        stack, status = _first_line(text)
        own = [number for number, author, old in opened if author == AUTHOR and _is_about(old or "", stack)]
        if own:
            state = {"state": "closed", "state_reason": "completed"} if status == "healthy" else {}
            gh("--method", "PATCH", f"{issues}/{own[0]}", "--input", "-", given={"body": text, **state})
        elif status == "critical":
            title = f"The Redis of stack {stack} is critical"
            gh(issues, "--input", "-", given={"title": title, "body": text})


def _first_line(text: str) -> tuple[str, str]:
    found = FIRST_LINE.match(text)
    if not found:
        raise ValueError("the text does not say which stack it is about")
    return found[1], found[2]


def _is_about(text: str, stack: str) -> bool:
    found = FIRST_LINE.match(text)
    return found is not None and found[1] == stack


def _main(command: str, *files: str) -> None:
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    if command == "post":
        post(repository, [Path(file).read_text() for file in files])
        return
    try:
        reading = json.load(sys.stdin)
    except json.JSONDecodeError:
        sys.exit("error: there is no reading: make metrics has said why, above")
    sys.stdout.write(body(reading, f"{server}/{repository}/actions/runs/{os.environ['GITHUB_RUN_ID']}"))


if __name__ == "__main__":
    _main(*sys.argv[1:])
