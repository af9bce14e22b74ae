"""What Redis Cloud is asked for. Everything that its plugin would leave open is said."""

import math
from typing import Any

import pulumi
import pulumi_rediscloud as rediscloud

from infra.settings import RedisCloudSettings
from infra.settings.rediscloud.parts import RemoteBackup
from infra.settings.thresholds import Thresholds

LONGEST_LATENCY_MS = 10_000
"""The most that the service's latency alert can be set to, from its page about alerts."""

STORAGE_TYPES = {"s3": "aws-s3", "gs": "google-blob-storage"}
"""The service's names of the places that a path can be in."""


def subscription_inputs(
    settings: RedisCloudSettings, payment_method_id: pulumi.Input[str] | None
) -> dict[str, Any]:
    """The subscription, but for its name.

    Args:
        settings: the stack's ``rediscloud`` block.
        payment_method_id: what pays, None with a marketplace account.
    """
    measured_by, value = settings.measure
    return {
        "payment_method": "credit-card" if payment_method_id is not None else "marketplace",
        "payment_method_id": payment_method_id,
        "memory_storage": "ram",
        "cloud_provider": rediscloud.SubscriptionCloudProviderArgs(
            provider=settings.cloud_provider,
            regions=[
                rediscloud.SubscriptionCloudProviderRegionArgs(
                    region=settings.region,
                    networking_deployment_cidr=settings.networking_deployment_cidr,
                    multiple_availability_zones=settings.multi_az,
                )
            ],
        ),
        # Read once, when the subscription is made: the service chooses its machines by it.
        "creation_plan": rediscloud.SubscriptionCreationPlanArgs(
            memory_limit_in_gb=settings.memory_limit_in_gb,
            quantity=1,
            replication=settings.replication,
            throughput_measurement_by=measured_by,
            throughput_measurement_value=value,
            modules=list(settings.modules) or None,
        ),
    }


def database_inputs(settings: RedisCloudSettings, thresholds: Thresholds) -> dict[str, Any]:
    """The database, but for its name, its subscription and its password."""
    measured_by, value = settings.measure
    return {
        "memory_limit_in_gb": settings.memory_limit_in_gb,
        "throughput_measurement_by": measured_by,
        "throughput_measurement_value": value,
        "replication": settings.replication,
        "data_eviction": settings.eviction_policy.value,
        "data_persistence": settings.persistence.value,
        "enable_tls": True,
        "source_ips": list(settings.source_ips),
        "modules": [rediscloud.SubscriptionDatabaseModuleArgs(name=name) for name in settings.modules]
        or None,
        "alerts": [
            rediscloud.SubscriptionDatabaseAlertArgs(name=name, value=value)
            for name, value in alerts(settings, thresholds).items()
        ],
        "remote_backup": _remote_backup(settings.remote_backup),
    }


def alerts(settings: RedisCloudSettings, thresholds: Thresholds) -> dict[str, int]:
    """From when on the service writes an email: its alerts and their values.

    It has one value for each alert, so it is told the warnings: they come first. Its other alerts are about
    replication from another database, or for other plans.
    """
    found = {
        "dataset-size": max(1, math.floor(thresholds.memory_used_warning)),  # percent
        # Milliseconds; of the average, the service knows no percentiles.
        "latency": min(math.ceil(thresholds.latency_p95_warning), LONGEST_LATENCY_MS),
    }
    if settings.shards is None:
        found["throughput-higher-than"] = settings.throughput  # operations a second: all that was ordered
    return found


def _remote_backup(backup: RemoteBackup | None) -> Any:
    return backup and rediscloud.SubscriptionDatabaseRemoteBackupArgs(
        interval=backup.interval,
        time_utc=backup.time_utc,
        storage_type=STORAGE_TYPES[backup.path.partition(":")[0]],
        storage_path=backup.path,
    )
