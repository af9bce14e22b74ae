"""The block ``local``."""

from typing import Literal

from pydantic import Field

from infra.settings.block import Block
from infra.settings.common import EvictionPolicy, Port, Provider


class LocalSettings(Block):
    """A Redis process on this machine, for development and tests."""

    provider: Literal[Provider.LOCAL] = Provider.LOCAL
    port: Port = 6379
    """TCP port on the loopback address; the ones below 1024 need root."""
    max_memory_mb: int = Field(256, ge=8, le=2**20)
    """How much memory Redis may use, in MiB, up to 1 TiB; an empty one takes 1 to 2."""
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    """What Redis removes when the memory is full."""
    persistence: bool = True
    """Keep an append-only file, so that the data outlives the process."""
    tls: bool = False
    """Speak TLS with a certificate made for the stack. Needs a ``redis-server`` that was built with TLS."""
