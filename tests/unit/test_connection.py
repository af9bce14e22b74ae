"""The URL and the variables that an application gets."""

import string
from urllib.parse import unquote, urlsplit

import pytest
from redis.asyncio.connection import parse_url

from infra.connection import redis_url

EVERY_PRINTABLE = string.printable.strip() + " "


@pytest.mark.parametrize(
    ("host", "password", "tls", "expected"),
    [
        ("127.0.0.1", "abc", False, "redis://default:abc@127.0.0.1:6379"),
        ("cache.example", "a/b@c:d%e", True, "rediss://default:a%2Fb%40c%3Ad%25e@cache.example:6379"),
        ("::1", "x", False, "redis://default:x@[::1]:6379"),
        ("h", "ü ", True, "rediss://default:%C3%BC%20@h:6379"),
    ],
)
def test_url(host: str, password: str, tls: bool, expected: str) -> None:
    assert redis_url(host, 6379, password, tls=tls) == expected


def test_the_engine_hands_out_numbers_as_floats() -> None:
    assert redis_url("h", 6379.0, "p", tls=False).endswith("@h:6379")  # type: ignore[arg-type]


@pytest.mark.parametrize("password", [EVERY_PRINTABLE, *EVERY_PRINTABLE])
def test_every_printable_character_survives(password: str) -> None:
    url = redis_url("cache.example", 6380, password, username="app:user", tls=True)
    # redis-py
    assert parse_url(url)["password"] == password
    # ioredis and node-redis take URL apart by the WHATWG rules and decode each part by itself.
    parts = urlsplit(url)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == ("app:user", password)
    # ioredis' older rule: decode "user:password" first, then cut at the first colon.
    assert unquote(url.split("//")[1].split("@")[0]).split(":", 2)[2] == password
    # Nothing that a shell or an .env file would read as its own.
    assert not set(url) & set(" '\"$`\\#&;|<>()")
