"""AWS ElastiCache: a replication group in a VPC, with what it needs around it."""

from dataclasses import replace

import pulumi

from infra import prices
from infra.connection import Connection, Facts, RedisComponent
from infra.guard import Guard
from infra.providers.elasticache.access import Access
from infra.providers.elasticache.metrics import members
from infra.providers.elasticache.monitoring import Monitoring
from infra.providers.elasticache.network import Network, sources
from infra.providers.elasticache.parameter_group import parameter_group
from infra.providers.elasticache.replication_group import replication_group
from infra.settings import ElastiCacheSettings, PasswordSettings, Thresholds


class ElastiCacheRedis(RedisComponent):
    """A replication group without shards: a primary, and replicas that can take over.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``elasticache`` block.
        stack: the stack's name, from which ids and tags are made.
        thresholds: when to raise an alarm.
        password: which password is valid, and whether the one before is, too.
        guard: what protects the data.
    """

    def __init__(
        self,
        name: str,
        settings: ElastiCacheSettings,
        *,
        stack: str,
        thresholds: Thresholds,
        password: PasswordSettings,
        guard: Guard,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheRedis", name, opts=opts)
        group_id = settings.group_id(stack)
        tags = {"Project": "MantisNXT", "Environment": stack}
        network = Network(f"{name}-network", settings, group_id=group_id, tags=tags, opts=self._child())
        access = Access(
            f"{name}-access", settings, password, group_id=group_id, tags=tags, opts=self._child()
        )
        parameters = parameter_group(
            f"{name}-parameters", settings, group_id=group_id, tags=tags, parent=self
        )
        group = replication_group(
            name, settings, stack=stack, network=network, access=access, parameter_group_name=parameters,
            guard=guard, tags=tags, parent=self,
        )  # fmt: skip
        monitoring = Monitoring(
            f"{name}-monitoring",
            planned=members(group_id, settings.num_cache_clusters),
            members=group.member_clusters,
            region=settings.region,
            stack=stack,
            redis=settings,
            thresholds=thresholds,
            group_id=group.replication_group_id,
            tags=tags,
            opts=self._child(),
        )
        reader_host = group.reader_endpoint_address if settings.highly_available else None
        self.connection = Connection(
            host=group.primary_endpoint_address,
            reader_host=reader_host,
            port=settings.port,
            username=access.username,
            password=access.password,
            tls=True,
        )
        self.outputs = {
            "REDIS_READ_ONLY_URL": self._read_only_url(access.reader_password),
            "clientSecurityGroupId": network.client_security_group_id,
            "replicationGroupId": group.replication_group_id,
        }
        self.facts = _facts(settings, monitoring.dashboard_url)
        self.register_outputs({"replicationGroupId": group.replication_group_id})

    def _read_only_url(self, password: pulumi.Output[str] | None) -> pulumi.Output[str] | None:
        """The URL of the user who cannot write, a secret; None where the settings ask for no such user."""
        if password is None:
            return None
        reader = replace(self.connection, username="reader", password=password)
        return reader.url if reader.reader_url is None else reader.reader_url

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)


def _facts(settings: ElastiCacheSettings, dashboard: pulumi.Input[str]) -> Facts:
    return Facts(
        provider=settings.provider,
        region=settings.region,
        engine=f"{settings.engine} {settings.engine_version}",
        nodes=f"{settings.num_cache_clusters} \u00d7 {settings.cache_node_type}",
        high_availability=settings.highly_available,
        tls=True,
        access=sources(settings),
        backup=backup(settings),
        estimated_monthly_cost=prices.elasticache(settings.cache_node_type, settings.num_cache_clusters),
        dashboard=dashboard,
    )


def backup(settings: ElastiCacheSettings) -> str:
    """Say in words what is backed up."""
    days = settings.snapshot_retention_limit
    if not days:
        return "none"
    start, end = settings.snapshot_window.split("-")
    return (
        f"daily, kept {days} day{'s' if days > 1 else ''}, between {start} and {end} UTC; "
        "a final snapshot at deletion"
    )
