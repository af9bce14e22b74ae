"""Snapshots of a server on this machine: RDB files in a folder that ``make down`` does not touch."""

import contextlib
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.filesize import decimal

from infra.backup.local.saving import save
from infra.backup.provider import Database, Tell, take_named
from infra.backup.snapshot import BEFORE_SWITCH, DRILL, BackupError, NameTakenError, Snapshot
from infra.providers.local import process
from infra.providers.local.errors import LocalRedisError
from infra.providers.local.filling import FillableServer
from infra.providers.local.server import Record, Server

SERVER, RESTORED, REHEARSED = "redis", "restored", "drill-"
"""The folders of the stack's own server, of one that was restored, and of a drill's."""
SUFFIX = ".rdb"


class LocalBackup:
    """The snapshots of a local server.

    Args:
        home: the folder of the stack's server is in this one, and so will be that of a restored one.
        store: the folder of the snapshots; it is made when it is needed.
        stack: the stack's name.
        tell: is told what is being done.
    """

    def __init__(self, home: Path, store: Path, stack: str, tell: Tell) -> None:
        self._home, self.store, self._stack, self._tell = home, store, stack, tell
        self._server = FillableServer(home / SERVER)
        self._restored = FillableServer(home / RESTORED)

    def source(self) -> Database:
        """The stack's own server."""
        return _database(self._server, self._running(self._server))

    def snapshots(self) -> list[Snapshot]:
        """The files of the store, the newest first."""
        files = sorted(self.store.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
        return [_snapshot(path) for path in files]

    def take(self, name: str, run: str | None = None) -> Snapshot:
        """Let the server write its data into a new file of the store; the name is the only mark of a drill.

        Raises:
            NameTakenError: there is one of this name.
            BackupError: the server is not running, or the file cannot be written.
        """
        path = self._path(name)
        if path.exists():
            raise NameTakenError(f"there is a snapshot {name} already")
        own = self._running(self._server)
        try:
            self.store.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.store.chmod(0o700)
            save(self._server, own, path, self._tell)
        except OSError as error:
            raise BackupError(f"the snapshot cannot be written: {error}. Nothing was kept of it") from error
        return _snapshot(path)

    def restore(self, snapshot: Snapshot, run: str | None = None) -> Database:
        """Start a server beside the stack's own, with its settings and its password, on a free port.

        Raises:
            BackupError: there is a restored server already, or Redis cannot load the file.
        """
        like = self._running(self._server)
        server = FillableServer(self._home / f"{REHEARSED}{run}") if run else self._restored
        if server.record():
            raise BackupError(
                f"stack {self._stack} has a restored server already: make restore STACK={self._stack} with "
                "ARGS=--switch puts its data in place of the stack's own, with ARGS=--discard removes it"
            )
        self._tell("loading the keys")
        wanted = like.settings.model_copy(update={"port": _free_port()})
        try:
            record = server.fill(self._path(snapshot.name), wanted, like.password)
        except (LocalRedisError, OSError) as error:
            raise BackupError(
                f"{snapshot.name} cannot be restored, and the stack's own server is as it was: {error}"
            ) from error
        return _database(server, record)

    def how_to_switch(self, snapshot: Snapshot, restored: Database) -> str:
        """Say how to look at the restored server and how to go on."""
        make = f"make restore STACK={self._stack} ARGS="
        return (
            f"Look at it: REDIS_URL with the port {restored.port} and everything else as it is.\n"
            f"Switch: {make}--switch puts its data in place of the stack's own, of which it takes a snapshot "
            "first. REDIS_URL stays; clients connect again.\n"
            f"Or remove it: {make}--discard"
        )

    def switch(self) -> str:
        """Give the stack's own server the data of the restored one, which goes; what it had is in a snapshot.

        Raises:
            BackupError: nothing was restored, one of both does not run, or the data does not fit.
        """
        own, restored = self._running(self._server), self._running(self._restored)
        before = self._keep_data(own)
        carried = self._home / f"{RESTORED}{SUFFIX}"
        try:
            save(self._restored, restored, carried, self._tell)
            self._tell("loading the keys into the stack's own server")
            self._server.fill(carried, own.settings, own.password)
        except (LocalRedisError, OSError) as error:
            raise BackupError(f"the data was not put in place: {error}. {before}") from error
        finally:
            carried.unlink(missing_ok=True)
        self._restored.remove()
        return f"The server of stack {self._stack} has the restored data. {before}"

    def discard(self) -> str:
        """Remove the restored server with its data.

        Raises:
            BackupError: there is none.
        """
        if not self._restored.record():
            raise BackupError(f"stack {self._stack} has no restored server")
        self._restored.remove()
        return "The restored server is gone."

    def settings(self, database: Database) -> Mapping[str, str]:
        """What the server with the database really has for settings, but for its port."""
        live = Server(self._home / database.name).observe()
        dumped = live.model_dump(mode="json", by_alias=True, exclude={"port"}) if live else {}
        return {key: str(value) for key, value in dumped.items()}

    def leftovers(self) -> list[str]:
        """The folders and files of drills."""
        return [path.name for path in self._marked("")]

    def clean(self, run: str | None = None) -> list[str]:
        """Remove the servers and snapshots of one drill, or of all."""
        marked = self._marked(run or "")
        for path in marked:
            if path.suffix == SUFFIX:
                path.unlink(missing_ok=True)
            else:
                Server(path).remove()
        return [path.name for path in marked]

    def forget_servers(self) -> None:
        """Remove every server beside the stack's own: for a stack that was destroyed."""
        for folder in (self._restored.directory, *self._home.glob(f"{REHEARSED}*")):
            Server(folder).remove()
        for folder in (self._home, self._home.parent):
            with contextlib.suppress(OSError):  # not empty, or not there
                folder.rmdir()

    def _keep_data(self, own: Record) -> str:
        """Take a snapshot of the stack's own data, if there is any; say where it is."""
        with self._server.client(own) as client:
            if not client.info("keyspace"):
                return "It was empty before."
        kept = take_named(self, BEFORE_SWITCH, datetime.now(UTC))
        return f"What it had before is in the snapshot {kept.name}."

    def _marked(self, run: str) -> list[Path]:
        return [
            *self._home.glob(f"{REHEARSED}{run}*"),
            *self.store.glob(f"{DRILL}*{run}{SUFFIX}"),
        ]

    def _path(self, name: str) -> Path:
        return self.store / f"{name}{SUFFIX}"

    def _running(self, server: Server) -> Record:
        record = server.record()
        if record and server.is_running():
            return record
        make = f"make restore STACK={self._stack} ARGS=<name of a snapshot>"
        if server is self._restored and record:
            raise BackupError(
                f"the restored server of stack {self._stack} has stopped; make restore STACK={self._stack} "
                f"ARGS=--discard removes it, then {make} starts one again"
            )
        if server is self._restored:
            raise BackupError(f"no restored server of stack {self._stack} is running; {make} starts one")
        raise BackupError(f"the server of stack {self._stack} is not running: make up STACK={self._stack}")


def _snapshot(path: Path) -> Snapshot:
    status = path.stat()
    return Snapshot(
        name=path.name.removesuffix(SUFFIX),
        taken=datetime.fromtimestamp(status.st_mtime, UTC),
        size=decimal(status.st_size),
        source="manual",
    )


def _database(server: Server, record: Record) -> Database:
    return Database(
        name=server.directory.name,
        host=process.HOST,
        port=record.settings.port,
        username="default",
        password=record.password,
        tls=record.settings.tls,
        ca_certificate=server.ca_certificate if record.settings.tls else None,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((process.HOST, 0))
        port: int = probe.getsockname()[1]
    return port
