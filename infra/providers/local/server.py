"""One local redis-server and the folder it owns."""

import contextlib
import json
import secrets
import string
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.files import write_private
from infra.providers.local import certificate, process, redis_conf
from infra.providers.local.errors import LocalRedisError
from infra.settings import EvictionPolicy, LocalSettings

PASSWORD_LENGTH = 48
OURS = (
    process.CONFIG,
    process.LOG,
    "*.pem",
    "*.new",
    "dump.rdb",
    "temp-*",
    "appendonlydir/*",
    "record.json",
)
"""Every file that a server or this module makes in the folder; the record goes last."""


@dataclass(frozen=True)
class Record:
    """What the folder's server was last made to be. Kept in the folder, beside the data it describes."""

    settings: LocalSettings
    password: str = field(repr=False)
    password_version: int = 1


class Server:
    """A redis-server that lives in one folder: its config, its log, its certificate and its data.

    Args:
        directory: the folder; it is made when needed and has to be this server's own.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca_certificate = directory / certificate.AUTHORITY
        self._record = directory / "record.json"

    def record(self) -> Record | None:
        """What was made here, None where nothing was.

        Raises:
            LocalRedisError: the record was damaged.
        """
        try:
            content = json.loads(self._record.read_text())
            settings = LocalSettings.model_validate(content["settings"])
            return Record(settings, content["password"], content["password_version"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise LocalRedisError(
                f"{self._record} cannot be read ({type(error).__name__}). Put it back from a backup; or give "
                "the data up: make down, then make up."
            ) from error

    def client(self, record: Record) -> redis.Redis:
        """A client with the server's own password."""
        return redis.Redis(
            process.HOST,
            record.settings.port,
            password=record.password,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            ssl=record.settings.tls,
            ssl_ca_certs=str(self.ca_certificate),
        )

    def is_running(self) -> bool:
        """Whether our process is there and takes our password."""
        record = self.record()
        return bool(record and process.find(self.directory) and process.answers(self.client(record)))

    def apply(
        self, wanted: LocalSettings, password: str | None = None, *, password_version: int | None = None
    ) -> Record:
        """Make the server what it should be, from wherever it is; doing it twice changes nothing.

        Args:
            wanted: the settings.
            password: the one to use if the folder has none; None makes a new one.
            password_version: another one than the server's makes a new password; None keeps the server's.

        Raises:
            LocalRedisError: it cannot be done; what ran before runs again, and no data is lost.
        """
        if (record := self.record()) is None:
            return self._create(Record(wanted, password or _new_password(), password_version or 1))
        self.directory.chmod(0o700)
        running = self.is_running()
        if running:
            self._require_room(record, wanted)
        # A server loads its data under the settings that it was written with; they change after that.
        moved = record.settings.model_copy(update={"port": wanted.port, "tls": wanted.tls})
        started = replace(record, settings=moved)
        if not running:
            self._stop()
            self._start(started)
        elif moved != record.settings:
            self._restart(record, started)
        self._write_record(started)
        self._require_room(started, wanted)
        self._configure(replace(record, settings=wanted))
        after = self._with_password(replace(record, settings=wanted), password_version)
        self._write_config(after)
        self._write_record(after)
        return after

    def observe(self) -> LocalSettings | None:
        """The settings that the running server really has; None where none is running."""
        record = self.record()
        if record is None or not self.is_running():
            return None
        live: dict[Any, Any] = self.client(record).config_get("maxmemory*", "appendonly")
        return record.settings.model_copy(
            update={
                "max_memory_mb": int(live["maxmemory"]) // 2**20,
                "eviction_policy": EvictionPolicy(live["maxmemory-policy"]),
                "persistence": live["appendonly"] == "yes",
            }
        )

    def version(self) -> str:
        """The running server's version."""
        record = self.record()
        assert record
        return str(self.client(record).info("server")["redis_version"])

    def remove(self) -> None:
        """Stop the server and delete its files. A file that we did not make stays, and its folder with it."""
        self._stop()
        for pattern in OURS:
            for path in self.directory.glob(pattern):
                path.unlink(missing_ok=True)
        for directory in (self.directory / "appendonlydir", self.directory):
            with contextlib.suppress(OSError):  # not empty, or not there
                directory.rmdir()

    def _create(self, record: Record) -> Record:
        self._stop()  # a server of ours whose folder was deleted under it
        if self.directory.exists() and any(self.directory.iterdir()):
            raise LocalRedisError(
                f"{self.directory} has files that this project did not make. "
                "Move them away and run the command again."
            )
        process.require_free_port(record.settings.port)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # The record comes first: whatever ends us from here on, the next run finds what was begun.
            self._write_record(record)
            self._start(record)
        except BaseException:
            self.remove()
            raise
        return record

    def _start(self, record: Record) -> None:
        process.require_free_port(record.settings.port)
        if record.settings.tls:
            certificate.make(self.directory)
        self._write_config(record)
        process.start(self.directory, self.client(record))
        if not record.settings.persistence:
            # A planned restart carried the data over in this file; a later start must not bring it back.
            (self.directory / "dump.rdb").unlink(missing_ok=True)

    def _restart(self, before: Record, after: Record) -> None:
        if before.settings.port != after.settings.port:
            process.require_free_port(after.settings.port)
        if not before.settings.persistence:
            self.client(before).shutdown(save=True)  # in one step: nothing is written after the save
        self._stop()
        try:
            self._start(after)
        except LocalRedisError as error:
            self._start(before)
            raise LocalRedisError(f"{error}\nThe server runs again with its former settings.") from error

    def _stop(self) -> None:
        if found := process.find(self.directory):
            process.stop(found)

    def _require_room(self, record: Record, wanted: LocalSettings) -> None:
        """Make sure that the data fits, before Redis evicts what does not."""
        used = int(self.client(record).info("memory")["used_memory"])
        if used > wanted.max_memory_mb * 2**20:
            raise LocalRedisError(
                f"the data takes {-(-used // 2**20)} MiB, and with local.maxMemoryMb: {wanted.max_memory_mb} "
                "Redis would evict what does not fit. Set it higher, or delete keys first."
            )

    def _configure(self, record: Record) -> None:
        """Bring a running server to the settings that need no restart."""
        client, settings = self.client(record), record.settings
        # Both at once: one after the other, the old policy could evict under the new limit.
        client.config_set(
            "maxmemory", f"{settings.max_memory_mb}mb", "maxmemory-policy", settings.eviction_policy.value
        )
        client.config_set("appendonly", "yes" if record.settings.persistence else "no")
        if record.settings.persistence:
            _wait_for_append_only_file(client)
        else:
            for path in self.directory.glob("appendonlydir/*"):
                path.unlink()

    def _with_password(self, record: Record, version: int | None) -> Record:
        """Give a running server a new password, if it has another version's. Who is connected stays so."""
        if version in (None, record.password_version):
            return record
        after = replace(record, password=_new_password(), password_version=version or 1)
        self.client(record).config_set("requirepass", after.password)
        return after

    def _write_config(self, record: Record) -> None:
        content = redis_conf.render(record.settings, record.password)
        write_private(self.directory / process.CONFIG, content.encode())

    def _write_record(self, record: Record) -> None:
        content = {**vars(record), "settings": record.settings.model_dump(mode="json")}
        write_private(self._record, json.dumps(content).encode())


def _new_password() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(PASSWORD_LENGTH))


def _wait_for_append_only_file(client: redis.Redis) -> None:
    """Wait until the whole data set is in the append-only file that was just switched on."""
    while True:
        state = client.info("persistence")
        if not state["aof_rewrite_in_progress"] and not state["aof_rewrite_scheduled"]:
            break
        time.sleep(0.05)
    if state["aof_last_bgrewrite_status"] != "ok":
        raise LocalRedisError("Redis could not write its append-only file; see redis.log in its folder")
