"""A new password without an outage: on the real engine, with a real Redis behind the account in memory."""

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
import yaml
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from tests.engine.cloud.memory import Call, Thing
from tests.engine.cloud.wire import Properties
from tests.engine.project import Project
from tests.engine.scenarios import assert_nothing_to_do
from tests.engine.stack import CloudStack, cloud_stack
from tests.engine.test_recovery import ELASTICACHE, make
from tests.live.running import Running, serve

USER = "redis-access-app"


class Application:
    """A client in a loop, with a new connection for each command, as many small processes would have."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.password, self.commands, self.failures = password, 0, list[str]()
        self._port, self._user = port, user
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Application":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def connect(self, password: str) -> redis.Redis:
        return redis.Redis(
            port=self._port, username=self._user, password=password, retry=Retry(NoBackoff(), 0)
        )

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            try:
                with self.connect(self.password) as client:
                    client.incr("commands")
            except RedisError as error:
                self.failures.append(str(error))
            self.commands += 1


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serve(tmp_path_factory.mktemp("real")) as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, server: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudStack]:
    """A stack whose user has, on a real server, the passwords that the account has been told."""
    with cloud_stack(tmp_path, "prod", {"AWS_REGION": "us-east-1"}) as stack:
        create, update = stack.cloud.create, stack.cloud.update

        def login(call: Call, thing: Thing) -> Thing:
            if call.name == USER:
                passwords = [f">{password}" for password in thing.properties["passwords"]]
                server.command("ACL SETUSER", "app", "reset", "on", "~*", "+@all", *passwords)
            return thing

        def created(call: Call, inputs: Properties) -> Thing:
            return login(call, create(call, inputs))

        def updated(call: Call, resource_id: str, inputs: Properties) -> Thing:
            return login(call, update(call, resource_id, inputs))

        monkeypatch.setattr(stack.cloud, "create", created)
        monkeypatch.setattr(stack.cloud, "update", updated)
        yield stack


def password_of(stack: CloudStack) -> str:
    return urlsplit(str(stack.outputs()["REDIS_URL"])).password or ""


def test_no_command_fails_while_elasticache_gets_a_new_password(stack: CloudStack, server: Running) -> None:
    stack.configure(ELASTICACHE)
    stack.up()
    old = password_of(stack)
    with Application(server.port, "app", old) as application:
        make(stack, "rotate")
        new = password_of(stack)
        assert new != old
        application.password = new  # a restart: it reads what was delivered
        make(stack, "rotate")
    assert application.failures == []
    assert application.commands > 100
    with pytest.raises(AuthenticationError), application.connect(old) as client:
        client.ping()
    config = yaml.safe_load((stack.folder / "Pulumi.prod.yaml").read_text())["config"]
    assert config["password"] == {"version": 2}
    assert password_of(stack) == new
    assert_nothing_to_do(stack)
    written = stack.written()
    assert old not in written
    assert new not in written


def test_a_step_that_failed_is_done_again_before_the_old_password_ends(stack: CloudStack) -> None:
    stack.configure(ELASTICACHE)
    stack.up()
    stack.cloud.fail("update", USER, "before")
    make(stack, "rotate", code=1)
    assert len(stack.cloud.named(USER).properties["passwords"]) == 1
    assert "doing that first" in make(stack, "rotate")
    assert len(stack.cloud.named(USER).properties["passwords"]) == 2, "the application may still have it"
    make(stack, "rotate")
    assert stack.cloud.named(USER).properties["passwords"] == [password_of(stack)]


def test_the_local_one_changes_its_password_and_keeps_its_clients(project: Project) -> None:
    project.make("up")
    old = project.stack_output("REDIS_URL")
    with project.client() as connected:
        connected.set("kept", "yes")
        assert "This makes a new password" in project.make("rotate")
        assert connected.get("kept") == "yes", "who is connected stays connected"
    new = project.stack_output("REDIS_URL")
    assert new != old
    assert project.client().get("kept") == "yes"
    with pytest.raises(AuthenticationError):
        redis.Redis.from_url(old).ping()
    project.kill_server()
    project.up()
    assert project.client().get("kept") == "yes", "after a restart, too, with the new password"
    assert project.stack_output("REDIS_URL") == new
