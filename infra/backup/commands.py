"""What ``make snapshot``, ``make restore`` and ``make drill`` do."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
from rich.console import Console

from infra.backup import contents, elsewhere
from infra.backup.drill import drill as rehearse
from infra.backup.local import LocalBackup
from infra.backup.progress import progress
from infra.backup.provider import Backup, Database, Tell, take_named
from infra.backup.report import age, counted, print_drill, print_snapshots
from infra.backup.snapshot import MANUAL, BackupError, find
from infra.health.endpoint import Endpoint
from infra.health.failure import Problem
from infra.health.problems import explain
from infra.health.runner import Report, run
from infra.health.target import Target
from infra.settings.common import Provider
from infra.settings.environment import Environment

SERVERS, SNAPSHOTS = ".local", ".local-snapshots"
"""The folders of a checkout with the local stacks' servers, and with their snapshots. Git ignores both."""


def snapshot(outputs: Mapping[str, Any], stack: str, root: Path) -> int:
    """Take a snapshot, list those that exist; return the exit code.

    Args:
        outputs: the stack's outputs.
        stack: the stack's name.
        root: the checkout.

    Raises:
        BackupError: it cannot be done.
    """
    with _backup(outputs, stack, root) as (backup, _):
        taken = take_named(backup, MANUAL, datetime.now(UTC))
        existing = backup.snapshots()
    console = Console(highlight=False)
    print_snapshots(existing, console)
    console.print(f"Taken: {taken.name}", soft_wrap=True)
    return 0


def restore(
    outputs: Mapping[str, Any], stack: str, root: Path, name: str | None, *, switch: bool, discard: bool
) -> int:
    """Restore a snapshot beside the stack's own database, check the copy, say how to go on; or do that.

    Args:
        outputs: the stack's outputs.
        stack: the stack's name.
        root: the checkout.
        name: the snapshot's.
        switch: put what was restored in place of what the stack has, instead.
        discard: remove what was restored, instead.

    Raises:
        BackupError: it cannot be done.
    """
    console = Console(highlight=False)
    with _backup(outputs, stack, root) as (backup, tell):
        if switch or discard:
            done = backup.switch() if switch else backup.discard()
            console.print(done, soft_wrap=True)
            return 0
        chosen = find(name, backup.snapshots(), stack)
        restored = backup.restore(chosen)
        tell("checking")
        report = _check(restored, outputs)
        keys = counted(contents.count(restored)) if report.passed else ""
    old = age(chosen, datetime.now(UTC))
    where = f"{restored.host}:{restored.port}"
    console.print(f"{chosen.name}, {old} old, is restored to {where}", soft_wrap=True)
    # Where it is in a VPC and we are not, that is no fault of the restored database.
    reached = report.server is not None
    for problem in _problems(report):
        said = "the check failed" if reached else "it could not be checked from here"
        console.print(f"{said}: {problem.cause}. What to do: {problem.remedy}", soft_wrap=True, markup=False)
    if report.passed:
        console.print(f"It answers, and has {keys}", soft_wrap=True)
    console.print(backup.how_to_switch(chosen, restored), soft_wrap=True, markup=False)
    return 1 if reached and not report.passed else 0


def drill(outputs: Mapping[str, Any], stack: str, root: Path, *, clean: bool) -> int:
    """Rehearse a recovery and report; return the exit code: 0 when it passed, else 1.

    Args:
        outputs: the stack's outputs.
        stack: the stack's name.
        root: the checkout.
        clean: remove what killed drills have left, instead.

    Raises:
        BackupError: it cannot be done.
    """
    console = Console(highlight=False)
    with _backup(outputs, stack, root) as (backup, tell):
        if clean:
            removed = backup.clean()
            console.print(f"Removed: {', '.join(removed) or 'nothing was left'}", soft_wrap=True)
            return 0
        report = rehearse(backup, tell)
    print_drill(report, console)
    return 1 if report.problems else 0


def after_destroy(stack: str, root: Path) -> str | None:
    """Remove the local servers beside the stack's own, which is gone; say which snapshots stay, if any."""
    backup = _local(stack, root, lambda _: None)
    backup.forget_servers()
    number = len(backup.snapshots())
    if not number:
        return None
    kept = "1 snapshot stays" if number == 1 else f"{number} snapshots stay"
    return f"{kept} in {backup.store}; rm -r removes them."


@contextmanager
def _backup(outputs: Mapping[str, Any], stack: str, root: Path) -> Iterator[tuple[Backup, Tell]]:
    if instead := elsewhere.how(outputs, stack):
        raise BackupError(instead)
    # CI stops a job by SIGTERM: it shall clean up as after Ctrl-C.
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with progress(Console(stderr=True)) as tell:
            yield _of(outputs, stack, root, tell), tell
    except redis.RedisError as error:
        problem = explain(error, Endpoint.parse(outputs["REDIS_URL"]))
        raise BackupError(f"{problem.cause}. What to do: {problem.remedy}") from error
    finally:
        signal.signal(signal.SIGTERM, former)


def _of(outputs: Mapping[str, Any], stack: str, root: Path, tell: Tell) -> Backup:
    if outputs["provider"] == Provider.LOCAL:
        return _local(stack, root, tell)
    from infra.backup.elasticache import connect

    return connect(outputs["region"], outputs["replicationGroupId"], outputs["REDIS_URL"], stack, tell)


def _local(stack: str, root: Path, tell: Tell) -> LocalBackup:
    short = stack.rpartition("/")[2]
    return LocalBackup(root / SERVERS / short, root / SNAPSHOTS / short, stack, tell)


def _check(database: Database, outputs: Mapping[str, Any]) -> Report:
    """Run the live check that writes the least: one value, which it deletes again."""
    target = Target(database.url, Environment.from_variables(outputs["environment"]), database.ca_certificate)
    return asyncio.run(run(target, ["ping"]))


def _problems(report: Report) -> set[Problem]:
    found = (report.problem, *(result.problem for result in report.results))
    return {problem for problem in found if problem}
