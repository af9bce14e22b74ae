"""A database of Upstash's."""

import pulumi
import upstash_pulumi as upstash

from infra import prices
from infra.connection import Connection, Facts, RedisComponent
from infra.guard import Guard
from infra.settings.database import default_name
from infra.settings.upstash import GCP_REGIONS, UpstashSettings

REPLACED_BY = ("databaseName", "region", "primaryRegion")
"""What the plugin cannot change without a new database."""


class UpstashRedis(RedisComponent):
    """A global database with TLS, reached by the Redis protocol and by REST.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``upstash`` block.
        stack: the stack's name, which the database is named after.
        guard: what protects the data.
    """

    def __init__(
        self,
        name: str,
        settings: UpstashSettings,
        *,
        stack: str,
        guard: Guard,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:UpstashRedis", name, opts=opts)
        database_name = f"{name}-database"
        database = upstash.RedisDatabase(
            database_name,
            database_name=settings.database_name or default_name(stack),
            region="gcp-global" if settings.primary_region in GCP_REGIONS else "global",
            primary_region=settings.primary_region,
            read_regions=list(settings.read_regions) or None,
            tls=True,  # left out, it would be false, and every later update would replace the database
            eviction=settings.eviction,
            budget=settings.budget,
            auto_scale=settings.auto_scale,
            prod_pack=settings.prod_pack,
            ip_allowlists=list(settings.ip_allowlist) or None,
            opts=guard.keep(database_name, pulumi.ResourceOptions(parent=self), replaced_by=REPLACED_BY),
        )
        self.outputs = {"restReadOnlyToken": pulumi.Output.secret(database.read_only_rest_token)}
        self.connection = Connection(
            host=database.endpoint,
            port=database.port,
            password=pulumi.Output.secret(database.password),
            tls=True,
            rest_url=pulumi.Output.concat("https://", database.endpoint),
            rest_token=pulumi.Output.secret(database.rest_token),
        )
        self.facts = facts(settings, database.database_id)
        self.register_outputs({"databaseId": database.database_id})


def facts(settings: UpstashSettings, database_id: pulumi.Input[str]) -> Facts:
    """What a reviewer wants to know about a database."""
    reads = f", reads also in {', '.join(settings.read_regions)}" if settings.read_regions else ""
    zones = ", several zones in each region" if settings.prod_pack else ""
    return Facts(
        provider=settings.provider,
        region=settings.primary_region,
        engine="redis, serverless",
        nodes=f"writes in {settings.primary_region}{reads}{zones}",
        # A paid plan has replicas in the primary region, too, but nothing here tells the account's plan.
        high_availability=settings.prod_pack or bool(settings.read_regions),
        tls=True,
        access=list(settings.ip_allowlist) or ["any address that has the password or a REST token"],
        backup="every write goes to disk; daily backups are switched on in the dashboard, tab Backups",
        estimated_monthly_cost=prices.upstash(
            settings.budget,
            read_regions=len(settings.read_regions),
            auto_scale=settings.auto_scale,
            prod_pack=settings.prod_pack,
        ),
        dashboard=pulumi.Output.concat("https://console.upstash.com/redis/", database_id),
    )
