"""The program: one provider, and what the stack tells about it."""

from typing import Any

import pulumi

from infra import providers
from infra.connection import Connection, Facts
from infra.guard import Guard
from infra.settings import Settings
from infra.settings.environment import Environment


def deploy(settings: Settings) -> dict[str, Any]:
    """Make the stack's Redis; return the stack's outputs by name.

    Raises:
        pulumi.RunError: the stack's data is with another provider.
    """
    guard = Guard(settings.stack, settings.allow_data_loss)
    guard.require_same_provider(settings.redis.provider)
    redis = providers.create(settings, guard)
    if pulumi.runtime.is_dry_run():
        # Among the outputs a preview lists only what changes, and a reviewer wants to see the rest, too.
        protected = " and ".join(guard.protected) or "nothing"
        pulumi.log.info(f"{redis.facts}; protected from deletion: {protected}")
    outputs = {
        **_secrets(redis.connection, settings.environment),
        **_facts(redis.facts, redis.connection),
        "protected": guard.protected or None,
        **redis.outputs,
    }
    return {name: value for name, value in outputs.items() if value is not None}


def _secrets(connection: Connection, environment: Environment) -> dict[str, Any]:
    variables = {**connection.variables(), **environment.variables()}
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
