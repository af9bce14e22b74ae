"""The ElastiCache component under Pulumi's mocks: what it asks AWS for."""

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.runtime.mocks import MockCallArgs
from typing_extensions import override

from infra.guard import Guard
from infra.providers.elasticache import ElastiCacheRedis
from infra.settings import ElastiCacheSettings, PasswordSettings, Settings, Thresholds
from tests.unit.mocks import Cloud, mocked, run, value

APP, WORKERS = "sg-0123456789abcdef0", "sg-0123456789abcdef1"
VPC, SUBNETS = "vpc-0123456789abcdef0", ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PRIVATE: dict[str, Any] = {"vpcId": VPC, "subnetIds": SUBNETS, "allowedSecurityGroupIds": [APP]}

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
UNTAGGABLE = (
    "random:",
    "mantisnxt-redis:",
    "aws:cloudwatch/dashboard:",
    "aws:sns/topicPolicy:",
    "aws:kms/alias:",
)

COMPUTED: Mapping[str, Mapping[str, Any]] = {
    GROUP: {
        "primaryEndpointAddress": "primary.cache",
        "readerEndpointAddress": "reader.cache",
        "memberClusters": ["mantisnxt-prod-redis-001", "mantisnxt-prod-redis-002"],
    },
    "random:index/randomPassword:RandomPassword": {"result": "hunter2"},
    "random:index/randomId:RandomId": {"hex": "0badcafe"},
}
CALLS: Mapping[str, Mapping[str, Any]] = {
    "aws:ec2/getVpc:getVpc": {"id": "vpc-default"},
    "aws:ec2/getSubnets:getSubnets": {"ids": ["subnet-a", "subnet-b"]},
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "111122223333"},
    "aws:iam/getPolicyDocument:getPolicyDocument": {"json": "{}"},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
}


class Asked(Cloud):
    """Checks what the default VPC's subnets are looked up by."""

    @override
    def call(self, args: MockCallArgs) -> Any:
        if args.token == "aws:ec2/getVpc:getVpc":
            assert args.args == {"default": True}
        if args.token == "aws:ec2/getSubnets:getSubnets":
            assert args.args == {
                "filters": [
                    {"name": "vpc-id", "values": ["vpc-default"]},
                    {"name": "default-for-az", "values": ["true"]},
                ]
            }
        return super().call(args)


def settings_of(stack: str, block: Mapping[str, Any]) -> ElastiCacheSettings:
    fields = {"provider": "elasticache", "region": "eu-west-1", **block}
    redis = Settings.model_validate({"stack": stack, "redis": fields}).redis
    assert isinstance(redis, ElastiCacheSettings)
    return redis


def make(
    stack: str = "prod", *, preview: bool = False, password: PasswordSettings | None = None, **block: Any
) -> tuple[Cloud, dict[str, Any]]:
    """Make the component; return the cloud, and what the component yields."""
    yielded: dict[str, Any] = {}
    settings = settings_of(stack, block or PRIVATE)

    async def check() -> None:
        redis = ElastiCacheRedis(
            "redis",
            settings,
            stack=stack,
            thresholds=Thresholds(),
            password=password or PasswordSettings(),
            guard=Guard(stack),
        )
        connection = redis.connection
        yielded.update(
            url=await value(connection.url),
            secret=await connection.url.is_secret(),
            reader_url=await value(connection.reader_url),
            read_only_url=await value(redis.outputs["REDIS_READ_ONLY_URL"]),
            read_only_secret=redis.outputs["REDIS_READ_ONLY_URL"] is None
            or await redis.outputs["REDIS_READ_ONLY_URL"].is_secret(),
            clients=await value(redis.outputs["clientSecurityGroupId"]),
            group=await value(redis.outputs["replicationGroupId"]),
            facts=redis.facts,
        )

    with mocked(Asked(COMPUTED, CALLS), stack=stack, preview=preview) as cloud:
        run(check)
    return cloud, yielded


def of_type(cloud: Cloud, kind: str) -> dict[str, dict[str, Any]]:
    return {name: cloud.inputs(name) for name, args in cloud.resources.items() if args.typ == kind}


def test_the_replication_group_of_production() -> None:
    cloud, yielded = make("prod", **PRIVATE)
    assert yielded["group"] == "mantisnxt-prod-redis"
    assert cloud.resources["redis-group"].typ == GROUP
    assert cloud.inputs("redis-group") == {
        "replicationGroupId": "mantisnxt-prod-redis",
        "description": "Redis of MantisNXT, stack prod",
        "engine": "redis",
        "engineVersion": "7.0",
        "nodeType": "cache.t3.small",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "port": 6379,
        "parameterGroupName": "mantisnxt-prod-redis-redis7",
        "subnetGroupName": f"mantisnxt-prod-redis-{VPC}",
        "securityGroupIds": ["redis-network-nodes-id"],
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "maintenanceWindow": "sun:05:00-sun:06:00",
        "autoMinorVersionUpgrade": True,
        "applyImmediately": False,
        "snapshotWindow": "03:00-04:00",
        "snapshotRetentionLimit": 7,
        "finalSnapshotIdentifier": "mantisnxt-prod-redis-final-0badcafe",
        "userGroupIds": ["mantisnxt-prod-redis-users"],
        "authTokenUpdateStrategy": "DELETE",
        "tags": {"Project": "MantisNXT", "Environment": "prod"},
    }


def test_one_node_in_dev_neither_fails_over_nor_has_a_reader() -> None:
    cloud, yielded = make("dev", **PRIVATE, numCacheClusters=1, nodeType="dev", snapshotRetentionLimit=0)
    group = cloud.inputs("redis-group")
    assert (group["automaticFailoverEnabled"], group["multiAzEnabled"]) == (False, False)
    assert (group["nodeType"], group["applyImmediately"]) == ("cache.t3.micro", True)
    assert "finalSnapshotIdentifier" not in group, "snapshots are off"
    assert yielded["reader_url"] is None
    assert yielded["facts"].high_availability is False
    assert yielded["facts"].backup == "none"
    assert cloud.requests["redis-group"].protect is False


def test_everything_can_be_set() -> None:
    cloud, _ = make(
        **PRIVATE, replicationGroupId="cache", engine="valkey", engineVersion="8.2",
        nodeType="cache.r7g.large",
        numCacheClusters=4, port=7000, evictionPolicy="volatile-ttl", parameters={"timeout": 300},
        maintenanceWindow="mon:01:00-mon:02:00", autoMinorVersionUpgrade=False, applyImmediately=True,
        snapshotWindow="10:00-11:00", snapshotRetentionLimit=30, restoreFromSnapshot="before", kmsKeyArn=KEY,
    )  # fmt: skip
    assert (
        cloud.inputs("redis-group").items()
        >= {
            "replicationGroupId": "cache",
            "engine": "valkey",
            "engineVersion": "8.2",
            "nodeType": "cache.r7g.large",
            "numCacheClusters": 4,
            "port": 7000,
            "parameterGroupName": "cache-valkey8",
            "maintenanceWindow": "mon:01:00-mon:02:00",
            "autoMinorVersionUpgrade": False,
            "applyImmediately": True,
            "snapshotWindow": "10:00-11:00",
            "snapshotRetentionLimit": 30,
            "snapshotName": "before",
            "kmsKeyId": KEY,
        }.items()
    )
    parameters = cloud.inputs("redis-parameters")
    assert (parameters["family"], parameters["name"]) == ("valkey8", "cache-valkey8")
    assert parameters["parameters"] == [
        {"name": "maxmemory-policy", "value": "volatile-ttl"},
        {"name": "timeout", "value": "300"},
    ]
    assert {rule["fromPort"] for rule in of_type(cloud, RULE).values()} == {7000}


def test_the_data_is_protected_and_a_restored_group_is_left_alone() -> None:
    cloud, _ = make("prod", **PRIVATE, restoreFromSnapshot="before")
    request = cloud.requests["redis-group"]
    assert request.protect is True
    assert list(request.ignoreChanges) == ["snapshotName"]
    assert cloud.inputs("redis-group")["snapshotName"] == "before"
    assert [name for name, other in cloud.requests.items() if other.protect] == ["redis-group"]


def test_where_a_group_may_be_replaced_the_old_one_goes_first() -> None:
    cloud, _ = make("dev", **PRIVATE)
    assert cloud.requests["redis-group"].deleteBeforeReplace is True


def test_a_parameter_group_is_made_before_the_old_one_goes() -> None:
    before, _ = make(**PRIVATE)
    after, _ = make(**PRIVATE, engine="valkey", engineVersion="8.0")
    names = [cloud.inputs("redis-parameters")["name"] for cloud in (before, after)]
    assert names == ["mantisnxt-prod-redis-redis7", "mantisnxt-prod-redis-valkey8"]
    assert after.requests["redis-parameters"].deleteBeforeReplace is False
    descriptions = {cloud.inputs("redis-parameters")["description"] for cloud in (before, after)}
    assert len(descriptions) == 1


def test_a_move_to_valkey_leaves_the_users_and_the_network_alone() -> None:
    before, _ = make(**PRIVATE)
    after, _ = make(**PRIVATE, engine="valkey", engineVersion="8.0")
    changed = {
        name
        for name in before.resources
        if name in after.resources and before.inputs(name) != after.inputs(name)
    }
    assert {name for name in changed if "monitoring" not in name} == {
        "redis-group",
        "redis-parameters",
        "redis-final-snapshot",
    }


@pytest.mark.parametrize(
    ("change", "new_suffix"),
    [
        ({"replicationGroupId": "other"}, True),
        ({"port": 7000}, True),
        ({"kmsKeyArn": KEY}, True),
        ({"engineVersion": "7.1"}, True),
        ({"vpcId": "vpc-0123456789abcdef9"}, True),
        ({"numCacheClusters": 3}, False),
        ({"nodeType": "large"}, False),
        ({"snapshotRetentionLimit": 9}, False),
        ({"restoreFromSnapshot": "before"}, False),
    ],
)
def test_each_new_group_has_a_final_snapshot_of_another_name(
    change: dict[str, Any], new_suffix: bool
) -> None:
    before, _ = make(**PRIVATE)
    after, _ = make(**{**PRIVATE, **change})
    keepers = [cloud.inputs("redis-final-snapshot")["keepers"] for cloud in (before, after)]
    assert (keepers[0] != keepers[1]) is new_suffix


def test_a_given_vpc_is_not_looked_up() -> None:
    cloud, _ = make(**PRIVATE)  # a call of the default VPC would be answered with others
    assert cloud.inputs("redis-network-subnets")["subnetIds"] == SUBNETS
    assert cloud.inputs("redis-network-nodes")["vpcId"] == VPC


def test_the_default_vpc_is_looked_up() -> None:
    cloud, _ = make(clientSecurityGroup=True)
    subnets = cloud.inputs("redis-network-subnets")
    assert subnets["subnetIds"] == ["subnet-a", "subnet-b"]
    assert subnets["name"] == "mantisnxt-prod-redis-vpc-default"
    assert cloud.inputs("redis-network-nodes")["vpcId"] == "vpc-default"


def test_each_source_has_a_rule_of_its_own() -> None:
    block: dict[str, Any] = {
        **PRIVATE,
        "allowedSecurityGroupIds": [APP, WORKERS],
        "allowedCidrs": ["10.0.0.0/16"],
    }
    cloud, yielded = make(**block)
    rules = of_type(cloud, RULE)
    assert {
        name: rule.get("referencedSecurityGroupId", rule.get("cidrIpv4")) for name, rule in rules.items()
    } == {
        f"redis-network-from-{APP}": APP,
        f"redis-network-from-{WORKERS}": WORKERS,
        "redis-network-from-10.0.0.0-16": "10.0.0.0/16",
    }
    for rule in rules.values():
        assert rule["securityGroupId"] == "redis-network-nodes-id"
        assert (rule["ipProtocol"], rule["fromPort"], rule["toPort"]) == ("tcp", 6379, 6379)
        assert rule["description"].startswith("Redis from ")
    assert yielded["facts"].access == [f"security group {APP}", f"security group {WORKERS}", "10.0.0.0/16"]
    assert yielded["clients"] is None


def test_nothing_is_open_to_the_world() -> None:
    cloud, _ = make(**PRIVATE, allowedCidrs=["10.0.0.0/16"], clientSecurityGroup=True)
    groups = of_type(cloud, "aws:ec2/securityGroup:SecurityGroup")
    assert set(groups) == {"redis-network-nodes", "redis-network-clients"}
    for group in groups.values():
        assert group["description"]
        assert not {"ingress", "egress"} & set(group)
    for name in cloud.resources:
        assert "0.0.0.0/0" not in str(cloud.inputs(name))
        assert "::/0" not in str(cloud.inputs(name))


def test_a_client_security_group_may_connect_and_nothing_else() -> None:
    cloud, yielded = make(clientSecurityGroup=True)
    [rule] = of_type(cloud, RULE).values()
    assert rule["referencedSecurityGroupId"] == "redis-network-clients-id" == yielded["clients"]
    out = cloud.inputs("redis-network-clients-out")
    assert (out["securityGroupId"], out["referencedSecurityGroupId"]) == (
        "redis-network-clients-id",
        "redis-network-nodes-id",
    )
    assert yielded["facts"].access == ["what has the stack's client security group"]


def test_the_application_has_a_user_and_nobody_else_can_log_in() -> None:
    cloud, yielded = make(**PRIVATE)
    users = of_type(cloud, "aws:elasticache/user:User")
    assert set(users) == {"redis-access-app", "redis-access-default"}
    app, default = users["redis-access-app"], users["redis-access-default"]
    assert (app["userName"], app["userId"]) == ("app", "mantisnxt-prod-redis-app")
    assert app["passwords"] == ["hunter2"]
    assert app["accessString"] == "on ~* &* +@all -@dangerous +info +slowlog|get"
    assert (default["userName"], default["userId"]) == ("default", "mantisnxt-prod-redis-default")
    assert default["accessString"] == "off ~* -@all"
    assert default["noPasswordRequired"] is True
    assert {user["engine"] for user in users.values()} == {"redis"}, (
        "suits Valkey, too; not the other way round"
    )
    assert cloud.inputs("redis-access-users")["userIds"] == [app["userId"], default["userId"]]
    assert cloud.inputs("redis-access-app-password-1").items() >= {"length": 64, "special": False}.items()
    assert "authToken" not in cloud.inputs("redis-group")
    assert yielded["url"] == "rediss://app:hunter2@primary.cache:6379"
    assert yielded["reader_url"] == "rediss://app:hunter2@reader.cache:6379"
    assert yielded["secret"]
    assert yielded["read_only_url"] is None


@pytest.mark.parametrize(("nodes", "host"), [(1, "primary.cache"), (2, "reader.cache")])
def test_a_second_user_can_only_read(nodes: int, host: str) -> None:
    cloud, yielded = make("staging", **PRIVATE, readOnlyUser=True, numCacheClusters=nodes)
    reader = cloud.inputs("redis-access-reader")
    assert reader["accessString"] == "on ~* -@all +@read +@connection -@dangerous +info"
    assert reader["userId"] in cloud.inputs("redis-access-users")["userIds"]
    assert "redis-access-reader-password-1" in cloud.resources, "a password of its own"
    assert yielded["read_only_url"] == f"rediss://reader:hunter2@{host}:6379"
    assert yielded["read_only_secret"]


def test_an_auth_token_takes_the_place_of_users() -> None:
    cloud, yielded = make(**PRIVATE, access="auth-token")
    group = cloud.inputs("redis-group")
    assert (group["authToken"], group["authTokenUpdateStrategy"]) == ("hunter2", "SET")
    assert "userGroupIds" not in group
    assert not of_type(cloud, "aws:elasticache/user:User")
    assert yielded["url"] == "rediss://default:hunter2@primary.cache:6379"


def test_ids_stay_within_the_limits_of_aws() -> None:
    cloud, _ = make(**PRIVATE, replicationGroupId="a" * 32, readOnlyUser=True)
    users = of_type(cloud, "aws:elasticache/user:User").values()
    assert max(len(user["userId"]) for user in users) == 40


def test_everything_that_can_have_tags_has_them() -> None:
    cloud, _ = make(**PRIVATE, clientSecurityGroup=True, readOnlyUser=True)
    for name, args in cloud.resources.items():
        if not args.typ.startswith(UNTAGGABLE):
            tags = cloud.inputs(name).get("tags", {})
            assert tags.items() >= {"Project": "MantisNXT", "Environment": "prod"}.items(), name


def test_every_resource_is_named_after_the_component_and_belongs_to_it() -> None:
    cloud, _ = make(**PRIVATE, clientSecurityGroup=True, readOnlyUser=True)
    parents = {name: request.parent.split("::")[-1] for name, request in cloud.requests.items()}
    assert parents.pop("redis") == "mantisnxt-redis-prod", "the stack itself"
    for name, parent in parents.items():
        assert name.startswith(f"{parent}-"), name


def test_the_facts_of_a_preview() -> None:
    _, yielded = make(**PRIVATE)
    facts = yielded["facts"]
    assert (facts.provider, facts.region, facts.engine) == ("elasticache", "eu-west-1", "redis 7.0")
    assert facts.nodes == "2 \u00d7 cache.t3.small"
    assert (facts.high_availability, facts.tls) == (True, True)
    assert facts.backup == "daily, kept 7 days, between 03:00 and 04:00 UTC; a final snapshot at deletion"
    assert facts.estimated_monthly_cost == "about $60 (prices of January 2025)"
    assert "MantisNXT-Redis" in facts.dashboard


def test_a_size_without_a_known_price_says_so() -> None:
    _, yielded = make(**PRIVATE, nodeType="cache.r7g.large")
    assert yielded["facts"].estimated_monthly_cost.startswith("unknown: ")


def test_a_preview_asks_for_the_same_and_puts_no_unknown_value_into_a_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", "true")
    block: dict[str, Any] = {**PRIVATE, "clientSecurityGroup": True, "readOnlyUser": True}
    before, _ = make(preview=True, **block)
    after, _ = make(**block)
    assert set(before.resources) == set(after.resources)


def test_a_rotation_has_two_passwords_the_newest_first() -> None:
    cloud, _ = make(password=PasswordSettings(version=3, keep_previous=True), **PRIVATE)
    passwords = [name for name in cloud.resources if "-app-password-" in name]
    assert sorted(passwords) == ["redis-access-app-password-2", "redis-access-app-password-3"]
    assert len(cloud.inputs("redis-access-app")["passwords"]) == 2
    cloud, _ = make(password=PasswordSettings(version=3), **PRIVATE)
    assert [name for name in cloud.resources if "-app-password-" in name] == ["redis-access-app-password-3"]


@pytest.mark.parametrize(("keep_previous", "strategy"), [(False, "SET"), (True, "ROTATE")])
def test_a_token_is_rotated_in_then_set(keep_previous: bool, strategy: str) -> None:
    password = PasswordSettings(version=2, keep_previous=keep_previous)
    cloud, _ = make(password=password, access="auth-token", **PRIVATE)
    assert cloud.inputs("redis-group")["authTokenUpdateStrategy"] == strategy
    assert "redis-access-token-password-2" in cloud.resources
