"""Check a target and tell the result: what every command line of the project calls."""

import asyncio
import signal
from collections.abc import Sequence

from rich.console import Console

from infra.health.report import as_json, print_report
from infra.health.runner import Report, run
from infra.health.target import Target

PASSED, FAILED = 0, 1


def check(target: Target, names: Sequence[str], *, json: bool) -> int:
    """Run the named checks, print their report to stdout and return the exit code: 0 when all passed, else 1.

    Raises:
        KeyError: there is no check of a given name.
        KeyboardInterrupt: the user stopped it; the checks have deleted their keys.
    """
    report = asyncio.run(_run_until_stopped(target, names))
    if json:
        print(as_json(report))
    else:
        print_report(report, Console(highlight=False))
    return PASSED if report.passed else FAILED


async def _run_until_stopped(target: Target, names: Sequence[str]) -> Report:
    """Let SIGTERM, by which CI stops a job, clean up as Ctrl-C does."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None, "this is a coroutine"
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        return await run(target, names)
    except asyncio.CancelledError:
        if stopped:
            raise KeyboardInterrupt from None
        raise
