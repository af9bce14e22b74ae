"""The URL that we build, used by clients that we did not write."""

import string
import subprocess

from redis import Redis

from infra.connection import redis_url
from tests.live.running import Serve
from tests.servers import find_redis_cli, require

EVERY_PRINTABLE = string.printable.strip() + " "


def test_clients_log_in_with_every_printable_character(serve_plain: Serve) -> None:
    redis_cli = require(find_redis_cli)
    with serve_plain(password=EVERY_PRINTABLE) as running:
        url = redis_url("127.0.0.1", running.port, EVERY_PRINTABLE, tls=False)
        with Redis.from_url(url) as client:
            assert client.ping()
        command = [str(redis_cli), "-u", url, "--no-auth-warning", "PING"]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        assert said.stdout == "PONG\n"
