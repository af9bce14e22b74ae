"""The block ``elasticache``."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.aws import KeyArn, Region, SecurityGroupId, SubnetId, VpcId, shaped
from infra.settings.block import Block
from infra.settings.common import Cidr, Distinct, EvictionPolicy, Port, Provider
from infra.settings.engines import SIZES, VERSIONS, Engine, NodeType, Version
from infra.settings.monitoring import MonitoringSettings
from infra.settings.parameters import Parameters
from infra.settings.windows import DailyWindow, WeeklyWindow, overlap

PRODUCTION, DEVELOPMENT = ("prod", "production"), "dev"

LONGEST_GROUP_ID = 32
"""Characters. AWS takes 40 for a group and 40 for a user, and a user's id is the group's and ``-default``."""

GROUP_ID = rf"(?=.{{1,{LONGEST_GROUP_ID}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"
GROUP_ID_RULE = (
    f"at most {LONGEST_GROUP_ID} lower-case letters, digits and single hyphens, a letter first, "
    "no hyphen last"
)

GroupId = Annotated[str, shaped(GROUP_ID, f"not an id for a replication group: {GROUP_ID_RULE}")]
SnapshotName = Annotated[
    str,
    shaped(r"[A-Za-z][A-Za-z0-9.-]{0,254}", "not a snapshot's name: letters, digits, dots and hyphens only"),
]


class ElastiCacheSettings(Block):
    """A replication group of AWS ElastiCache in a VPC."""

    provider: Literal[Provider.ELASTICACHE] = Provider.ELASTICACHE
    region: Region
    """The AWS region. It comes from ``aws:region`` in the stack's config, which the AWS plugin reads, too."""
    replication_group_id: GroupId | None = None
    """The group's id, which other names are made from. Default: ``mantisnxt-<stack>-redis``.

    At most 32 lower-case letters, digits and single hyphens. Another id means another, empty group.
    """
    engine: Engine = "redis"
    """The software. A group can move from redis to valkey, not back."""
    engine_version: Version = "7.0"
    """Major and minor version, in quotes. For redis 7.0 or 7.1; for valkey 7.2, 8.0, 8.1 or 8.2.

    A group can be upgraded in place; a lower version would replace it.
    """
    node_type: NodeType = "small"
    """Size of a node: dev (cache.t3.micro), small (cache.t3.small), large (cache.m5.large), or a node type of
    AWS such as cache.r7g.large. The t3 and t4g nodes are burstable: CPU credits limit a lasting load.
    """
    num_cache_clusters: int = Field(2, ge=1, le=6)
    """Nodes: the primary and up to five replicas. From 2 on they fail over by themselves, across zones.

    The stack ``prod`` or ``production`` needs at least 2.
    """
    port: Port = 6379
    """TCP port. Another one replaces the group."""
    eviction_policy: EvictionPolicy = EvictionPolicy.ALLKEYS_LRU
    """What the engine removes when the memory is full."""
    parameters: Parameters = Field(default_factory=dict)
    """More parameters of the engine by their names, such as ``timeout: 300``."""
    maintenance_window: WeeklyWindow = "sun:05:00-sun:06:00"
    """When AWS may do maintenance: weekly, UTC, at least 60 minutes."""
    auto_minor_version_upgrade: bool = True
    """Take minor versions of the engine in the maintenance window.

    After one, write the new version into ``engineVersion``: the old one would be a downgrade.
    """
    apply_immediately: bool | None = None
    """Make changes at once, not in the next maintenance window. Default: false in ``prod``
    and ``production``, else true.

    A change that waits is planned again by each ``pulumi up``. Set it to true for a change of engine or major
    version: AWS does not delete the old parameter group before the change is made.
    """
    snapshot_window: DailyWindow = "03:00-04:00"
    """When the daily snapshot is taken: UTC, at least 60 minutes, outside the maintenance window."""
    snapshot_retention_limit: int = Field(7, ge=0, le=35)
    """How many days a daily snapshot is kept, up to 35.

    0 switches snapshots off, the final one at deletion, too; only the stack ``dev`` may do that.
    """
    restore_from_snapshot: SnapshotName | None = None
    """Snapshot that a new group is filled from. A group that exists is not touched by it, so the key can
    stay or go later; a change that replaces the group does not read it either.
    """
    kms_key_arn: KeyArn | None = None
    """ARN of a KMS key for the encryption at rest. Default: AWS's own key. Another one replaces the group."""
    vpc_id: VpcId | None = None
    """The VPC. Default: the region's default VPC with its default subnets."""
    subnet_ids: Annotated[tuple[SubnetId, ...], Distinct] = ()
    """Private subnets of the VPC, in two availability zones or more. Needed with ``vpcId``."""
    allowed_security_group_ids: Annotated[tuple[SecurityGroupId, ...], Distinct] = ()
    """Security groups of the application: what has one of them may connect."""
    allowed_cidrs: Annotated[tuple[Cidr, ...], Distinct] = ()
    """IPv4 address ranges that may connect."""
    client_security_group: bool = False
    """Make a security group that may connect, for the application to attach."""
    access: Literal["rbac", "auth-token"] = "rbac"
    """How clients log in: rbac (a user ``app``, nobody else) or auth-token (one password for all)."""
    read_only_user: bool = False
    """Make a second user, ``reader``, that can read but not write. Needs ``access: rbac``."""
    monitoring: MonitoringSettings = MonitoringSettings()
    """The dashboard and who is told about alarms."""

    @property
    def cache_node_type(self) -> str:
        """The node type by AWS's name."""
        return SIZES.get(self.node_type, self.node_type)

    @property
    def highly_available(self) -> bool:
        """Whether a replica takes over from a lost primary."""
        return self.num_cache_clusters > 1

    def group_id(self, stack: str) -> str:
        """The replication group's id in a stack."""
        return self.replication_group_id or f"mantisnxt-{stack}-redis"

    def applies_immediately(self, stack: str) -> bool:
        """Whether a stack's changes are made at once."""
        return stack not in PRODUCTION if self.apply_immediately is None else self.apply_immediately

    def misfit(self, stack: str) -> tuple[str, str] | None:
        """What does not suit a stack of this name: the key and the problem, or None."""
        if not re.fullmatch(GROUP_ID, self.group_id(stack)):
            return "replicationGroupId", (
                f"missing; the default {self.group_id(stack)}, made from the stack's name, is no id for a "
                f"replication group; set one of {GROUP_ID_RULE}"
            )
        if stack in PRODUCTION and not self.highly_available:
            return "numCacheClusters", (
                f"the stack {stack} needs at least 2 nodes, so that one can take over from the other"
            )
        if stack != DEVELOPMENT and self.snapshot_retention_limit == 0:
            return "snapshotRetentionLimit", (
                f"would switch backups off, which only the stack {DEVELOPMENT} may do; allowed: 1 to 35"
            )
        return None

    @model_validator(mode="after")
    def _version_exists(self) -> Self:
        if self.engine_version not in VERSIONS[self.engine]:
            raise PydanticCustomError(
                "version",
                "{engine} has no version {version} here; allowed: {allowed}",
                {
                    "engine": self.engine,
                    "version": self.engine_version,
                    "allowed": ", ".join(f'"{version}"' for version in VERSIONS[self.engine]),
                    "path": ("engineVersion",),
                },
            )
        return self

    @model_validator(mode="after")
    def _snapshots_have_their_own_time(self) -> Self:
        if overlap(self.maintenance_window, self.snapshot_window):
            raise PydanticCustomError(
                "overlap",
                "overlaps the maintenance window {window}; AWS refuses that",
                {"window": self.maintenance_window, "path": ("snapshotWindow",)},
            )
        return self

    @model_validator(mode="after")
    def _network_is_complete(self) -> Self:
        if bool(self.vpc_id) != bool(self.subnet_ids):
            missing, given = ("subnetIds", "vpcId") if self.vpc_id else ("vpcId", "subnetIds")
            raise PydanticCustomError(
                "network",
                "needed with {given}; or leave both out for the region's default VPC",
                {"given": given, "path": (missing,)},
            )
        if self.highly_available and len(self.subnet_ids) == 1:
            raise PydanticCustomError(
                "network",
                "{count} nodes need at least 2 subnets, in different availability zones",
                {"count": self.num_cache_clusters, "path": ("subnetIds",)},
            )
        return self

    @model_validator(mode="after")
    def _somebody_may_connect(self) -> Self:
        if not (self.allowed_security_group_ids or self.allowed_cidrs or self.client_security_group):
            raise PydanticCustomError(
                "access",
                "nobody may connect; list the application's security groups here, or its ranges in "
                "allowedCidrs, or set clientSecurityGroup: true and attach the group that this makes",
                {"path": ("allowedSecurityGroupIds",)},
            )
        return self

    @model_validator(mode="after")
    def _users_need_rbac(self) -> Self:
        if self.read_only_user and self.access != "rbac":
            raise PydanticCustomError(
                "access",
                "users exist with access: rbac only; an AUTH token has no other rights for other clients",
                {"path": ("readOnlyUser",)},
            )
        return self

    @model_validator(mode="after")
    def _all_is_in_one_region(self) -> Self:
        others = (
            (("kmsKeyArn",), self.kms_key_arn),
            (("monitoring", "criticalTopicArn"), self.monitoring.critical_topic_arn),
            (("monitoring", "warningTopicArn"), self.monitoring.warning_topic_arn),
        )
        for path, arn in others:
            if arn and arn.split(":")[3] != self.region:
                raise PydanticCustomError(
                    "region", "not in the group's region, {region}", {"region": self.region, "path": path}
                )
        return self
