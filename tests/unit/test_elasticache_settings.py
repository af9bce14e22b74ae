"""What the block ``elasticache`` can say, and what it is told when it says something else."""

import json
from typing import Any

import pytest

from infra.config import ConfigError, parse
from infra.settings import ElastiCacheSettings
from infra.settings.engines import NODE_TYPES, SIZES, VERSIONS, family
from infra.settings.windows import overlap

GROUP = "sg-0123456789abcdef0"
VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def read(block: dict[str, Any], *, stack: str = "staging", region: str = "eu-west-1") -> ElastiCacheSettings:
    """As Pulumi hands a config to the program."""
    config = {"redis:provider": "elasticache", "redis:elasticache": json.dumps(block), "aws:region": region}
    redis = parse(config, project="redis", stack=stack).redis
    assert isinstance(redis, ElastiCacheSettings)
    return redis


def problems(block: dict[str, Any], **options: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(block, **options)
    _, *lines, _ = str(caught.value).splitlines()
    return [line.strip().removeprefix("redis:elasticache.") for line in lines]


def allowed(**block: Any) -> dict[str, Any]:
    """A block in which somebody may connect."""
    return {"allowedSecurityGroupIds": [GROUP], **block}


def test_the_defaults_are_the_guides() -> None:
    settings = read(allowed())
    assert settings == ElastiCacheSettings(region="eu-west-1", allowed_security_group_ids=(GROUP,))
    assert (settings.engine, settings.engine_version, settings.port) == ("redis", "7.0", 6379)
    assert settings.cache_node_type == "cache.t3.small"
    assert (settings.num_cache_clusters, settings.highly_available) == (2, True)
    assert settings.eviction_policy == "allkeys-lru"
    assert (settings.snapshot_retention_limit, settings.maintenance_window) == (7, "sun:05:00-sun:06:00")
    assert settings.snapshot_window == "03:00-04:00"
    assert settings.access == "rbac"
    assert settings.auto_minor_version_upgrade is True


@pytest.mark.parametrize(
    "block",
    [
        {"allowedCidrs": ["10.0.0.0/16", "203.0.113.7/32"]},
        {"clientSecurityGroup": True},
        allowed(engine="valkey", engineVersion="8.2"),
        allowed(parameters={"timeout": 300, "lazyfree-lazy-expire": "yes"}),
        allowed(nodeType="cache.r7g.2xlarge", numCacheClusters=6),
        allowed(nodeType="dev", numCacheClusters=1),
        allowed(vpcId=VPC, subnetIds=SUBNETS),
        allowed(vpcId=VPC, subnetIds=SUBNETS[:1], numCacheClusters=1),
        allowed(vpcId="vpc-01234567", subnetIds=["subnet-01234567", "subnet-89abcdef"]),
        allowed(maintenanceWindow="sun:23:00-mon:00:30", snapshotWindow="22:00-23:00"),
        allowed(maintenanceWindow="wed:04:00-wed:05:00"),
        allowed(restoreFromSnapshot="automatic.mantisnxt-prod-redis-001-2025-01-04-05-00"),
        allowed(kmsKeyArn=KEY),
        allowed(access="auth-token"),
        allowed(readOnlyUser=True),
        allowed(replicationGroupId="a" * 32),
        allowed(replicationGroupId="cache-2", applyImmediately=False),
    ],
)  # fmt: skip
def test_a_good_config_is_taken(block: dict[str, Any]) -> None:
    settings = read(block)
    assert (
        json.loads(settings.model_dump_json(by_alias=True)).items()
        >= {key: value for key, value in block.items() if key != "parameters"}.items()
    )


def test_a_parameter_may_be_a_number() -> None:
    assert read(allowed(parameters={"timeout": 300})).parameters == {"timeout": "300"}


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "allowedSecurityGroupIds: nobody may connect; list the application's security groups here"),
    ({"allowedCidrs": []}, "nobody may connect"),
    ({"clientSecurityGroup": False}, "nobody may connect"),
    (allowed(engine="memcached"), "engine = \"memcached\": Input should be 'redis' or 'valkey'"),
    (allowed(engineVersion="7.2"), 'engineVersion = "7.2": redis has no version 7.2 here; allowed: "7.0", '),
    (allowed(engineVersion="6.2"), "redis has no version 6.2 here"),
    (
        allowed(engine="valkey"),
        'engineVersion: valkey has no version 7.0 here; allowed: "7.2", "8.0", "8.1", "8.2"',
    ),
    (allowed(engine="valkey", engineVersion="7.1"), "valkey has no version 7.1 here"),
    (allowed(engineVersion=7.0), 'engineVersion = 7.0: a version is a text; put it in quotes, like "7.0"'),
    (allowed(engineVersion=7), "put it in quotes"),
    (allowed(engineVersion=True), "engineVersion = true: a text is needed here: put it in quotes"),
    (
        allowed(nodeType="medium"),
        'nodeType = "medium": not a node type; allowed: dev, small, large, or cache.',
    ),
    (allowed(nodeType="t3.small"), "not a node type"),
    (allowed(nodeType="cache.t2.micro"), "not a node type"),
    (allowed(nodeType="cache.r6gd.xlarge"), "not a node type"),
    (allowed(nodeType="cache.m5.small"), "AWS has no such size; the family m5 comes in large, xlarge"),
    (allowed(numCacheClusters=0), "numCacheClusters = 0: Input should be greater than or equal to 1"),
    (allowed(numCacheClusters=7), "numCacheClusters = 7: Input should be less than or equal to 6"),
    (allowed(numCacheClusters="2"), 'numCacheClusters = "2": Input should be a valid integer'),
    (allowed(port=80), "port = 80: Input should be greater than or equal to 1024"),
    (allowed(evictionPolicy="lru"), "Input should be 'allkeys-lru', 'allkeys-lfu'"),
    (
        allowed(parameters={"maxmemory-policy": "noeviction"}),
        "maxmemory-policy cannot be set here: set evictionPolicy",
    ),
    (
        allowed(parameters={"cluster-enabled": "yes"}),
        "cluster-enabled cannot be set here: the group has no shards",
    ),
    (allowed(parameters={"lazyfree_lazy": "yes"}), "lazyfree_lazy is not a parameter's name"),
    (allowed(parameters={"timeout": True}), "parameters.timeout = true: a text is needed here"),
    (allowed(parameters=["timeout"]), "parameters = [\"timeout\"]: Input should be"),
    (allowed(maintenanceWindow="sunday 5"), "not a time window; write it like sun:05:00-sun:06:00"),
    (allowed(maintenanceWindow="sun:24:00-mon:01:00"), "not a time window"),
    (allowed(maintenanceWindow="Sun:05:00-Sun:06:00"), "not a time window"),
    (allowed(maintenanceWindow="sun:05:00-sun:05:30"), "lasts 30 minutes; AWS needs at least 60"),
    (allowed(maintenanceWindow="sun:05:00-sun:05:00"), "lasts 0 minutes"),
    (allowed(snapshotWindow="3-4"), "not a time window; write it like 03:00-04:00"),
    (allowed(snapshotWindow="03:00-03:59"), "lasts 59 minutes"),
    (
        allowed(snapshotWindow="05:30-06:30"),
        "snapshotWindow = \"05:30-06:30\": overlaps the maintenance window sun:05:00",
    ),
    (allowed(maintenanceWindow="mon:05:00-sun:05:00"), "snapshotWindow: overlaps the maintenance window"),
    (allowed(snapshotRetentionLimit=36), "less than or equal to 35"),
    (allowed(snapshotRetentionLimit=-1), "greater than or equal to 0"),
    (allowed(snapshotRetentionLimit=0), "snapshotRetentionLimit = 0: would switch backups off"),
    (allowed(restoreFromSnapshot="my snapshot"), "not a snapshot's name"),
    (allowed(restoreFromSnapshot=""), "not a snapshot's name"),
    (allowed(kmsKeyArn="alias/redis"), "kmsKeyArn = \"alias/redis\": not the ARN of a KMS key"),
    (allowed(kmsKeyArn="arn:aws:kms:eu-west-1:111122223333:alias/redis"), "not an alias"),
    (
        allowed(kmsKeyArn=KEY.replace("eu-west-1", "us-east-1")),
        "not in the group's region, eu-west-1",
    ),
    (
        allowed(monitoring={"warningTopicArn": "arn:aws:sns:us-east-1:111122223333:alarms"}),
        "arn:aws:sns:us-east-1:111122223333:alarms\": not in the group's region, eu-west-1",
    ),
    (allowed(vpcId="vpc-123"), "vpcId = \"vpc-123\": not a VPC's id; write it like vpc-0a1b"),
    (allowed(vpcId=VPC), "subnetIds: needed with vpcId; or leave both out"),
    (allowed(subnetIds=SUBNETS), "vpcId: needed with subnetIds"),
    (
        allowed(vpcId=VPC, subnetIds=["sg-0123456789abcdef0"]),
        "subnetIds.0 = \"sg-0123456789abcdef0\": not a subnet's id",
    ),
    (
        allowed(vpcId=VPC, subnetIds=SUBNETS[:1]),
        "2 nodes need at least 2 subnets, in different availability zones",
    ),
    (allowed(vpcId=VPC, subnetIds=SUBNETS[:1] * 2), "subnet-0123456789abcdef0 is listed twice"),
    (
        {"allowedSecurityGroupIds": ["default"]},
        "allowedSecurityGroupIds.0 = \"default\": not a security group's id",
    ),
    ({"allowedSecurityGroupIds": [GROUP, GROUP]}, f"{GROUP} is listed twice"),
    ({"allowedSecurityGroupIds": GROUP}, "Input should be a valid array"),
    ({"allowedCidrs": ["0.0.0.0/0"]}, "allowedCidrs.0 = \"0.0.0.0/0\": would let 4,294,967,296 addresses in"),
    ({"allowedCidrs": ["10.0.0.1/16"]}, "did you mean 10.0.0.0/16?"),
    ({"allowedCidrs": ["10.0.0.0/16", "10.0.0.0/16"]}, "10.0.0.0/16 is listed twice"),
    ({"allowedCidrs": ["example.com"]}, "not an IPv4 CIDR block"),
    (allowed(access="none"), "access = \"none\": Input should be 'rbac' or 'auth-token'"),
    (
        allowed(access="auth-token", readOnlyUser=True),
        "readOnlyUser = true: users exist with access: rbac only",
    ),
    (allowed(replicationGroupId="MantisNXT"), "not an id for a replication group: at most 32 lower-case"),
    (allowed(replicationGroupId="a--b"), "not an id"),
    (allowed(replicationGroupId="a-"), "not an id"),
    (allowed(replicationGroupId="1a"), "not an id"),
    (allowed(replicationGroupId="a" * 33), "not an id"),
    (allowed(nodetype="small"), "nodetype = \"small\": unknown key; did you mean nodeType?"),
    (allowed(region="eu-west-1"), "region = \"eu-west-1\": the region is not set here"),
    (allowed(monitoring={"colour": "red"}), "monitoring.colour = \"red\": unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "expected"), BAD, ids=[expected[:40] for _, expected in BAD])
def test_a_bad_config_is_refused_with_its_key_and_what_is_allowed(
    block: dict[str, Any], expected: str
) -> None:
    [problem] = problems(block)
    assert expected in problem


@pytest.mark.parametrize("region", ["Ireland", "eu-west", "eu-west-1a", ""])
def test_a_region_that_is_none_is_refused(region: str) -> None:
    [problem] = problems(allowed(), region=region)
    assert problem.startswith("aws:region")
    assert "not an AWS region; write it like eu-west-1" in problem


@pytest.mark.parametrize(
    "region", ["us-east-1", "ap-southeast-4", "us-gov-west-1", "cn-north-1", "us-isob-east-1"]
)
def test_a_region_of_any_partition_is_taken(region: str) -> None:
    assert read(allowed(), region=region).region == region


@pytest.mark.parametrize(
    ("stack", "block", "expected"),
    [
        ("prod", {"numCacheClusters": 1}, "numCacheClusters = 1: the stack prod needs at least 2 nodes"),
        ("prod", {"snapshotRetentionLimit": 0}, "snapshotRetentionLimit = 0: would switch backups off"),
        ("My_Stack", {}, "replicationGroupId: missing; the default mantisnxt-My_Stack-redis, made from"),
        ("a-very-long-name-x", {}, "replicationGroupId: missing; the default"),
        ("pr-", {}, "replicationGroupId: missing; the default mantisnxt-pr--redis, made from"),
    ],
)
def test_what_does_not_suit_the_stack_is_refused(stack: str, block: dict[str, Any], expected: str) -> None:
    [problem] = problems(allowed(**block), stack=stack)
    assert problem.startswith(expected)


def test_what_one_stack_may_not_another_may() -> None:
    assert read(allowed(numCacheClusters=1)).highly_available is False
    assert read(allowed(snapshotRetentionLimit=0), stack="dev").snapshot_retention_limit == 0
    assert read(allowed(replicationGroupId="redis"), stack="My_Stack").group_id("My_Stack") == "redis"
    assert read(allowed(), stack="sixteen-letters1").group_id("pr-7") == "mantisnxt-pr-7-redis"


@pytest.mark.parametrize(
    ("stack", "said", "expected"),
    [("prod", None, False), ("prod", True, True), ("staging", None, True), ("staging", False, False)],
)
def test_changes_wait_for_the_window_in_production_only(
    stack: str, said: bool | None, expected: bool
) -> None:
    assert read(allowed(applyImmediately=said)).applies_immediately(stack) is expected


@pytest.mark.parametrize(
    ("weekly", "daily", "expected"),
    [
        ("sun:05:00-sun:06:00", "03:00-04:00", False),
        ("sun:05:00-sun:06:00", "04:00-05:00", False),
        ("sun:05:00-sun:06:00", "06:00-07:00", False),
        ("sun:05:00-sun:06:00", "04:01-05:01", True),
        ("sun:05:00-sun:06:00", "05:59-06:59", True),
        ("sun:05:00-sun:06:00", "04:00-07:00", True),
        ("sun:04:00-sun:08:00", "05:00-06:00", True),
        ("sun:05:00-sun:06:00", "23:00-05:30", True),
        ("sun:23:00-mon:01:00", "00:30-01:30", True),
        ("sun:23:00-mon:01:00", "22:30-23:30", True),
        ("sun:23:00-mon:01:00", "01:00-02:00", False),
        ("mon:00:00-mon:01:00", "23:30-00:30", True),
        ("mon:01:00-mon:02:00", "23:30-00:30", False),
    ],
)
def test_windows_that_overlap(weekly: str, daily: str, expected: bool) -> None:
    assert overlap(weekly, daily) is expected


@pytest.mark.parametrize(
    ("engine", "version", "expected"),
    [
        ("redis", "7.0", "redis7"),
        ("redis", "7.1", "redis7"),
        ("valkey", "7.2", "valkey7"),
        ("valkey", "8.2", "valkey8"),
    ],
)
def test_the_family_comes_from_engine_and_version(engine: Any, version: str, expected: str) -> None:
    assert family(engine, version) == expected


def test_a_move_to_valkey_always_changes_the_version() -> None:
    """The AWS plugin refuses a change of engine with the version left alone."""
    assert not set(VERSIONS["redis"]) & set(VERSIONS["valkey"])


def test_the_guides_sizes_are_node_types() -> None:
    assert SIZES == {"dev": "cache.t3.micro", "small": "cache.t3.small", "large": "cache.m5.large"}
    for node_type in SIZES.values():
        _, name, size = node_type.split(".")
        assert size in NODE_TYPES[name]
