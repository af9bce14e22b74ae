"""The settings of a replication group, for a second one that is like it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import CacheClusterTypeDef, ReplicationGroupTypeDef

LONGEST_ID = 40
"""Characters of a replication group's id (API reference, CreateReplicationGroup)."""


def with_suffix(group_id: str, suffix: str) -> str:
    """An id that ends in a suffix, cut in front of it where it would get too long.

    >>> with_suffix("mantisnxt-prod-redis", "-restored")
    'mantisnxt-prod-redis-restored'
    """
    return group_id[: LONGEST_ID - len(suffix)].rstrip("-") + suffix


def restored_ids(group_id: str) -> Iterator[str]:
    """The ids to try for a restored group."""
    yield with_suffix(group_id, "-restored")
    for number in range(2, 10):
        yield with_suffix(group_id, f"-restored-{number}")


def settings_of(group: "ReplicationGroupTypeDef", member: "CacheClusterTypeDef") -> dict[str, Any]:
    """The parameters of ``create_replication_group`` that make a group like this one.

    The password is not among them: AWS does not tell it. Nor is how long snapshots are kept.

    Args:
        group: the group as AWS describes it.
        member: one of its nodes, which knows what the group does not tell.
    """
    primary = group["NodeGroups"][0].get("PrimaryEndpoint", {})
    settings: Mapping[str, Any] = {
        "Engine": member.get("Engine"),
        # To the patch, as AWS tells it, it would be refused: only major and minor can be chosen.
        "EngineVersion": ".".join(member.get("EngineVersion", "").split(".")[:2]),
        "CacheNodeType": group.get("CacheNodeType"),
        "NumCacheClusters": len(group.get("MemberClusters", ())),
        "AutomaticFailoverEnabled": group.get("AutomaticFailover") in ("enabled", "enabling"),
        "MultiAZEnabled": group.get("MultiAZ") == "enabled",
        "Port": primary.get("Port"),
        "CacheParameterGroupName": member.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        "CacheSubnetGroupName": member.get("CacheSubnetGroupName"),
        "SecurityGroupIds": [one["SecurityGroupId"] for one in member.get("SecurityGroups", ())],
        "AtRestEncryptionEnabled": group.get("AtRestEncryptionEnabled"),
        "KmsKeyId": group.get("KmsKeyId"),
        "TransitEncryptionEnabled": group.get("TransitEncryptionEnabled"),
        "TransitEncryptionMode": group.get("TransitEncryptionMode"),
        "UserGroupIds": group.get("UserGroupIds"),
        "PreferredMaintenanceWindow": member.get("PreferredMaintenanceWindow"),
        "AutoMinorVersionUpgrade": group.get("AutoMinorVersionUpgrade"),
        "NetworkType": group.get("NetworkType"),
        "IpDiscovery": group.get("IpDiscovery"),
        # Node types without an SSD refuse even a false one.
        "DataTieringEnabled": True if group.get("DataTiering") == "enabled" else None,
    }
    return {name: value for name, value in settings.items() if value not in (None, "", [])}
