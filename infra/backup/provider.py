"""What a provider has to be able to do, so that its data can be saved and restored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.backup.snapshot import NameTakenError, Snapshot, names
from infra.connection import redis_url

CONNECT_SECONDS = 5.0
"""How long a database may take to accept a connection: what is not reachable should be known soon."""
REPLY_SECONDS = 30.0
"""How long a command may take."""

Tell = Callable[[str], None]
"""Takes what is being done at the moment, in a few words."""


@dataclass(frozen=True)
class Database:
    """A database and how to log in to it."""

    name: str
    """What it is called where it lives."""
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    tls: bool
    ca_certificate: Path | None = None

    @property
    def url(self) -> str:
        """The URL, with the password in it."""
        return redis_url(self.host, self.port, self.password, username=self.username, tls=self.tls)

    def client(self, number: int = 0) -> redis.Redis:
        """A client for one of its logical databases; the caller closes it."""
        return redis.Redis(
            host=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            db=number,
            protocol=2,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=REPLY_SECONDS,
            retry=Retry(NoBackoff(), 0),
            ssl=self.tls,
            ssl_ca_certs=str(self.ca_certificate) if self.ca_certificate else None,
        )


class Backup(Protocol):
    """The snapshots of one stack's database.

    Every method raises BackupError when it cannot be done. ``run`` is the mark of a drill: what is made under
    it, and nothing else, can be removed by ``clean``.
    """

    def source(self) -> Database:
        """The stack's own database."""

    def snapshots(self) -> Sequence[Snapshot]:
        """Those that exist, the newest first."""

    def take(self, name: str, run: str | None = None) -> Snapshot:
        """Take a snapshot and wait until it is complete.

        Raises:
            NameTakenError: there is one of this name.
        """

    def restore(self, snapshot: Snapshot, run: str | None = None) -> Database:
        """Make a new database beside the stack's own from a snapshot, and wait until it answers."""

    def how_to_switch(self, snapshot: Snapshot, restored: Database) -> str:
        """What to do so that the application uses the restored database."""

    def switch(self) -> str:
        """Put what was restored in place of what the stack's database has; return what was done."""

    def discard(self) -> str:
        """Remove what ``restore`` has made; return what was done."""

    def settings(self, database: Database) -> Mapping[str, str]:
        """What the provider tells about a database; a restored one should have the same."""

    def clean(self, run: str | None = None) -> Sequence[str]:
        """Remove what a drill has made, of any drill without a mark; return what was removed."""

    def leftovers(self) -> Sequence[str]:
        """The names of what drills have made and not removed (yet)."""


def take_named(backup: Backup, prefix: str, now: datetime) -> Snapshot:
    """Take a snapshot under the first name that is free.

    Raises:
        BackupError: it cannot be taken.
    """
    *first, last = names(prefix, now)
    for name in first:
        try:
            return backup.take(name)
        except NameTakenError:
            continue
    return backup.take(last)
