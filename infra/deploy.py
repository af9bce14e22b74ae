"""The program: one provider, what the stack tells about it, then the deliveries of its environment."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pulumi

from infra import providers
from infra.connection import Connection, Facts
from infra.delivery import deliver
from infra.guard import Guard
from infra.last import last_outputs
from infra.password import Password
from infra.settings import Settings


def deploy(settings: Settings) -> dict[str, Any]:
    """Make the stack's Redis; return the stack's outputs by name.

    Raises:
        pulumi.RunError: the stack's data is with another provider, or its password cannot change like this.
    """
    guard = Guard(settings.stack, settings.allow_data_loss)
    last, today = last_outputs(), datetime.now(UTC).date()
    guard.require_same_provider(settings.redis.provider, last)
    password = Password.of(settings, last, today)
    password.tell(settings, last, today)
    redis = providers.create(settings, guard)
    if pulumi.runtime.is_dry_run():
        # Among the outputs a preview lists only what changes, and a reviewer wants to see the rest, too.
        protected = " and ".join(guard.protected) or "nothing"
        pulumi.log.info(f"{redis.facts}; protected from deletion: {protected}")
    variables = {**redis.connection.variables(), **settings.environment.variables()}
    outputs = {
        **_secrets(redis.connection, variables),
        **_facts(redis.facts, redis.connection),
        **password.outputs(settings),
        "protected": guard.protected or None,
        # For make metrics; what is not in it has its default.
        "thresholds": settings.thresholds.model_dump(by_alias=True, exclude_defaults=True) or None,
        **redis.outputs,
    }
    outputs = {name: value for name, value in outputs.items() if value is not None}
    if not settings.deliveries:
        return outputs
    return {**outputs, **deliver(settings, variables, _after(redis, outputs))}


def _after(redis: pulumi.Resource, outputs: Mapping[str, Any]) -> pulumi.ResourceOptions:
    """Options that let a delivery begin when the Redis is there and the stack's outputs are told.

    The outputs of a program are told when all of them are known, so one that waits for a delivery that fails
    would keep them all back. The engine takes them more than once, and the last word counts.
    """
    root = pulumi.runtime.get_root_resource()
    assert isinstance(root, pulumi.ComponentResource)
    root.register_outputs(outputs)
    return pulumi.ResourceOptions(depends_on=pulumi.Output.all(**outputs).apply(lambda _: [redis]))


def _secrets(connection: Connection, variables: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    return {
        "REDIS_URL": connection.url,
        "REDIS_READER_URL": connection.reader_url,
        "environment": pulumi.Output.secret(pulumi.Output.all(**variables)),
    }


def _facts(facts: Facts, connection: Connection) -> dict[str, Any]:
    return {
        "provider": facts.provider,
        "region": facts.region,
        "engine": facts.engine,
        "nodes": facts.nodes,
        "highAvailability": facts.high_availability,
        "tls": facts.tls,
        "access": facts.access,
        "backup": facts.backup,
        "estimatedMonthlyCost": facts.estimated_monthly_cost,
        "dashboard": facts.dashboard,
        "caCertificate": connection.ca_certificate,
    }
