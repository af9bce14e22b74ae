"""The entries of the list ``deliveries``."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.aws import KeyArn, Region, RoleArn, shaped
from infra.settings.block import Block
from infra.settings.common import Distinct

RANDOM_ENDING = 26
"""Characters that the AWS plugin adds to the beginning of a name (terraform-plugin-sdk, ``id``)."""

LONGEST_SECRET_NAME = 512
"""Characters; AWS's limit (API reference of Secrets Manager, CreateSecret)."""

SHORTEST_WINDOW, LONGEST_WINDOW = 7, 30
"""Days; AWS's limits for a recovery window (API reference of Secrets Manager, DeleteSecret)."""

SecretName = Annotated[
    str,
    shaped(
        rf"[A-Za-z0-9/_+=.@-]{{1,{LONGEST_SECRET_NAME - RANDOM_ENDING - 1}}}",
        f"not the beginning of a secret's name: 1 to {LONGEST_SECRET_NAME - RANDOM_ENDING - 1} letters, "
        "digits and /_+=.@-",
    ),
]


def _window(days: int) -> int:
    if days != 0 and not SHORTEST_WINDOW <= days <= LONGEST_WINDOW:
        raise PydanticCustomError(
            "recovery_window",
            "allowed: {shortest} to {longest} days, or 0 to delete at once",
            {"shortest": SHORTEST_WINDOW, "longest": LONGEST_WINDOW},
        )
    return days


def _some(targets: tuple[str, ...]) -> tuple[str, ...]:
    if not targets:
        raise PydanticCustomError(
            "no_target", "no target would get the variables; name one, or remove the entry"
        )
    return targets


class SecretsManagerDelivery(Block):
    """An entry with ``to: secretsManager``: one secret of AWS Secrets Manager, with all variables as JSON."""

    to: Literal["secretsManager"]
    """Where the environment goes."""
    region: Region
    """The AWS region of the secret: the one of ``aws:region``, whatever the provider is."""
    name_prefix: SecretName | None = None
    """What the secret's name begins with. Default: ``mantisnxt/<stack>/redis``.

    A hyphen and a random ending follow, because a name stays taken while a deleted secret can still be had
    back. Another beginning means another secret.
    """
    kms_key_arn: KeyArn | None = None
    """ARN of a KMS key of yours for the secret. Default: AWS's own key, ``aws/secretsmanager``, which readers
    of another account cannot use."""
    recovery_window_in_days: Annotated[int, AfterValidator(_window)] = 7
    """How long a deleted secret can be had back: 7 to 30 days, or 0 for not at all."""
    reader_role_arns: Annotated[tuple[RoleArn, ...], Distinct] = ()
    """Roles that the secret's own policy lets read it, also of another account. It locks nobody out:
    whom the account's IAM lets read secrets can read this one, too."""

    def beginning(self, stack: str) -> str:
        """What the secret's name begins with in a stack."""
        return self.name_prefix or f"mantisnxt/{stack}/redis"

    @model_validator(mode="after")
    def _key_is_in_the_region(self) -> Self:
        if self.kms_key_arn and self.kms_key_arn.split(":")[3] != self.region:
            raise PydanticCustomError(
                "region",
                "not in the secret's region, {region}",
                {"region": self.region, "path": ("kmsKeyArn",)},
            )
        return self


class VercelDelivery(Block):
    """An entry with ``to: vercel``: each variable as an environment variable of a project on Vercel."""

    to: Literal["vercel"]
    """Where the environment goes."""
    project_id: Annotated[
        str,
        shaped(
            r"prj_[A-Za-z0-9]+|Qm[A-Za-z0-9]{44}",
            "not a project's id; write it like prj_… (on Vercel: the project's Settings, General)",
        ),
    ]
    """The project's id. Another one removes the variables from the old project. A project's other variables
    stay as they are."""
    targets: Annotated[
        tuple[Literal["production", "preview", "development"], ...], AfterValidator(_some), Distinct
    ]
    """The project's environments that get the variables. No default: whether previews may use this stack's
    Redis is for you to say. Two stacks cannot write to the same one.

    In production and preview the variables are sensitive: nobody can read them on Vercel. In development they
    are encrypted only, for ``vercel env pull`` to read them.
    """
    team_id: (
        Annotated[
            str,
            shaped(
                r"team_[A-Za-z0-9]+",
                "not a team's id; write it like team_… (on Vercel: the team's Settings, General)",
            ),
        ]
        | None
    ) = None
    """The id of the team that the project belongs to. Default: the team of the API token."""


DELIVERY_SETTINGS: Mapping[str, type[Block]] = {
    "secretsManager": SecretsManagerDelivery,
    "vercel": VercelDelivery,
}

Delivery = Annotated[SecretsManagerDelivery | VercelDelivery, Field(discriminator="to")]


def twice(deliveries: tuple[SecretsManagerDelivery | VercelDelivery, ...], stack: str) -> int | None:
    """Where in the list an entry writes to the same place as one before it; None where none does."""
    places = [place(delivery, stack) for delivery in deliveries]
    return next((index for index, one in enumerate(places) if one in places[:index]), None)


def place(delivery: SecretsManagerDelivery | VercelDelivery, stack: str) -> str:
    """What tells a delivery from all others of its kind. Names are made from it, so that order is nothing."""
    match delivery:
        case SecretsManagerDelivery():
            return f"secrets-manager-{delivery.beginning(stack)}"
        case VercelDelivery():
            return f"vercel-{delivery.project_id}"
