"""The issue about a critical Redis, and the workflow that keeps it."""

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import watch
from tools.stack import ROOT
from tools.watch import body, post

RUN = "https://github.example/o/r/actions/runs/1"
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/watch.yml").read_text())


def reading(status: str, stack: str = "staging") -> dict[str, Any]:
    severity = {"severity": status, "metric": None, "cause": f"it is {status}", "remedy": "mend it"}
    note = {"severity": "note", "metric": None, "cause": "big keys: a-key", "remedy": "split it"}
    return {
        "stack": stack,
        "address": "redis.example:6379",
        "at": "2026-11-23T10:00:00+00:00",
        "status": status,
        "metrics": {
            "redis.memory.used": {"value": 91.25, "unit": "%", "status": status},
            "redis.hit_rate": {"value": None, "unit": "%", "status": None},
        },
        "findings": [note] if status == "healthy" else [severity, note],
    }


def test_an_issue_says_what_is_wrong_and_what_to_do() -> None:
    text = body(reading("critical"), RUN)
    assert text.startswith("<!-- redis of stack staging: critical -->\n")
    assert "```text\ncritical: it is critical\n  what to do: mend it\n```" in text
    assert "redis.memory.used            91.25 %" in text
    assert "redis.hit_rate" not in text
    assert RUN in text


def test_an_issue_names_no_key_no_address_and_no_password() -> None:
    found = reading("critical")
    found["findings"][0]["cause"] = "rediss://default:hunter2@h ```\n</details>"
    text = body(found, RUN)
    assert "a-key" not in text
    assert "redis.example" not in text
    assert "hunter2" not in text
    assert "````text\ncritical: rediss://default:[secret]@h ```\n" in text, "nothing ends the block of code"


GH = """\
#!/usr/bin/env python3
import json, pathlib, sys
store = pathlib.Path(__file__).with_name("issues.json")
issues = json.loads(store.read_text())
match sys.argv[1:]:
    case ["api", "--paginate", "repos/o/r/issues?state=open", "--jq", _]:
        for issue in issues:
            if issue["state"] == "open":
                print(json.dumps([issue["number"], issue["author"], issue["body"]]))
    case ["api", "repos/o/r/issues", "--input", "-"]:
        new = {"number": len(issues), "author": "github-actions[bot]", "state": "open"}
        issues.append(new | json.load(sys.stdin))
    case ["api", "--method", "PATCH", place, "--input", "-"]:
        issues[int(place.removeprefix("repos/o/r/issues/"))] |= json.load(sys.stdin)
    case _:
        sys.exit(f"unexpected: {sys.argv}")
store.write_text(json.dumps(issues))
"""


@pytest.fixture
def issues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """GitHub's issues as a file, with one that somebody has copied from ours and one without a text."""
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    foreign = {"author": "somebody", "state": "open", "title": "copied"}
    store = tmp_path / "issues.json"
    store.write_text(
        json.dumps(
            [
                {"number": 0, "body": body(reading("critical"), RUN), **foreign},
                {"number": 1, "body": None, **foreign, "author": "github-actions[bot]"},
            ]
        )
    )
    return store


def ours(store: Path) -> list[tuple[str, str, str]]:
    found = json.loads(store.read_text())
    assert [issue["state"] for issue in found[:2]] == ["open", "open"], "other issues are left alone"
    return [
        (issue["title"], issue["state"], issue["body"].splitlines()[0].split(": ")[1][:-4])
        for issue in found[2:]
    ]


def test_an_issue_is_opened_rewritten_closed_and_opened_anew(issues: Path) -> None:
    title = "The Redis of stack staging is critical"
    states: list[list[tuple[str, str, str]]] = []
    for status in ("healthy", "warning", "critical", "critical", "warning", "healthy", "healthy", "critical"):
        post("o/r", [body(reading(status), RUN)])
        states.append(ours(issues))
    closed = (title, "closed", "healthy")
    assert states == [
        [],
        [],
        [(title, "open", "critical")],
        [(title, "open", "critical")],
        [(title, "open", "warning")],
        [closed],
        [closed],
        [closed, (title, "open", "critical")],
    ]


def test_each_stack_has_an_issue_of_its_own(issues: Path) -> None:
    post("o/r", [body(reading("critical", stack), RUN) for stack in ("staging", "staging-eu")])
    post("o/r", [body(reading("healthy", "staging"), RUN)])
    assert [state for _, state, _ in ours(issues)] == ["closed", "open"]


def test_a_text_that_is_none_of_ours_is_refused(issues: Path) -> None:
    with pytest.raises(ValueError, match="which stack"):
        post("o/r", ["<!-- redis of stack $(id): critical -->"])


def test_without_a_reading_the_workflow_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"):
        monkeypatch.setenv(name, "x")
    with pytest.raises(SystemExit, match="there is no reading"):
        watch._main("write")


@pytest.mark.parametrize(("code", "status"), [(0, "healthy"), (1, "warning"), (2, "critical")])
def test_the_workflow_goes_from_a_reading_to_a_text(
    code: int, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "make").write_text(f"#!/bin/sh\necho '{json.dumps(reading(status))}'\nexit {code}\n")
    (tmp_path / "make").chmod(0o755)
    variables = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "STACK": "acme/staging",
        "NAME": "staging",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_RUN_ID": "1",
    }
    for step in WORKFLOW["jobs"]["read"]["steps"]:
        if "run" in step:
            subprocess.run(
                ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=ROOT, env=variables, check=True
            )
    assert (tmp_path / "texts" / "staging.md").read_text() == body(reading(status), RUN)


def test_the_job_that_writes_has_no_credentials_and_the_one_that_has_them_cannot_write() -> None:
    read, issue = WORKFLOW["jobs"]["read"], WORKFLOW["jobs"]["issue"]
    assert "id-token" not in issue["permissions"]
    assert "issues" not in read["permissions"]
    assert "AWS_" not in json.dumps(issue)
    assert "AWS_DEPLOY_ROLE" not in json.dumps(read)


def test_the_stacks_that_are_watched_have_no_alarms_in_cloudwatch() -> None:
    for stack in WORKFLOW["jobs"]["read"]["strategy"]["matrix"]["stack"]:
        config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
        assert config["provider"] in ("upstash", "rediscloud")
