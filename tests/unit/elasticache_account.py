"""An AWS account of moto's with one replication group.

moto describes no nodes of a group and counts only one, and finishes everything at once, but never a deletion:
here a group has its nodes, and each pause between two questions does what AWS would have finished by then.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elasticache.models import elasticache_backends

from infra.backup.elasticache import ElastiCacheBackup

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

CREATE = "elasticache.CreateReplicationGroup"
REGION, GROUP = "eu-west-1", "mantisnxt-prod-redis"
PASSWORD = "correct-horse-battery-staple-correct"
# A name that never resolves (RFC 6761): the database cannot be reached from here, as one in a VPC cannot.
URL = f"rediss://app:{PASSWORD}@master.redis.invalid:6379"
SETTINGS: dict[str, Any] = {
    "Engine": "redis",
    "CacheNodeType": "cache.t3.small",
    "NumCacheClusters": 2,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "Port": 6379,
    "AtRestEncryptionEnabled": True,
    "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "TransitEncryptionEnabled": True,
    "TransitEncryptionMode": "required",
    "UserGroupIds": ["users"],
    "AutoMinorVersionUpgrade": True,
    "NetworkType": "ipv4",
    "IpDiscovery": "ipv4",
}
OF_THE_NODE: dict[str, Any] = {
    "EngineVersion": "7.0",
    "CacheParameterGroupName": "prod-parameters",
    "CacheSubnetGroupName": "prod-subnets",
    "SecurityGroupIds": ["sg-1", "sg-2"],
    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
}
KEPT: dict[str, Any] = {"SnapshotRetentionLimit": 7, "SnapshotWindow": "03:00-04:00"}
TAGS = [{"Key": "Environment", "Value": "prod"}]


class Account:
    """An AWS account with one group in it."""

    def __init__(self, client: "ElastiCacheClient") -> None:
        self.client = client
        for event, handler in self.handlers.items():
            client.meta.events.register(event, handler)
        self.made: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.pauses: list[float] = []
        self.meanwhile: list[Callable[[], None]] = []
        self.backend = elasticache_backends[DEFAULT_ACCOUNT_ID][REGION]
        self.make_group(GROUP)
        self.made.clear()
        self.backup = ElastiCacheBackup(self.client, GROUP, URL, "prod", self.told.append, self.pause)

    @property
    def handlers(self) -> dict[str, Callable[..., None]]:
        return {f"before-parameter-build.{CREATE}": self._add_node, f"after-call.{CREATE}": self._count_nodes}

    def make_group(self, name: str, **more: Any) -> None:
        self.client.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="Redis",
            **{**SETTINGS, **OF_THE_NODE, **KEPT, "Tags": TAGS, **more},
        )

    def _count_nodes(self, parsed: dict[str, Any], **_: Any) -> None:
        if "Error" in parsed:
            return
        params = self.made[-1]
        group = self.backend.replication_groups[params["ReplicationGroupId"]]
        wanted = range(1, params["NumCacheClusters"] + 1)
        group.member_clusters = [f"{params['ReplicationGroupId']}-{number:03}" for number in wanted]

    def _add_node(self, params: dict[str, Any], **_: Any) -> None:
        self.made.append(params)
        name = params["ReplicationGroupId"]
        if name in self.backend.replication_groups:
            return
        self.client.create_cache_cluster(
            CacheClusterId=f"{name}-001",
            Engine="redis",
            CacheNodeType=params["CacheNodeType"],
            NumCacheNodes=1,
            EngineVersion="7.0.7",  # AWS tells the patch, too
            CacheSubnetGroupName=params["CacheSubnetGroupName"],
            PreferredMaintenanceWindow=params["PreferredMaintenanceWindow"],
        )
        node: Any = self.backend.cache_clusters[f"{name}-001"]
        node.security_groups = [
            {"security_group_id": one, "status": "active"} for one in params["SecurityGroupIds"]
        ]
        node.cache_parameter_group = {"cache_parameter_group_name": params["CacheParameterGroupName"]}

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        assert len(self.pauses) < 20, "it waits for what never comes"
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def delete_what_is_being_deleted(self) -> None:
        groups = self.backend.replication_groups
        for name in [name for name, group in groups.items() if group.status == "deleting"]:
            del groups[name]

    def groups(self) -> set[str]:
        return set(self.backend.replication_groups)

    def snapshots(self) -> set[str]:
        return set(self.backend.snapshots)
