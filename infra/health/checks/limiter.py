"""A rate limiter that any number of application servers share."""

from dataclasses import dataclass

from infra.health.target import Client

# Counting and starting the window are one step on the server: two servers can neither both be let through
# as the last one, nor leave a counter without an end.
ADMIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


@dataclass(frozen=True)
class Verdict:
    """Whether a request may pass, and when the window ends."""

    allowed: bool
    reset_ms: int
    """Milliseconds until requests are counted from 0 again."""


async def admit(client: Client, key: str, maximum: int, window_ms: int) -> Verdict:
    """Count one request in the key's window, which begins with its first request."""
    count, reset_ms = await client.eval(ADMIT, 1, key, str(window_ms))
    return Verdict(int(count) <= maximum, int(reset_ms))
