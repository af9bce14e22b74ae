"""The workflows, where actionlint has no opinion; and the scripts that they run."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.actionlint import lint
from tools.comment import LONGEST, body, post
from tools.stack import ROOT
from tools.touched import cloud_stacks, touched

GITHUB = ROOT / ".github"
FILES = {path.stem: path for path in (GITHUB / "workflows").glob("*.yml")}
WORKFLOWS: dict[str, dict[Any, Any]] = {
    name: yaml.safe_load(path.read_text()) for name, path in FILES.items()
}
ACTIONS = {path.parent.name: yaml.safe_load(path.read_text()) for path in GITHUB.glob("actions/*/action.yml")}
TEXTS = [path.read_text() for path in (*FILES.values(), *GITHUB.glob("actions/*/action.yml"))]
RUN = "https://github.example/o/r/actions/runs/1"


def triggers(name: str) -> dict[str, Any]:
    found: dict[str, Any] = WORKFLOWS[name][True]  # to YAML, 'on' is a boolean
    return found


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for workflow, content in WORKFLOWS.items():
        for name, job in content["jobs"].items():
            yield workflow, name, job


def steps() -> Iterator[dict[str, Any]]:
    for _, _, job in jobs():
        yield from job["steps"]
    for action in ACTIONS.values():
        yield from action["runs"]["steps"]


def test_there_are_four_workflows() -> None:
    assert WORKFLOWS.keys() == {"test", "preview", "deploy", "watch"}


def test_each_runs_when_it_should() -> None:
    assert triggers("test") == {"push": {"branches": ["main"]}, "pull_request": None}
    # 'pull_request_target' would hand credentials to the code of a fork.
    assert triggers("preview") == {"pull_request": None}
    assert triggers("deploy") == {"push": {"branches": ["main"]}, "release": {"types": ["released"]}}
    assert triggers("watch") == {"schedule": [{"cron": "23 */2 * * *"}], "workflow_dispatch": None}


def test_every_action_is_pinned_to_a_commit_and_says_its_version() -> None:
    used = [line for text in TEXTS for line in text.splitlines() if re.match(r"\s*(- )?uses:", line)]
    assert len(used) == sum("uses" in step for step in steps())
    for line in used:
        assert re.search(r"uses: (\./[\w./-]+|[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line), line


def test_an_action_has_one_version() -> None:
    used = {step["uses"] for step in steps() if "@" in step.get("uses", "")}
    assert len({action.split("@")[0] for action in used}) == len(used)


def test_nothing_may_write_but_what_has_to() -> None:
    assert all(workflow["permissions"] == {"contents": "read"} for workflow in WORKFLOWS.values())
    own = {(workflow, name): job["permissions"] for workflow, name, job in jobs() if "permissions" in job}
    login = {"contents": "read", "id-token": "write"}
    assert own == {
        ("preview", "preview"): login,
        ("preview", "comment"): {"contents": "read", "pull-requests": "write"},
        ("deploy", "staging"): login,
        ("deploy", "production"): login,
        ("watch", "read"): login,
        ("watch", "issue"): {"contents": "read", "issues": "write"},
    }


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_value_is_written_into_a_script() -> None:
    scripts = [step["run"] for step in steps() if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []


def test_no_secret_is_named() -> None:
    assert [text for text in TEXTS if "secrets." in text or "secrets:" in text] == []


def test_a_fork_gets_no_credentials() -> None:
    preview = WORKFLOWS["preview"]["jobs"]["preview"]
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    assert preview["if"].endswith(f"&& {ours}")
    notice = WORKFLOWS["preview"]["jobs"]["stacks"]["steps"][-1]
    assert notice["if"] == ours.replace("==", "!=")
    assert "::notice::" in notice["run"]


def test_a_refused_preview_fails_although_it_is_piped() -> None:
    assert WORKFLOWS["preview"]["defaults"]["run"]["shell"] == "bash"  # with -o pipefail, unlike the default
    gate = WORKFLOWS["preview"]["jobs"]["comment"]["steps"][-1]
    assert gate["if"] == "needs.preview.result != 'success'"
    assert gate["run"].splitlines()[-1] == "exit 1"


@pytest.mark.parametrize(("job", "stack"), [("staging", "staging"), ("production", "prod")])
def test_a_deployment_is_alone_and_never_stopped_half_way(job: str, stack: str) -> None:
    content = WORKFLOWS["deploy"]["jobs"][job]
    assert content["concurrency"] == {"group": f"deploy-{stack}", "cancel-in-progress": False}
    assert "concurrency" not in WORKFLOWS["deploy"]
    assert content["environment"] == job
    engine = next(step["with"] for step in content["steps"] if step.get("uses") == "./.github/actions/engine")
    assert engine["stack"] == stack
    # The engine must not run out of time or credentials before GitHub's own limit.
    assert content["timeout-minutes"] == 360
    assert int(engine["seconds"]) == 360 * 60


def test_only_a_deployment_can_change_anything() -> None:
    changing = {
        (workflow, name)
        for workflow, name, job in jobs()
        if any(re.search(r"make (up|down)|pulumi (up|destroy)", step.get("run", "")) for step in job["steps"])
        or "AWS_DEPLOY_ROLE" in json.dumps(job)
    }
    assert changing == {("deploy", "staging"), ("deploy", "production")}


def test_the_tools_are_installed_before_there_are_credentials() -> None:
    order = [step["name"] for step in ACTIONS["engine"]["runs"]["steps"]]
    assert order.index("Install what make needs") < min(
        index for index, name in enumerate(order) if name.startswith("Log in")
    )


def test_every_job_has_a_time_limit() -> None:
    assert [name for _, name, job in jobs() if "timeout-minutes" not in job] == []


def test_every_target_that_is_made_is_in_the_makefile() -> None:
    made = {
        target for step in steps() for target in re.findall(r"^make (\w+)", step.get("run", ""), re.MULTILINE)
    }
    assert made == {"test", "preview", "up", "check", "metrics"}
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    assert made <= set(targets[1].split())


def test_actionlint_finds_a_mistake(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = FILES["test"].read_text()
    (tmp_path / "good.yml").write_text(text)
    assert lint(tmp_path) == 0
    (tmp_path / "bad.yml").write_text(text.replace("runner.os", "runner.system"))
    assert lint(tmp_path) == 1
    assert 'property "system" is not defined' in capfd.readouterr().out


@pytest.mark.parametrize(
    ("changed", "stacks"),
    [
        ([], []),
        (["README.md", "tools/stack.py", "tests/unit/test_config.py"], []),
        (["Pulumi.prod.yaml"], ["prod"]),
        (["Pulumi.staging.yaml", "README.md", "Pulumi.prod.yaml"], ["prod", "staging"]),
        (["infra/deploy.py"], ["prod", "staging"]),
        (["infra/providers/local/server.py", "Pulumi.prod.yaml"], ["prod", "staging"]),
        (["__main__.py"], ["prod", "staging"]),
        (["Pulumi.yaml"], ["prod", "staging"]),
        (["pyproject.toml"], ["prod", "staging"]),
        (["uv.lock"], ["prod", "staging"]),
        (["Pulumi.dev.yaml"], []),
        (["Pulumi.gone.yaml"], []),
        (["docs/infra/x.md", "tools/__main__.py", "examples/Pulumi.prod.yaml", "xPulumi.yaml"], []),
        (["Pulumi.$(id).yaml", ""], []),
    ],
)
def test_a_change_touches_the_stacks_that_it_can_change(changed: list[str], stacks: list[str]) -> None:
    assert touched(changed, ["staging", "prod"]) == stacks


def test_the_stacks_are_those_with_a_config_that_are_not_of_this_machine(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.eu-1.yaml", "Pulumi.a b;c.yaml", "README.md"):
        (tmp_path / name).touch()
    assert cloud_stacks(tmp_path) == ["eu-1"]


def test_the_workflow_compares_with_the_branch_that_the_pull_request_goes_to(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        user = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *user, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def commit(*names: str) -> None:
        for name in names:
            (tmp_path / name).write_text(f"{name}\n")
        git("add", ".")
        git("commit", "-m", "x")

    git("init", "-b", "main")
    commit("Pulumi.prod.yaml", "Pulumi.staging.yaml", "a.md")
    git("checkout", "-b", "branch")
    git("mv", "a.md", "ä.md")
    (tmp_path / "Pulumi.staging.yaml").write_text("changed\n")
    commit()
    git("checkout", "main")
    commit("uv.lock")  # on main since: no change of the pull request's
    git("merge", "--no-ff", "branch")
    script = next(
        step["run"] for step in WORKFLOWS["preview"]["jobs"]["stacks"]["steps"] if step.get("id") == "touched"
    )
    output = tmp_path / "output"
    environment = {**os.environ, "GITHUB_OUTPUT": str(output), "PYTHONPATH": str(ROOT)}
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert output.read_text() == 'touched=["staging"]\n'


PREVIEW = """\
Installing the tools
Previewing update (prod):

 +  aws:elasticache:ReplicationGroup redis-group create
Outputs:
  + nodes: "2 of cache.t3.small"

Resources:
    + 12 to create
"""


def test_a_comment_shows_the_facts_first_and_the_whole_preview_folded() -> None:
    text = body("prod", "success", PREVIEW, RUN)
    assert text.startswith("<!-- preview of stack prod -->\n### The preview of stack `prod`\n")
    shown, folded = text.split("<details>")
    assert 'nodes: "2 of cache.t3.small"' in shown
    assert "12 to create" in shown
    assert "Installing" not in shown
    assert "Outputs that are not listed stay as they are." in shown
    assert PREVIEW.strip() in folded
    assert RUN in folded


def test_a_comment_on_a_refused_preview_says_so_and_why() -> None:
    text = body("prod", "failure", "Previewing\nDiagnostics:\n  error: the group would be replaced\n", RUN)
    assert "### The preview of stack `prod` is refused or failed\n" in text
    assert "the group would be replaced" in text.split("<details>")[0]
    assert "stay as they are" not in text


def test_a_preview_cannot_end_its_block_of_code() -> None:
    text = body("prod", "success", "Resources:\n```\n</details> @everyone\n````", RUN)
    assert text.count("`````text\nResources:\n```\n</details> @everyone\n````\n`````") == 2


def test_a_comment_is_never_longer_than_github_takes() -> None:
    for line in ("x" * 79 + "\n", "`" * 79 + "\n"):
        text = body("prod", "success", "Diagnostics:\n" + line * 5000 + "Resources:\n    12 unchanged\n", RUN)
        assert LONGEST / 2 < len(text) <= 65_536
        assert text.count("12 unchanged") == 2
        assert text.count("characters before this are in the run's log only") == 2


def test_a_password_in_a_url_does_not_get_into_a_comment() -> None:
    text = body("prod", "failure", "error: rediss://default:p%40ss!@cache.example:6379 and redis://:x@h", RUN)
    assert "p%40ss!" not in text
    assert "rediss://default:[secret]@cache.example:6379 and redis://:[secret]@h" in text


GH = """\
#!/usr/bin/env python3
import json, pathlib, sys
store = pathlib.Path(__file__).with_name("comments.json")
comments = json.loads(store.read_text())
match sys.argv[1:]:
    case ["api", "--paginate", "repos/o/r/issues/7/comments", "--jq", _]:
        for comment in comments:
            print(json.dumps(comment))
    case ["api", "repos/o/r/issues/7/comments", "--input", "-"]:
        comments.append([len(comments), "github-actions[bot]", json.load(sys.stdin)["body"]])
    case ["api", "--method", "PATCH", place, "--input", "-"]:
        comments[int(place.removeprefix("repos/o/r/issues/comments/"))][2] = json.load(sys.stdin)["body"]
    case _:
        sys.exit(f"unexpected: {sys.argv}")
store.write_text(json.dumps(comments))
"""


def test_a_stack_has_one_comment_which_later_runs_rewrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    store = tmp_path / "comments.json"
    quoted = [0, "somebody", body("prod", "success", "a quotation", RUN)]
    store.write_text(json.dumps([quoted]))
    first = [body(stack, "success", "one", RUN) for stack in ("prod", "staging")]
    post("o/r", "7", first)
    assert [text for *_, text in json.loads(store.read_text())] == [quoted[2], *first]
    second = body("staging", "failure", "two", RUN)
    post("o/r", "7", [second])
    assert [text for *_, text in json.loads(store.read_text())] == [quoted[2], first[0], second]


def test_the_scripts_need_no_installed_package() -> None:
    for module in ("tools.touched", "tools.comment", "tools.watch"):
        subprocess.run(
            [
                "/usr/bin/env",
                "python3",
                "-I",
                "-S",
                "-c",
                f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}",
            ],
            check=True,
        )
