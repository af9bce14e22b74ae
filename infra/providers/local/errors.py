"""What can go wrong with a local server."""


class LocalRedisError(Exception):
    """A local server could not be made, changed or removed; the message says why and what to do."""
