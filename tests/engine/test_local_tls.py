"""The local Redis with a server that speaks TLS."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.project import Project
from tests.servers import find_tls_server, require


@pytest.fixture(scope="module", autouse=True)
def _tls_server_on_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("bin")
    (folder / "redis-server").symlink_to(require(find_tls_server))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield


def test_tls_is_switched_on_and_off_with_the_data_kept(running: Project) -> None:
    running.configure(tls=True)
    assert "with TLS" in running.make("up")
    assert running.stack_output("REDIS_URL").startswith("rediss://")
    authority = str(running.server_folder / "ca.pem")
    assert running.stack_output("caCertificate") == authority
    variables = running.stack_output("environment")
    assert (variables["REDIS_TLS"], variables["NODE_EXTRA_CA_CERTS"]) == ("true", authority)
    assert running.client().get("kept") == "yes"

    running.configure(tls=False)
    running.up()
    assert running.stack_output("REDIS_URL").startswith("redis://")
    assert running.client().get("kept") == "yes"


def test_a_client_without_the_authority_is_refused(running: Project) -> None:
    running.configure(tls=True)
    running.up()
    text = running.make("check", "ping", "--url", running.stack_output("REDIS_URL"), code=1)
    assert "certificate" in text
    assert "--cacert" in text
