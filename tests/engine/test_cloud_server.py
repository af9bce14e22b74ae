"""The stand-in for the cloud plugins, asked as the engine asks them."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from tests.engine.cloud import wire
from tests.engine.cloud.memory import Cloud, Mode
from tests.engine.cloud.server import serve

UPSTASH = "upstash:index/redisDatabase:RedisDatabase"
SUBSCRIPTION = "rediscloud:index/subscription:Subscription"
DATABASE = "rediscloud:index/subscriptionDatabase:SubscriptionDatabase"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
PASSWORD = "random:index/randomPassword:RandomPassword"
BUCKET = "aws:s3/bucket:Bucket"

INPUTS: dict[str, dict[str, Any]] = {
    UPSTASH: {"databaseName": "db", "region": "global", "primaryRegion": "us-east-1", "tls": True},
    SUBSCRIPTION: {"name": "sub", "cloudProvider": {"regions": []}, "creationPlan": {"quantity": 1}},
    DATABASE: {
        "name": "db", "subscriptionId": "1", "memoryLimitInGb": 1, "throughputMeasurementBy": "shards",
        "throughputMeasurementValue": 1, "sourceIps": ["10.0.0.0/8"],
    },
    GROUP: {"replicationGroupId": "rg", "description": "d", "engine": "redis", "engineVersion": "7.0",
            "numCacheClusters": 2, "parameterGroupName": "pg"},
    PARAMETERS: {"name": "pg", "family": "redis7"},
    PASSWORD: {"length": 40},
    BUCKET: {"bucket": "b"},
}  # fmt: skip


def urn(token: str) -> str:
    return f"urn:pulumi:dev::project::component:index:Type${token}::thing"


class Engine:
    """Asks as the engine does, in plain values."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub, cloud: Cloud) -> None:
        self.stub, self.cloud = stub, cloud

    def check(self, token: str, inputs: dict[str, Any], olds: dict[str, Any] | None = None) -> Any:
        return self.stub.Check(
            proto.CheckRequest(
                urn=urn(token), news=wire.write(inputs), olds=wire.write(olds or {}), randomSeed=b"1"
            )
        )

    def refused(self, token: str, inputs: dict[str, Any]) -> dict[str, str]:
        return {failure.property: failure.reason for failure in self.check(token, inputs).failures}

    def create(self, token: str, inputs: dict[str, Any], *, preview: bool = False) -> Any:
        return self.stub.Create(
            proto.CreateRequest(urn=urn(token), properties=wire.write(inputs), preview=preview)
        )

    def diff(self, token: str, inputs: dict[str, Any], *, old: dict[str, Any] | None = None) -> Any:
        made = self.create(token, old or INPUTS[token])
        return self.stub.Diff(
            proto.DiffRequest(
                urn=urn(token), id=made.id, olds=made.properties, news=wire.write(inputs),
                old_inputs=wire.write(old or INPUTS[token]),
            )
        )  # fmt: skip

    def read(self, token: str, object_id: str) -> Any:
        return self.stub.Read(proto.ReadRequest(urn=urn(token), id=object_id))

    def delete(self, token: str, object_id: str) -> None:
        self.stub.Delete(proto.DeleteRequest(urn=urn(token), id=object_id))


@pytest.fixture
def engine() -> Iterator[Engine]:
    cloud = Cloud()
    with serve(cloud, {}) as providers:
        port = providers.partition(":")[2].partition(",")[0]
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Engine(provider_pb2_grpc.ResourceProviderStub(channel), cloud)


@pytest.mark.parametrize("token", INPUTS)
def test_every_property_is_one_of_the_sdk(engine: Engine, token: str) -> None:
    assert engine.refused(token, INPUTS[token]) == {}
    assert engine.refused(token, {**INPUTS[token], "colour": 1}) == {"colour": "unknown property"}


@pytest.mark.parametrize(
    ("token", "change", "failures"),
    [
        (UPSTASH, {"tls": None}, {}),
        (PASSWORD, {"length": None}, {"length": "missing required property"}),
        (GROUP, {"numNodeGroups": 2}, {"numCacheClusters": "conflicts with numNodeGroups"}),
        (GROUP, {"authToken": "x", "userGroupIds": ["u"]}, {"authToken": "conflicts with userGroupIds"}),
        (GROUP, {"multiAzEnabled": True}, {"multiAzEnabled": "needs automaticFailoverEnabled"}),
        (DATABASE, {"alerts": [{"name": "a", "worth": 1}]}, {"alerts[0].worth": "unknown property"}),
    ],
)
def test_bad_inputs_are_refused(
    engine: Engine, token: str, change: dict[str, Any], failures: dict[str, str]
) -> None:
    inputs = {key: value for key, value in {**INPUTS[token], **change}.items() if value is not None}
    assert engine.refused(token, inputs) == failures


@pytest.mark.parametrize(
    ("token", "change", "kinds"),
    [
        (UPSTASH, {}, {}),
        (UPSTASH, {"budget": 50}, {"budget": "UPDATE"}),
        (UPSTASH, {"primaryRegion": "eu-west-1"}, {"primaryRegion": "UPDATE_REPLACE"}),
        (UPSTASH, {"tls": None}, {"tls": "UPDATE_REPLACE"}),
        (UPSTASH, {"databaseName": wire.UNKNOWN}, {"databaseName": "UPDATE_REPLACE"}),
        (SUBSCRIPTION, {"creationPlan": {"quantity": 2}, "name": "other"}, {"name": "UPDATE"}),
        (SUBSCRIPTION, {"cloudProvider": {"regions": [{}]}}, {"cloudProvider": "UPDATE_REPLACE"}),
        (DATABASE, {"port": 12000}, {"port": "ADD_REPLACE"}),
        (DATABASE, {"modules": [{"name": "RedisJSON"}]}, {"modules": "ADD_REPLACE"}),
        (
            GROUP,
            {"engine": "valkey", "engineVersion": "8.0"},
            {"engine": "UPDATE", "engineVersion": "UPDATE"},
        ),
        (GROUP, {"engineVersion": "6.2"}, {"engineVersion": "UPDATE_REPLACE"}),
        (GROUP, {"port": 6380}, {"port": "UPDATE_REPLACE"}),
        (GROUP, {"nodeType": "cache.m5.large"}, {"nodeType": "ADD"}),
        (GROUP, {"numCacheClusters": None}, {}),
        (PARAMETERS, {"family": "valkey8"}, {"family": "UPDATE_REPLACE"}),
        (PARAMETERS, {"description": "other"}, {"description": "UPDATE_REPLACE"}),
        (PASSWORD, {"length": 41}, {"length": "UPDATE_REPLACE"}),
        (BUCKET, {"tags": {"a": "b"}}, {"tags": "ADD"}),
    ],
)
def test_what_differs_and_what_is_replaced(
    engine: Engine, token: str, change: dict[str, Any], kinds: dict[str, str]
) -> None:
    inputs = {key: value for key, value in {**INPUTS[token], **change}.items() if value is not None}
    answer = engine.diff(token, inputs)
    found = {key: proto.PropertyDiff.Kind.Name(diff.kind) for key, diff in answer.detailedDiff.items()}
    assert found == kinds
    assert sorted(answer.replaces) == sorted(key for key, kind in kinds.items() if kind.endswith("_REPLACE"))


def test_a_name_of_ones_own_is_deleted_before_it_is_made_again(engine: Engine) -> None:
    assert engine.diff(PARAMETERS, {**INPUTS[PARAMETERS], "family": "valkey8"}).deleteBeforeReplace
    made_up = {**INPUTS[PARAMETERS], "name": "thing-1234567", "__defaults": ["name"]}
    engine.cloud.things.clear()
    assert not engine.diff(PARAMETERS, {**made_up, "family": "valkey8"}, old=made_up).deleteBeforeReplace


def test_an_open_allowlist_of_redis_cloud_differs_for_ever(engine: Engine) -> None:
    everybody = {**INPUTS[DATABASE], "sourceIps": ["0.0.0.0/0"]}
    assert list(engine.diff(DATABASE, everybody, old=everybody).diffs) == ["sourceIps"]


def test_a_name_that_was_made_up_is_kept(engine: Engine) -> None:
    first = wire.read(engine.check(PARAMETERS, {"family": "redis7"}).inputs)
    assert first["name"].startswith("thing-")
    again = wire.read(engine.check(PARAMETERS, {"family": "redis7"}, first).inputs)
    assert again == first


def test_computed_outputs_are_there_and_secrets_are_marked(engine: Engine) -> None:
    answer = engine.create(UPSTASH, INPUTS[UPSTASH])
    made = wire.read(answer.properties)
    assert made["endpoint"].endswith(".upstash.io")
    assert (made["port"], made["budget"]) == (6379, 20)
    assert wire.secrets(answer.properties) == {"password", "restToken", "readOnlyRestToken"}
    passwords = [wire.read(engine.create(PASSWORD, {"length": 40}).properties)["result"] for _ in "ab"]
    assert [len(password) for password in passwords] == [40, 40]
    assert passwords[0] != passwords[1]
    members = wire.read(engine.create(GROUP, INPUTS[GROUP]).properties)["memberClusters"]
    assert members == ["rg-001", "rg-002"]


def test_a_preview_makes_nothing_and_knows_nothing_computed(engine: Engine) -> None:
    planned = wire.read(engine.create(UPSTASH, INPUTS[UPSTASH], preview=True).properties)
    assert planned["endpoint"] == planned["password"] == wire.UNKNOWN
    assert engine.cloud.things == []


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (GROUP, "ReplicationGroupAlreadyExists"),
        (PARAMETERS, "CacheParameterGroupAlreadyExists"),
        (DATABASE, "DATABASE_NAME_ALREADY_EXISTS"),
    ],
)
def test_a_name_is_given_once(engine: Engine, token: str, error: str) -> None:
    engine.create(token, INPUTS[token])
    with pytest.raises(grpc.RpcError, match=error):
        engine.create(token, INPUTS[token])


def test_what_is_in_use_is_not_deleted(engine: Engine) -> None:
    engine.create(PARAMETERS, INPUTS[PARAMETERS])
    engine.create(GROUP, INPUTS[GROUP])
    with pytest.raises(grpc.RpcError, match="InvalidCacheParameterGroupState"):
        engine.delete(PARAMETERS, "pg")
    engine.delete(GROUP, "rg")
    engine.delete(PARAMETERS, "pg")
    assert engine.cloud.things == []


def test_what_was_deleted_by_hand_is_gone_but_an_error_with_upstash(engine: Engine) -> None:
    assert engine.read(GROUP, "rg").id == ""
    for ask in (engine.read, engine.delete):
        with pytest.raises(grpc.RpcError, match="404"):
            ask(UPSTASH, "some-id")


def test_an_import_reads_the_inputs(engine: Engine) -> None:
    made = engine.create(UPSTASH, INPUTS[UPSTASH])
    assert wire.read(engine.read(UPSTASH, made.id).inputs) == {**INPUTS[UPSTASH], "__defaults": []}


@pytest.mark.parametrize(("mode", "there"), [("before", 0), ("after", 1), ("half", 1)])
def test_a_call_fails_as_it_was_told(engine: Engine, mode: Mode, there: int) -> None:
    inputs = {**INPUTS[UPSTASH], "ipAllowlists": ["10.0.0.0/8"]}
    fault = engine.cloud.fail("create", "upstash:*", mode)
    with pytest.raises(grpc.RpcError) as error:
        engine.create(UPSTASH, inputs)
    assert len(engine.cloud.things) == there
    assert fault.fired == ["thing"]
    metadata: Any = error.value.trailing_metadata()
    kept = "grpc-status-details-bin" in dict(metadata)
    assert kept is (mode == "half"), "only then the engine is told the id"
    if kept:
        assert "ipAllowlists" not in engine.cloud.named("thing").properties
    engine.cloud.things.clear()
    engine.create(UPSTASH, inputs)


@pytest.mark.parametrize(
    ("given", "missing"), [({}, ["email", "apiKey"]), ({"email": "a", "apiKey": "b"}, [])]
)
def test_missing_credentials_are_told(engine: Engine, given: dict[str, str], missing: list[str]) -> None:
    provider = "urn:pulumi:dev::project::pulumi:providers:upstash::default"
    answer = engine.stub.CheckConfig(proto.CheckRequest(urn=provider, news=wire.write(given)))
    reasons = [f'missing required configuration key "upstash:{key}"' for key in missing]
    assert [failure.reason for failure in answer.failures] == reasons
