"""The environment as one secret of AWS Secrets Manager."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.settings.delivery import SecretsManagerDelivery

READING = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]


def resource_policy(secret_arn: str, role_arns: Sequence[str]) -> str:
    """The secret's own policy: it lets these roles read, and nobody else.

    There is no Deny for all others. It would have to spare every role that deploys or previews this stack,
    which reads the secret at a refresh, and whoever is to mend the policy: a role that is forgotten there, or
    made anew, is locked out. The account's own rules for IAM say who else may read.
    """
    return _policy({"Principal": {"AWS": list(role_arns)}, "Action": READING, "Resource": secret_arn})


def reader_policy(secret_arn: str, key_arn: str | None, region: str) -> str:
    """A policy to attach to a role of the application: it lets it read this secret."""
    statements: list[Mapping[str, Any]] = [{"Action": READING, "Resource": secret_arn}]
    if key_arn:
        # AWS's own key needs no such right, and yours may encrypt other things that are not meant.
        via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}}
        statements.append({"Action": "kms:Decrypt", "Resource": key_arn, "Condition": via})
    return _policy(*statements)


class SecretsManager(pulumi.ComponentResource):
    """One secret with the whole environment as JSON.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the entry of the stack's ``deliveries``.
        variables: the environment, by the variables' names.
        stack: the stack's name, for the secret's name and tags.
    """

    facts: Mapping[str, pulumi.Output[str]]
    """What a reader needs: the secret's ``name`` and ``arn``, and the ``readerPolicy`` for its role."""

    def __init__(
        self,
        name: str,
        settings: SecretsManagerDelivery,
        variables: Mapping[str, pulumi.Input[str]],
        *,
        stack: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:SecretsManagerDelivery", name, opts=opts)
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            # With a fixed name, a stack that was destroyed could not be made again before the window is over.
            name_prefix=f"{settings.beginning(stack)}-",
            description=f"The environment of the Redis of stack {stack}",
            kms_key_id=settings.kms_key_arn,
            recovery_window_in_days=settings.recovery_window_in_days,
            tags={"Project": "MantisNXT", "Environment": stack},
            opts=pulumi.ResourceOptions(parent=self),
        )
        if settings.reader_role_arns:
            aws.secretsmanager.SecretPolicy(
                f"{name}-policy",
                secret_arn=secret.arn,
                policy=secret.arn.apply(lambda arn: resource_policy(arn, settings.reader_role_arns)),
                block_public_policy=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
        aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(variables, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.facts = {
            "name": secret.name,
            "arn": secret.arn,
            "readerPolicy": secret.arn.apply(
                lambda arn: reader_policy(arn, settings.kms_key_arn, settings.region)
            ),
        }
        self.register_outputs({"arn": secret.arn})


def _policy(*statements: Mapping[str, Any]) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})
