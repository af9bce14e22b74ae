"""What a reviewer wants to know about a Redis Cloud subscription and its database."""

import pulumi

from infra import prices
from infra.connection import Facts
from infra.settings import RedisCloudSettings
from infra.settings.rediscloud import Persistence
from infra.settings.rediscloud.parts import RemoteBackup


def facts(
    settings: RedisCloudSettings, subscription_id: pulumi.Input[str], database_id: pulumi.Input[int]
) -> Facts:
    """Tell the facts of a subscription and its database, of which the service alone knows the numbers."""
    return Facts(
        provider=settings.provider,
        region=f"{settings.cloud_provider} {settings.region}",
        engine=f"redis with {' and '.join(settings.modules)}" if settings.modules else "redis",
        nodes=nodes(settings),
        high_availability=settings.replication,
        tls=True,
        access=list(settings.source_ips),
        backup=backup(settings.persistence, settings.remote_backup),
        estimated_monthly_cost=prices.rediscloud(
            settings.memory_limit_in_gb, settings.throughput if settings.shards is None else None
        ),
        dashboard=pulumi.Output.format(
            "https://cloud.redis.io/#/databases/{0}/subscription/{1}/view-bdb/configuration",
            database_id,
            subscription_id,
        ),
    )


def nodes(settings: RedisCloudSettings) -> str:
    """How much memory there is, in how many copies, and for how much work."""
    measured_by, value = settings.measure
    work = f"{value:,} {'shards' if measured_by == 'number-of-shards' else 'operations a second'}"
    zone = "another zone" if settings.multi_az else "the same zone"
    replica = f"half of it for a replica in {zone}" if settings.replication else "without a replica"
    return f"{settings.memory_limit_in_gb:g} GB, {replica}, {work}"


def backup(persistence: Persistence, remote: RemoteBackup | None) -> str:
    """What is kept on disk, and what elsewhere."""
    disk = "nothing on disk" if persistence is Persistence.NONE else f"{persistence.value} on disk"
    if remote is None:
        return f"{disk}; no copies elsewhere"
    at = f" at {remote.time_utc} UTC" if remote.time_utc else ""
    return f"{disk}; a copy {remote.interval.replace('-', ' ')}{at} to {remote.path}"
