"""A local server that begins with the data of an RDB file."""

from dataclasses import replace
from pathlib import Path

from infra.files import copy_private
from infra.providers.local import process
from infra.providers.local.server import Record, Server
from infra.settings import LocalSettings

ROOMY = 2**20
"""MiB. While the file is loaded, no limit may evict a part of it; whether all fits is asked afterwards."""


class FillableServer(Server):
    """A server of which the data can come from a file, also while it is there already."""

    def fill(self, rdb: Path, wanted: LocalSettings, password: str) -> Record:
        """Give the server the data of an RDB file in place of what it has; it is made when it is not there.

        A running one is started anew: its clients have to connect again.

        Args:
            rdb: the file.
            wanted: the settings.
            password: the one of a server that is not there yet.

        Raises:
            LocalRedisError: it cannot be done. A new server leaves nothing; one that was there runs again,
                with its data if it keeps an append-only file, else empty.
        """
        before = self.record()
        if before is None:
            process.require_free_port(wanted.port)
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._begin(rdb, replace(before, settings=wanted) if before else Record(wanted, password))
            return self.apply(wanted)
        except BaseException:
            if before is None:
                self.remove()
            else:
                self._go_back(before)
            raise

    def _begin(self, rdb: Path, record: Record) -> None:
        """Prepare a start from the file, which Redis reads only where it keeps no append-only file."""
        copy_private(rdb, self._dump)
        alone = record.settings.model_copy(update={"persistence": False, "max_memory_mb": ROOMY})
        self._write_record(replace(record, settings=alone))
        self._stop()

    def _go_back(self, before: Record) -> None:
        self._stop()
        self._dump.unlink(missing_ok=True)
        self._write_record(before)
        self._start(before)

    @property
    def _dump(self) -> Path:
        return self.directory / "dump.rdb"
