"""Where the environment is published. A kind is imported only when a stack has it, and its SDK with it."""

from collections.abc import Mapping
from typing import Any

import pulumi

from infra.settings import Settings
from infra.settings.delivery import SecretsManagerDelivery, VercelDelivery, place


def deliver(
    settings: Settings, variables: Mapping[str, pulumi.Input[str]], options: pulumi.ResourceOptions
) -> dict[str, Any]:
    """Publish the application's environment wherever the stack's config says; return outputs by name.

    Args:
        settings: the stack's config.
        variables: the environment, by the variables' names.
        options: of each delivery's component.
    """
    secrets = {}
    for delivery in settings.deliveries:
        # Not from its position in the list: in another order it is still the same.
        name = f"delivery-{place(delivery, settings.stack)}"
        match delivery:
            case SecretsManagerDelivery():
                from infra.delivery.secrets_manager import SecretsManager

                beginning = delivery.beginning(settings.stack)
                secret = SecretsManager(name, delivery, variables, stack=settings.stack, opts=options)
                secrets[beginning] = secret.facts
            case VercelDelivery():
                from infra.delivery.vercel import Vercel

                Vercel(name, delivery, variables, opts=options)
    return {"deliveredSecrets": secrets} if secrets else {}
