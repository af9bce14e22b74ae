"""The config file of a local server."""

from collections.abc import Iterator

from infra.providers.local import certificate, process
from infra.settings import LocalSettings


def render(settings: LocalSettings, password: str) -> str:
    """The content of redis.conf. It names no folder: Redis works in the one that it was started in."""
    return "".join(f"{line}\n" for line in _lines(settings, password))


def _lines(settings: LocalSettings, password: str) -> Iterator[str]:
    yield "# Written by mantisnxt-redis at every change; edit the stack's config instead."
    yield f"bind {process.HOST}"
    yield f"port {0 if settings.tls else settings.port}"
    if settings.tls:
        yield f"tls-port {settings.port}"
        yield f"tls-cert-file {certificate.SERVER}"
        yield f"tls-key-file {certificate.SERVER}"
        yield f"tls-ca-cert-file {certificate.AUTHORITY}"
        yield "tls-auth-clients no"
    yield f"requirepass {password}"
    yield f"maxmemory {settings.max_memory_mb}mb"
    yield f"maxmemory-policy {settings.eviction_policy}"
    yield f"appendonly {'yes' if settings.persistence else 'no'}"
    yield 'save ""'
    yield "set-proc-title no"  # the command line is how the process is found again
