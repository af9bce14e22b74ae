"""The replication group itself: the resource that holds the data."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from infra.guard import Guard
from infra.providers.elasticache.access import Access
from infra.providers.elasticache.network import Network
from infra.settings import ElastiCacheSettings

REPLACED_BY = (
    "replicationGroupId",
    "port",
    "subnetGroupName",
    "kmsKeyId",
    "atRestEncryptionEnabled",
    "engine",  # back from valkey to redis
    "engineVersion",  # to a lower one
)
"""The inputs of which a change can mean a new replication group."""


def replication_group(
    component: str,
    settings: ElastiCacheSettings,
    *,
    stack: str,
    network: Network,
    access: Access,
    parameter_group_name: pulumi.Input[str],
    guard: Guard,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> aws.elasticache.ReplicationGroup:
    """Make the replication group, in one shard, encrypted on disk and on the wire.

    Args:
        component: the component's name, which the names of the resources begin with.
        settings: the stack's ``elasticache`` block.
        stack: the stack's name.
        network: where the group lives.
        access: who logs in, and how.
        parameter_group_name: the parameters of the engine.
        guard: what protects the data.
        tags: the tags of the group.
        parent: the component.
    """
    group_id = settings.group_id(stack)
    options = pulumi.ResourceOptions(
        parent=parent,
        hooks=pulumi.ResourceHookBinding(before_update=[_lock()]),
        # Two groups cannot have one id.
        delete_before_replace=True,
        # Read at create only; a change of it, or its removal, would replace the group.
        ignore_changes=["snapshotName"],
    )
    name = f"{component}-group"
    return aws.elasticache.ReplicationGroup(
        name,
        replication_group_id=group_id,
        description=f"Redis of MantisNXT, stack {stack}",
        engine=settings.engine,
        engine_version=settings.engine_version,
        node_type=settings.cache_node_type,
        num_cache_clusters=settings.num_cache_clusters,
        automatic_failover_enabled=settings.highly_available,
        multi_az_enabled=settings.highly_available,
        port=settings.port,
        parameter_group_name=parameter_group_name,
        subnet_group_name=network.subnet_group_name,
        security_group_ids=[network.security_group_id],
        at_rest_encryption_enabled=True,
        kms_key_id=settings.kms_key_arn,
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        maintenance_window=settings.maintenance_window,
        auto_minor_version_upgrade=settings.auto_minor_version_upgrade,
        apply_immediately=settings.applies_immediately(stack),
        snapshot_window=settings.snapshot_window,
        snapshot_retention_limit=settings.snapshot_retention_limit,
        snapshot_name=settings.restore_from_snapshot,
        final_snapshot_identifier=_final_snapshot(component, settings, group_id, network, parent),
        tags=tags,
        opts=guard.keep(name, options, replaced_by=REPLACED_BY),
        **access.inputs,
    )


def _lock() -> pulumi.ResourceHook:
    """Refuse a change from users to an AUTH token.

    AWS takes the users away first, and accepts a first token for a group that exists only in a way that
    leaves it open to clients without a password (ElastiCache user guide, "Authenticating with AUTH").
    """

    def refuse(args: pulumi.ResourceHookArgs) -> None:
        if "userGroupIds" in (args.old_inputs or {}) and "authToken" in (args.new_inputs or {}):
            raise ValueError(
                "elasticache.access cannot go from rbac to auth-token: meanwhile Redis would be open without "
                "a password. Undo the change, or make the new Redis in a stack of its own."
            )

    return pulumi.ResourceHook("access", refuse, pulumi.ResourceHookOptions(on_dry_run=True))


def _final_snapshot(
    component: str, settings: ElastiCacheSettings, group_id: str, network: Network, parent: pulumi.Resource
) -> pulumi.Output[str] | None:
    """Name the snapshot that AWS takes when the group is deleted; None where snapshots are off.

    AWS keeps it, so each group needs another name: the suffix is new in a new stack, and whenever an input
    changes that can mean a new group. It has to be in the state before the deletion, which reads it there.
    """
    if not settings.snapshot_retention_limit:
        return None
    suffix = random.RandomId(
        f"{component}-final-snapshot",
        byte_length=4,
        keepers={
            "id": group_id,
            "port": str(settings.port),
            "subnets": network.subnet_group_name,
            "key": settings.kms_key_arn or "",
            "engine": f"{settings.engine} {settings.engine_version}",
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return pulumi.Output.concat(group_id, "-final-", suffix.hex)
