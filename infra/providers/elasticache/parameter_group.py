"""The parameters of a replication group's engine."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from infra.settings import ElastiCacheSettings
from infra.settings.engines import family


def parameter_group(
    name: str,
    settings: ElastiCacheSettings,
    *,
    group_id: str,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Make a parameter group for the engine's family; returns its name.

    Another engine or major version means another group. Its own name tells the family, so that the new one
    can be made, and the nodes moved to it, before the old one goes.
    """
    of = family(settings.engine, settings.engine_version)
    parameters = {"maxmemory-policy": settings.eviction_policy.value, **settings.parameters}
    group_name: pulumi.Output[str] = aws.elasticache.ParameterGroup(
        name,
        name=f"{group_id}-{of}",
        family=of,
        description="Parameters of the Redis of MantisNXT",  # another one would replace the group
        parameters=[{"name": key, "value": value} for key, value in sorted(parameters.items())],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    ).name
    return group_name
