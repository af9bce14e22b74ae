"""Lets a running local server write its data into a file of ours."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis

from infra.backup.provider import Tell
from infra.backup.snapshot import BackupError
from infra.files import copy_private
from infra.providers.local.server import Record, Server

PAUSE = 0.05
"""Seconds between two looks at how far the server is."""


def save(server: Server, record: Record, target: Path, tell: Tell) -> datetime:
    """Let the server write an RDB file in the background, and copy it; return from when its data is.

    Args:
        server: a running server.
        record: what it was made to be.
        target: the new file, readable by its owner only.
        tell: is told how far it is.

    Raises:
        BackupError: the server could not write it, or died.
        OSError: the file cannot be copied.
    """
    written = server.directory / "dump.rdb"
    try:
        with server.client(record) as client:
            taken = _begin(client, tell)
            try:
                _wait(client, tell, server)
            except KeyboardInterrupt:
                tell("stopping, as soon as the server has ended its save")
                _wait(client, lambda _: None, server)
                raise
        copy_private(written, target)
    except redis.RedisError as error:
        raise BackupError(
            f"the server in {server.directory} was lost while it wrote the snapshot ({error}); nothing was "
            "kept of it. make up starts the server again"
        ) from error
    finally:
        # A server without persistence must not find its old data at a later start.
        written.unlink(missing_ok=True)
    os.utime(target, (taken.timestamp(), taken.timestamp()))
    return taken


def _begin(client: redis.Redis, tell: Tell) -> datetime:
    """Start a save of our own, as one that is at work now has older data; return when."""
    while True:
        now = datetime.now(UTC)
        try:
            client.bgsave(schedule=False)
            return now
        except redis.ResponseError as error:
            if "in progress" not in str(error):
                raise
        tell("waiting for another save of the server")
        time.sleep(PAUSE)


def _wait(client: redis.Redis, tell: Tell, server: Server) -> None:
    while (state := client.info("persistence"))["rdb_bgsave_in_progress"]:
        tell(_progress(state))
        time.sleep(PAUSE)
    if state["rdb_last_bgsave_status"] != "ok":
        raise BackupError(
            f"Redis could not write the snapshot: its reason is in {server.directory / 'redis.log'}; most "
            "often the disk is full. Nothing was kept of it, and the data is as it was"
        )


def _progress(state: dict[str, Any]) -> str:
    done, all_keys = state.get("current_save_keys_processed", 0), state.get("current_save_keys_total", 0)
    return f"writing the keys: {10 * (10 * done // all_keys)} %" if all_keys else "writing the keys"
