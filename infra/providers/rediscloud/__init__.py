"""A Redis Cloud subscription with one database."""

import pulumi
import pulumi_random as random
import pulumi_rediscloud as rediscloud

from infra.connection import Connection, RedisComponent
from infra.guard import Guard
from infra.providers.rediscloud.facts import facts
from infra.providers.rediscloud.inputs import database_inputs, subscription_inputs
from infra.settings import PasswordSettings, RedisCloudSettings
from infra.settings.database import default_name
from infra.settings.thresholds import Thresholds

SUBSCRIPTION_REPLACED_BY = ("cloudProvider", "memoryStorage", "paymentMethod")
"""What the plugin cannot change without a new subscription, and so without a new database."""

DATABASE_REPLACED_BY = ("subscriptionId", "protocol", "port", "modules")
"""What the plugin cannot change without a new database."""

PASSWORD_LENGTH = 40
"""Letters and digits, which need no encoding in a URL."""

PATIENCE = (
    "Redis Cloud takes 10 to 15 minutes to make a subscription, then a few more for its database. Nothing is "
    "shown meanwhile; do not interrupt it."
)
"""The time is the service's own estimate, from its page about new subscriptions."""


class RedisCloudRedis(RedisComponent):
    """A Pro subscription for one database with TLS, reached at its public endpoint.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``rediscloud`` block.
        stack: the stack's name, which subscription and database are named after.
        thresholds: from when on the service writes an email.
        password: which password the database has.
        guard: what protects the data.
    """

    def __init__(
        self,
        name: str,
        settings: RedisCloudSettings,
        *,
        stack: str,
        thresholds: Thresholds,
        password: PasswordSettings,
        guard: Guard,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:RedisCloudRedis", name, opts=opts)
        title = settings.database_name or default_name(stack)
        generated = random.RandomPassword(
            f"{name}-password-{password.version}",
            length=PASSWORD_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        secret = pulumi.Output.secret(generated.result)
        subscription_name = f"{name}-subscription"
        subscription = rediscloud.Subscription(
            subscription_name,
            name=title,
            **subscription_inputs(settings, self._payment_method_id(settings)),
            opts=guard.keep(
                subscription_name, pulumi.ResourceOptions(parent=self), replaced_by=SUBSCRIPTION_REPLACED_BY
            ),
        )
        subscription.id.apply(_ask_for_patience, run_with_unknowns=True)
        database_name = f"{name}-database"
        database = rediscloud.SubscriptionDatabase(
            database_name,
            subscription_id=subscription.id,
            name=title,
            password=secret,
            **database_inputs(settings, thresholds),
            opts=guard.keep(
                database_name,
                pulumi.ResourceOptions(
                    parent=self,
                    # The service tells of modules that nobody asked for, and another list replaces the data.
                    ignore_changes=None if settings.modules else ["modules"],
                ),
                replaced_by=DATABASE_REPLACED_BY,
                within=subscription_name,
            ),
        )
        self.connection = Connection(
            host=database.public_endpoint.apply(lambda endpoint: endpoint.rpartition(":")[0]),
            port=database.public_endpoint.apply(lambda endpoint: int(endpoint.rpartition(":")[2])),
            password=secret,
            tls=True,
        )
        self.facts = facts(settings, subscription.id, database.db_id)
        self.register_outputs({"subscriptionId": subscription.id, "databaseId": database.db_id})

    def _payment_method_id(self, settings: RedisCloudSettings) -> pulumi.Input[str] | None:
        if settings.payment_card:
            method: pulumi.Output[str] = rediscloud.get_payment_method_output(
                card_type=settings.payment_card.type,
                last_four_numbers=settings.payment_card.last_four,
                opts=pulumi.InvokeOptions(parent=self),
            ).id
            return method
        return None if settings.marketplace else str(settings.payment_method_id)


def _ask_for_patience(subscription_id: object) -> None:
    """Say how long it takes, in the preview of a subscription that does not exist yet."""
    if isinstance(subscription_id, pulumi.output.Unknown):
        pulumi.log.info(PATIENCE)
