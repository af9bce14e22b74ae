"""The environment, published: prod as it is in this repository, with deliveries, under the real engine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.cloud.memory import Thing
from tests.engine.project import CHECKOUT
from tests.engine.scenarios import assert_in_step, assert_no_secret, assert_nothing_to_do
from tests.engine.stack import CloudStack, cloud_stack

CREDENTIALS = {
    "UPSTASH_EMAIL": "ops@example.com", "UPSTASH_API_KEY": "a-key-of-upstash",
    "VERCEL_API_TOKEN": "a-token-of-vercel",
}  # fmt: skip
KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
READER = "arn:aws:iam::123456789012:role/application"
TEAM = "team_acme"

SECRET: dict[str, Any] = {"to": "secretsManager", "readerRoleArns": [READER], "kmsKeyArn": KEY}
OTHER_SECRET: dict[str, Any] = {"to": "secretsManager", "namePrefix": "shared/redis"}
SHOP: dict[str, Any] = {
    "to": "vercel", "projectId": "prj_shop", "teamId": TEAM, "targets": ["production", "preview"],
}  # fmt: skip
ADMIN: dict[str, Any] = {"to": "vercel", "projectId": "prj_admin", "targets": ["development", "production"]}
ALL = [SECRET, SHOP, OTHER_SECRET, ADMIN]

VARIABLE = "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable"
OURS = "delivery-secrets-manager-mantisnxt/prod/redis"
THEIRS = "delivery-secrets-manager-shared/redis"

PROD = yaml.safe_load((CHECKOUT / "Pulumi.prod.yaml").read_text())["config"]


class Prod:
    """The stack prod, after a first update in which the deliveries failed, and a second one."""

    def __init__(self, stack: CloudStack) -> None:
        self.stack = stack
        self.configure(ALL)
        self.preview = stack.preview()
        stack.cloud.fail("create", "aws:secretsmanager/secret:Secret", "before", but_not=[f"{THEIRS}-secret"])
        stack.cloud.fail("create", "delivery-vercel-prj_shop-REDIS_URL", "before")
        self.failed = stack.up(code=None)
        self.after_failure = stack.outputs()
        self.made = {thing.name for thing in stack.cloud.things}
        # Whatever fails first stops the engine, so the other fault may strike one update later.
        if stack.up(code=None).code != 0:
            stack.up()
        stack.secrets |= {self.environment["REDIS_URL"], stack.outputs()["REDIS_READER_URL"]}

    def configure(self, deliveries: list[dict[str, Any]], **more: Any) -> None:
        self.stack.configure({**PROD, "deliveries": deliveries, **more})

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.stack.outputs()["environment"])

    def variables(self, project: str, target: str) -> dict[str, Thing]:
        """What a project on Vercel has for a target, by the variables' names."""
        return {
            thing.properties["key"]: thing
            for thing in self.stack.cloud.things
            if thing.token == VARIABLE
            and thing.properties["projectId"] == project
            and target in thing.properties["targets"]
        }

    def secret(self, name: str) -> dict[str, str]:
        """What is in a secret of Secrets Manager."""
        return dict(json.loads(self.stack.cloud.named(f"{name}-version").properties["secretString"]))


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prod]:
    with cloud_stack(tmp_path_factory.mktemp("delivery"), "prod", CREDENTIALS) as stack:
        prod = Prod(stack)
        yield prod
        assert_no_secret(stack)


def test_a_failed_delivery_leaves_the_database_and_every_output_in_place(prod: Prod) -> None:
    assert prod.failed.code != 0
    assert "redis-group" in prod.made
    assert prod.after_failure["REDIS_URL"] == prod.environment["REDIS_URL"]
    told = {**prod.stack.outputs(), "deliveredSecrets": None}
    assert {**prod.after_failure, "deliveredSecrets": None} == told


def test_the_next_update_completes_it_and_the_one_after_that_has_nothing_to_do(prod: Prod) -> None:
    assert all(len(fault.fired) == 1 for fault in prod.stack.cloud.faults)
    state = {resource["urn"].split("::", 3)[3] for resource in prod.stack.resources()}
    planned = {name for name in prod.preview.names("create") if name.startswith("delivery-")}
    assert {name for name in state if name.startswith("delivery-")} == planned
    assert_nothing_to_do(prod.stack)


def test_what_is_delivered_is_the_output_environment(prod: Prod) -> None:
    environment = prod.environment
    assert len(environment) == 11
    assert prod.secret(OURS) == prod.secret(THEIRS) == environment
    for project, target in [
        ("prj_shop", "production"), ("prj_shop", "preview"),
        ("prj_admin", "production"), ("prj_admin", "development"),
    ]:  # fmt: skip
        found = prod.variables(project, target)
        assert {key: thing.properties["value"] for key, thing in found.items()} == environment
        assert {thing.properties["sensitive"] for thing in found.values()} == {target != "development"}
    assert prod.variables("prj_shop", "development") == prod.variables("prj_admin", "preview") == {}


def test_a_reader_is_told_the_secrets_name_and_gets_a_policy(prod: Prod) -> None:
    secret = prod.stack.cloud.named(f"{OURS}-secret").properties
    told = prod.stack.outputs()["deliveredSecrets"]
    assert set(told) == {"mantisnxt/prod/redis", "shared/redis"}
    mine = told["mantisnxt/prod/redis"]
    assert (mine["name"], mine["arn"]) == (secret["name"], secret["arn"])
    assert secret["name"].startswith("mantisnxt/prod/redis-")
    reading, decrypting = json.loads(mine["readerPolicy"])["Statement"]
    assert (reading["Resource"], decrypting["Resource"]) == (secret["arn"], KEY)
    [statement] = json.loads(prod.stack.cloud.named(f"{OURS}-policy").properties["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": [READER]}


def test_another_order_is_no_change(prod: Prod) -> None:
    prod.configure([ADMIN, OTHER_SECRET, SHOP, SECRET])
    assert prod.stack.preview().steps == []


def test_a_changed_variable_changes_only_what_it_is_delivered_to(prod: Prod) -> None:
    prod.configure(ALL, environment={"sessionTtl": 3600})
    done = prod.stack.up()
    assert done.names("update") == {
        "delivery-vercel-prj_shop-SESSION_TTL", "delivery-vercel-prj_admin-SESSION_TTL",
        "delivery-vercel-prj_admin-SESSION_TTL-development",
    }  # fmt: skip
    others = {name for step, name in done.steps if step != "update"}
    assert others == {f"{OURS}-version", f"{THEIRS}-version"}
    assert prod.secret(OURS) == prod.secret(THEIRS) == prod.environment
    assert prod.environment["SESSION_TTL"] == "3600"


def test_a_delivery_that_is_taken_away_takes_what_it_wrote_and_nothing_else(prod: Prod) -> None:
    foreign = Thing(
        VARIABLE,
        "env_1",
        {"key": "STRIPE_KEY", "projectId": "prj_shop", "targets": ["preview"]},
        "a::b::c::d",
    )
    prod.stack.cloud.things.append(foreign)
    before = {thing.name for thing in prod.stack.cloud.things}

    prod.configure([SECRET, ADMIN], environment={"sessionTtl": int(prod.environment["SESSION_TTL"])})
    done = prod.stack.up()

    assert {step for step, _ in done.steps} == {"delete"}
    gone = before - {thing.name for thing in prod.stack.cloud.things}
    assert gone == {f"{THEIRS}-secret", f"{THEIRS}-version"} | {
        f"delivery-vercel-prj_shop-{key}" for key in prod.environment
    }
    assert set(prod.stack.outputs()["deliveredSecrets"]) == {"mantisnxt/prod/redis"}
    prod.stack.cloud.things.remove(foreign)
    assert_in_step(prod.stack)


def test_a_stack_that_was_destroyed_can_be_made_again_at_once(tmp_path: Path) -> None:
    with cloud_stack(tmp_path, "dev", CREDENTIALS) as stack:
        stack.configure(
            {
                "aws:region": "us-east-1", "provider": "upstash", "upstash": {"primaryRegion": "us-east-1"},
                "deliveries": [{"to": "secretsManager", "recoveryWindowInDays": 30}],
            }
        )  # fmt: skip
        stack.up()
        first = _name(stack)
        stack.destroy("--run-program")
        assert stack.cloud.ids() == {}
        assert {name for _, name in stack.cloud.recoverable} == {first}
        stack.up()
        assert _name(stack) != first
        assert_in_step(stack)


def _name(stack: CloudStack) -> str:
    return str(stack.outputs()["deliveredSecrets"]["mantisnxt/dev/redis"]["name"])
