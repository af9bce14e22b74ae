"""What a Redis URL says."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from infra.health.failure import TargetError

DEFAULT_PORT = 6379
SCHEMES = {"redis": False, "rediss": True}
FORM = "write redis://user:password@host:port, with rediss:// for TLS"
ENCODE = f"{FORM}; percent-encode every character of the password that is not a letter or a digit"


@dataclass(frozen=True)
class Endpoint:
    """Where the server is and how to log in. The parts of a URL are percent-decoded."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None = field(repr=False)
    database: int | None
    """The number in the URL's path; None without one."""
    written_password: str | None = field(repr=False)
    """The password as it is spelled in the URL."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Take a URL apart.

        Raises:
            TargetError: it is no Redis URL. The message repeats no part that may hold the password.
        """
        parts = _split(url.strip())
        if parts.query or parts.fragment:
            raise TargetError("REDIS_URL has a ? or # in it", ENCODE)
        return cls(
            host=_host(parts),
            port=_port(parts),
            tls=SCHEMES[parts.scheme],
            username=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            database=_database(parts.path),
            written_password=parts.password or None,
        )

    @property
    def address(self) -> str:
        """Host and port, as people write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def redact(self, text: str) -> str:
        """Cross out every spelling of the password."""
        if self.password is None or self.written_password is None:
            return text
        spellings = {
            self.password,
            self.written_password,
            quote(self.password, safe=""),
            quote(self.password),
            repr(self.password)[1:-1],
        }
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return text


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        # `from None`, here and below: Python's own message quotes the piece that it cannot read, and with
        # an unencoded password that piece is a part of the password.
        raise TargetError("REDIS_URL cannot be read as a URL", ENCODE) from None
    if parts.scheme not in SCHEMES:
        raise TargetError("REDIS_URL does not begin with redis:// or rediss://", FORM)
    return parts


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise TargetError("REDIS_URL names no host", ENCODE)
    return unquote(parts.hostname)


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise TargetError("the port in REDIS_URL is not a number from 1 to 65535", ENCODE) from None
    return port or DEFAULT_PORT


def _database(path: str) -> int | None:
    number = path.removeprefix("/")
    if not number:
        return None
    if not (number.isascii() and number.isdigit()):
        raise TargetError(
            "REDIS_URL goes on after its port with something that is no database number", ENCODE
        )
    return int(number)
