"""What the plugins do that the SDKs do not tell: tables for each resource type.

A type without a rule has the defaults: two objects can have one name, and another name replaces it.
"""

from collections.abc import Mapping

from tests.engine.cloud import functions
from tests.engine.cloud.rule import Rule
from tests.engine.cloud.rules_aws import AWS

RULES: Mapping[str, Rule] = {
    **AWS,
    "upstash:index/redisDatabase:RedisDatabase": Rule(
        name="databaseName",
        id="{uuid}",
        computed={
            "databaseId": "{id}", "endpoint": "{databaseName}-{number}.upstash.io", "port": 6379,
            "state": "active", "databaseType": "pay as you go", "userEmail": "ops@example.com",
        },
        defaults={"tls": False, "budget": 20, "eviction": False, "autoScale": False, "prodPack": False},
        forced={"tls": True},
        forgotten={"multizone": True},
        second_call=("ipAllowlists",),
        replaces={
            "databaseName": True, "region": True, "primaryRegion": True,
            "tls": lambda old, new: bool(old["tls"]),
        },
        gone="404: database not found",
        accept=functions.refuse_database,
    ),
    "rediscloud:index/subscription:Subscription": Rule(
        id="{number}",
        ignored=("creationPlan",),
        unread=("creationPlan",),
        replaces={"cloudProvider": True, "memoryStorage": True, "paymentMethod": True},
        defaults={"memoryStorage": "ram", "paymentMethod": "credit-card"},
        held="409: the subscription has databases",
    ),
    "rediscloud:index/subscriptionDatabase:SubscriptionDatabase": Rule(
        id="{subscriptionId}/{number}",
        computed={
            "dbId": lambda p: int(p["id"].split("/")[1]),
            "privateEndpoint": "redis-{number}.internal.rediscloud.example:12000",
            "publicEndpoint": "redis-{number}.rediscloud.example:12000",
            "password": functions.password,
        },
        defaults={"enableTls": False, "dataPersistence": "none", "protocol": "redis", "replication": True,
                  "dataEviction": "volatile-lru", "supportOssClusterApi": False},
        forgotten={"sourceIps": ["0.0.0.0/0"]},
        sticky=("password", "remoteBackup"),
        replaces={"subscriptionId": True, "protocol": True, "port": True, "modules": True},
        same=("subscriptionId", "name"),
        exists="409: DATABASE_NAME_ALREADY_EXISTS",
    ),
    "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable": Rule(
        name="key",
        replaces=dict.fromkeys(("key", "projectId", "teamId", "sensitive"), True),
        same=("projectId", "key", "targets"),
        exists="ENV_CONFLICT",
        sticky=("teamId", "comment"),
        unread=("value",),
        accept=functions.refuse_variable,
    ),
    "random:index/randomPassword:RandomPassword": Rule(
        id="none",
        computed={"result": functions.password, "bcryptHash": functions.password},
        replaces=dict.fromkeys(functions.RANDOM, True),
    ),
    "random:index/randomString:RandomString": Rule(
        id="{result}", computed={"result": functions.password}, replaces=dict.fromkeys(functions.RANDOM, True)
    ),
    "random:index/randomId:RandomId": Rule(
        id="{hex}", computed={"hex": "{id}"}, replaces=dict.fromkeys(functions.RANDOM, True)
    ),
}  # fmt: skip


def rule(token: str) -> Rule:
    """The rule of a resource type."""
    return RULES.get(token, Rule())


CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "upstash": {"email": "UPSTASH_EMAIL", "apiKey": "UPSTASH_API_KEY"},
    "aws": {"region": "AWS_REGION"},
    "vercel": {"apiToken": "VERCEL_API_TOKEN"},
}
"""For each package, the settings that its plugin demands, and the variables that it reads instead."""
