"""The deliveries under Pulumi's mocks, and the policies that they write."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.delivery.secrets_manager import reader_policy, resource_policy
from infra.deploy import deploy
from infra.settings import LocalSettings, Settings
from infra.settings.delivery import SecretsManagerDelivery, VercelDelivery
from tests.unit.mocks import SECRET_SIGNATURE, Cloud, mocked, run, value

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mantisnxt/dev/redis-1-abcdef"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1-2"
ROLE = "arn:aws:iam::111122223333:role/app"
READING = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]

SECRETS = SecretsManagerDelivery(to="secretsManager", region="eu-west-1")
VERCEL = VercelDelivery(to="vercel", project_id="prj_1", targets=("preview", "development", "production"))
NAME = "delivery-secrets-manager-mantisnxt/dev/redis"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    computed = {
        "redis-local:index:Server": {"password": "p@ss", "version": "8.2.3"},
        "aws:secretsmanager/secret:Secret": {"arn": ARN, "name": "mantisnxt/dev/redis-1"},
    }
    with mocked(Cloud(computed)) as cloud:
        yield cloud


def published(cloud: Cloud, *deliveries: SecretsManagerDelivery | VercelDelivery) -> dict[str, Any]:
    """Run the program; return the plain values of the outputs that are about the environment."""
    found: dict[str, Any] = {}

    async def check() -> None:
        outputs = deploy(Settings(stack="dev", redis=LocalSettings(), deliveries=deliveries))
        found["environment"] = await value(outputs["environment"])
        found["secrets"] = await value(outputs.get("deliveredSecrets"))

    run(check)
    return found


def test_a_secret_holds_the_environment_as_json(cloud: Cloud) -> None:
    found = published(cloud, SECRETS)
    version = cloud.inputs(f"{NAME}-version")
    assert json.loads(version["secretString"]) == found["environment"]
    assert found["environment"]["REDIS_URL"] == "redis://default:p%40ss@127.0.0.1:6379"
    assert SECRET_SIGNATURE in cloud.resources[f"{NAME}-version"].inputs["secretString"]
    assert cloud.inputs(f"{NAME}-secret") == {
        "namePrefix": "mantisnxt/dev/redis-",
        "description": "The environment of the Redis of stack dev",
        "recoveryWindowInDays": 7,
        "tags": {"Project": "MantisNXT", "Environment": "dev"},
    }
    assert f"{NAME}-policy" not in cloud.resources, "nobody was named"
    assert found["secrets"] == {
        "mantisnxt/dev/redis": {
            "name": "mantisnxt/dev/redis-1",
            "arn": ARN,
            "readerPolicy": reader_policy(ARN, None, "eu-west-1"),
        }
    }


def test_a_secret_can_have_a_key_readers_and_a_name_of_its_own(cloud: Cloud) -> None:
    settings = SecretsManagerDelivery(
        to="secretsManager", region="eu-west-1", name_prefix="redis", kms_key_arn=KEY,
        recovery_window_in_days=0, reader_role_arns=(ROLE,),
    )  # fmt: skip
    published(cloud, settings)
    secret = cloud.inputs("delivery-secrets-manager-redis-secret")
    assert (secret["namePrefix"], secret["kmsKeyId"], secret["recoveryWindowInDays"]) == ("redis-", KEY, 0)
    assert cloud.inputs("delivery-secrets-manager-redis-policy") == {
        "secretArn": ARN, "policy": resource_policy(ARN, [ROLE]), "blockPublicPolicy": True,
    }  # fmt: skip


def test_a_project_gets_each_variable_sensitive_but_for_development(cloud: Cloud) -> None:
    environment = published(cloud, VERCEL)["environment"]
    for key, text in environment.items():
        for name, targets, sensitive in [
            (f"delivery-vercel-prj_1-{key}", ["preview", "production"], True),
            (f"delivery-vercel-prj_1-{key}-development", ["development"], False),
        ]:
            assert cloud.inputs(name) == {
                "projectId": "prj_1", "key": key, "value": text, "targets": targets, "sensitive": sensitive,
                "comment": "Written by Pulumi, project mantisnxt-redis",
            }  # fmt: skip
            assert SECRET_SIGNATURE in cloud.resources[name].inputs["value"]
    variables = [name for name, made in cloud.resources.items() if made.typ.startswith("vercel:")]
    assert len(variables) == 2 * len(environment)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("production",), {("production",)}),
        (("production", "preview"), {("preview", "production")}),
        (("development",), {("development",)}),
    ],
)
def test_a_project_gets_the_targets_that_were_asked_for(
    cloud: Cloud, targets: tuple[Any, ...], expected: set[tuple[str, ...]]
) -> None:
    published(cloud, VercelDelivery(to="vercel", project_id="prj_1", team_id="team_1", targets=targets))
    made = [cloud.inputs(name) for name, one in cloud.resources.items() if one.typ.startswith("vercel:")]
    assert {tuple(inputs["targets"]) for inputs in made} == expected
    assert {inputs["teamId"] for inputs in made} == {"team_1"}


def test_a_delivery_waits_for_the_redis(cloud: Cloud) -> None:
    published(cloud, SECRETS, VERCEL)
    for name in (NAME, "delivery-vercel-prj_1"):
        assert any(urn.endswith("::redis-server") for urn in cloud.requests[name].dependencies)


def test_what_a_delivery_makes_belongs_to_its_component(cloud: Cloud) -> None:
    published(cloud, SECRETS, VERCEL)
    for name, request in cloud.requests.items():
        if name.startswith("delivery-") and not request.type.startswith("mantisnxt-redis:"):
            parent = request.parent.rpartition("::")[2]
            assert parent.startswith("delivery-")
            assert name.startswith(f"{parent}-")


def test_only_the_named_roles_are_let_in_by_the_secrets_policy() -> None:
    assert json.loads(resource_policy(ARN, [ROLE])) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": [ROLE]}, "Action": READING, "Resource": ARN},
        ],
    }


def test_a_reader_may_read_this_secret_and_decrypt_with_its_key_only_through_the_service() -> None:
    read = {"Effect": "Allow", "Action": READING, "Resource": ARN}
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY, "Condition": via}
    assert json.loads(reader_policy(ARN, None, "eu-west-1"))["Statement"] == [read]
    assert json.loads(reader_policy(ARN, KEY, "eu-west-1"))["Statement"] == [read, decrypt]
