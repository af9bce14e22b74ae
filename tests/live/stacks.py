"""The folders of a local stack without the engine: its server, and its snapshots."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import redis

from infra.backup import contents
from infra.backup.local import LocalBackup
from infra.backup.provider import Database, take_named
from infra.backup.snapshot import MANUAL, Snapshot
from infra.providers.local.server import Record, Server
from infra.settings import LocalSettings
from tests.servers import free_port

NOW = datetime(2025, 1, 4, 9, 30, tzinfo=UTC)


@dataclass
class Stack:
    """A stack's folders, with a running server."""

    home: Path
    store: Path
    told: list[str] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return Server(self.home / "redis")

    @property
    def backup(self) -> LocalBackup:
        return LocalBackup(self.home, self.store, "dev", self.told.append)

    @property
    def record(self) -> Record:
        record = self.server.record()
        assert record
        return record

    def client(self, number: int = 0) -> redis.Redis:
        return self.backup.source().client(number)

    def up(self, **settings: object) -> None:
        self.server.apply(LocalSettings.model_validate({"port": free_port(), **settings}))

    def processes(self) -> list[psutil.Process]:
        found = psutil.process_iter(["cwd"])
        return [one for one in found if (one.info["cwd"] or "").startswith(str(self.home))]

    def fill(self) -> None:
        """Write a key of every type, into two logical databases, with a TTL and without."""
        with self.client() as client, self.client(3) as third:
            client.set(b"binary \x00\xff", b"\x00\x01\xfe", ex=3000)
            client.set("mantis:session:abc", "{}", px=86_400_123)
            client.hset("hash", mapping={f"f{n}": n for n in range(600)})
            client.rpush("list", *range(2000))
            client.sadd("set", *(f"m{n}" for n in range(700)))
            client.sadd("numbers", 1, 2, 3)
            client.zadd("zset", {f"m{n}": n / 3 for n in range(900)})
            client.xadd("stream", {"a": "1"})
            client.xadd("stream", {"b": "2"})
            client.expire("zset", 7000)
            third.set("elsewhere", "yes", ex=500)

    def prints(self, database: Database | None = None) -> contents.Sample:
        """The fingerprints of all keys."""
        return contents.sample(database or self.backup.source(), limit=10_000)

    def traces(self) -> list[str]:
        """Everything that is there beside the server's own folder."""
        beside = [path.name for path in self.home.iterdir() if path.name != "redis"]
        return sorted([*beside, *(path.name for path in self.store.glob("*"))])

    def snapshot(self) -> Snapshot:
        """Take one under the name of a certain day."""
        return take_named(self.backup, MANUAL, NOW)

    def kill(self) -> None:
        """End every process of the stack as a crash would."""
        left = self.processes()
        for one in left:
            one.kill()
        psutil.wait_procs(left)
