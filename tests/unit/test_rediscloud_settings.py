"""The block ``rediscloud`` of the config."""

import json
from typing import Any

import pulumi_rediscloud
import pytest

from infra.config import ConfigError, parse
from infra.settings import Settings
from infra.settings.rediscloud import Persistence

KEYS = {"rediscloud:apiKey": "hunter2", "rediscloud:secretKey": "hunter3"}
LEAST = {
    "region": "eu-west-1",
    "networkingDeploymentCidr": "10.42.0.0/24",
    "sourceIps": ["192.0.2.0/24"],
    "paymentMethodId": 8859,
}


def read(block: dict[str, Any]) -> Settings:
    config = {"provider": "rediscloud", "rediscloud": json.dumps(block)}
    own = {f"mantisnxt-redis:{key}": text for key, text in config.items()}
    return parse(own | KEYS, project="mantisnxt-redis", stack="prod")


def test_every_way_to_persist_is_one_that_the_plugin_documents() -> None:
    documented = pulumi_rediscloud.SubscriptionDatabase.__init__.__doc__ or ""
    documented += pulumi_rediscloud.SubscriptionDatabaseArgs.__init__.__doc__ or ""
    assert [way for way in Persistence if f"'{way.value}'" not in documented] == []


BACKUP = {"interval": "every-24-hours", "timeUtc": "02:00", "path": "s3://backups"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cloudProvider": "Azure"}, 'cloudProvider = "Azure": on Azure, Redis Cloud Pro is sold as'),
        ({"cloudProvider": "AZURE"}, "choose AWS or GCP"),
        ({"cloudProvider": "aws"}, "cloudProvider = \"aws\": Input should be 'AWS' or 'GCP'"),
        ({"cloudProvider": 1}, "cloudProvider = 1: Input should be 'AWS' or 'GCP'"),
        ({"region": "eu-west-9"}, 'region = "eu-west-9": Redis Cloud has no such region on AWS; did'),
        ({"region": "europe-west1"}, "no such region on AWS"),
        ({"cloudProvider": "GCP"}, 'region = "eu-west-1": Redis Cloud has no such region on GCP'),
        ({"region": "nowhere"}, "no such region on AWS; allowed: af-south-1, ap-east-1"),
        ({"region": None}, "region = null: Input should be a valid string"),
        ({"networkingDeploymentCidr": "10.0.0.0/16"}, "is a /16; the subscription's network takes a /24 of"),
        (
            {"networkingDeploymentCidr": "10.0.0.0/33"},
            '"10.0.0.0/33": not an IPv4 CIDR block; the subscription',
        ),
        ({"networkingDeploymentCidr": "8.8.8.0/24"}, 'networkingDeploymentCidr = "8.8.8.0/24": is public'),
        ({"networkingDeploymentCidr": "172.32.0.0/24"}, "is public; the subscription's network takes a /24"),
        ({"networkingDeploymentCidr": "127.0.0.0/24"}, "takes a /24 of private addresses, like 10.42.0.0/24"),
        ({"networkingDeploymentCidr": "10.0.0.7/24"}, "has bits after its prefix; did you mean 10.0.0.0/24?"),
        ({"multiAz": True, "replication": False}, "replication = false: multiAz keeps the replica in"),
        ({"multiAz": "yes"}, 'multiAz = "yes": Input should be a valid boolean'),
        ({"memoryLimitInGb": 0}, "memoryLimitInGb = 0: Input should be greater than or equal to 0.1"),
        ({"memoryLimitInGb": -1}, "memoryLimitInGb = -1: Input should be greater than"),
        ({"memoryLimitInGb": "1 GB"}, 'memoryLimitInGb = "1 GB": Input should be a valid number'),
        ({"throughput": 0}, "throughput = 0: Input should be greater than or equal to 1"),
        ({"throughput": 10**8}, "throughput = 100000000: Input should be less than or equal to 10000"),
        ({"throughput": "50K"}, 'throughput = "50K": Input should be a valid integer'),
        ({"shards": 0}, "shards = 0: Input should be greater than or equal to 1"),
        ({"shards": 1, "throughput": 1000}, "throughput = 1000: not together with shards"),
        ({"modules": ["RediSearch"]}, "shards: missing: RediSearch is sold by shards"),
        ({"modules": ["search"]}, "modules.0 = \"search\": Input should be 'RediSearch' or 'RedisJSON'"),
        ({"modules": ["RedisJSON", "RedisJSON"]}, "RedisJSON is listed twice"),
        ({"evictionPolicy": "lru"}, "evictionPolicy = \"lru\": Input should be 'allkeys-lru'"),
        ({"persistence": "aof"}, "persistence = \"aof\": Input should be 'none', 'aof-every-1-second'"),
        ({"persistence": False}, "persistence = false: Input should be 'none'"),
        ({"sourceIps": []}, "sourceIps = []: name at least one range"),
        ({"sourceIps": ["0.0.0.0/0"]}, 'sourceIps.0 = "0.0.0.0/0": would let 4,294,967,296 addresses'),
        ({"sourceIps": ["192.0.2.300/32"]}, "not an IPv4 CIDR block"),
        ({"sourceIps": ["192.0.2.0/24"] * 2}, "192.0.2.0/24 is listed twice"),
        ({"databaseName": "my_cache"}, 'databaseName = "my_cache": a name has 1 to 40 letters'),
        (
            {"remoteBackup": {**BACKUP, "interval": "daily"}},
            'remoteBackup.interval = "daily": Input should be',
        ),
        (
            {"remoteBackup": {**BACKUP, "timeUtc": "2:00"}},
            'remoteBackup.timeUtc = "2:00": should be a full hour',
        ),
        ({"remoteBackup": {**BACKUP, "timeUtc": "02:30"}}, "should be a full hour in quotes, like '02:00'"),
        (
            {"remoteBackup": {**BACKUP, "timeUtc": 120}},
            "remoteBackup.timeUtc = 120: a text is needed here: put it in quotes",
        ),
        ({"remoteBackup": {**BACKUP, "timeUtc": None}}, "remoteBackup.timeUtc = null: say when, in UTC"),
        ({"remoteBackup": {**BACKUP, "interval": "every-1-hours"}}, '"02:00": goes with every-12-hours and'),
        (
            {"remoteBackup": {**BACKUP, "path": "/backups"}},
            'remoteBackup.path = "/backups": should be s3://buck',
        ),
        ({"remoteBackup": {**BACKUP, "path": "ftp://u:p@host/"}}, "without any password"),
        (
            {"remoteBackup": {**BACKUP, "storageType": "aws-s3"}},
            "unknown key; allowed: interval, timeUtc, path",
        ),
        ({"remoteBackup": {}}, "remoteBackup.interval: missing"),
        ({"remoteBackup": True}, "remoteBackup = true: Input should be an object"),
        ({"paymentMethodId": None}, "paymentMethodId = null: missing: say who pays"),
        ({"paymentMethodId": "8859"}, 'paymentMethodId = "8859": Input should be a valid integer'),
        ({"paymentMethodId": 0}, "paymentMethodId = 0: Input should be greater than or equal to 1"),
        ({"marketplace": True}, "marketplace = true: not together with paymentMethodId; keep one"),
        ({"paymentCard": {"type": "Visa", "lastFour": "0042"}}, "paymentCard = {"),
        (
            {"paymentCard": {"type": "Visa", "lastFour": 42}},
            "paymentCard.lastFour = 42: a text is needed here",
        ),
        (
            {"paymentCard": {"type": "Visa", "lastFour": "42"}},
            "should be the card's last four digits, in quotes",
        ),
        (
            {"paymentCard": {"type": "", "lastFour": "0042"}},
            'paymentCard.type = "": String should have at least',
        ),
        ({"paymentCard": {"lastFour": "0042"}}, "paymentCard.type: missing"),
        ({"tls": True}, "tls = true: unknown key"),
    ],
)
def test_a_bad_block_is_refused_with_the_reason(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(LEAST | change)
    assert "Tuple should" not in str(caught.value), "a bad item is one problem, not two"
    assert expected in str(caught.value)


@pytest.mark.parametrize("key", LEAST)
def test_what_only_the_user_knows_is_required(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read({other: LEAST[other] for other in LEAST if other != key})
    assert str(caught.value).startswith("1 problem ")
    assert f"rediscloud.{key}: missing" in str(caught.value)
