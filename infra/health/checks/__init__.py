"""The checks, by the name that a user gives."""

from collections.abc import Awaitable, Callable, Mapping

from infra.health.checks.cache import cache
from infra.health.checks.ping import ping
from infra.health.checks.pubsub import pubsub
from infra.health.checks.ratelimit import ratelimit
from infra.health.checks.sessions import sessions
from infra.health.probe import Probe

CHECKS: Mapping[str, Callable[[Probe], Awaitable[None]]] = {
    "ping": ping,
    "sessions": sessions,
    "ratelimit": ratelimit,
    "cache": cache,
    "pubsub": pubsub,
}
