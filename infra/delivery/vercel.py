"""The environment as variables of a project on Vercel."""

from collections.abc import Mapping

import pulumi
import pulumiverse_vercel as vercel

from infra.settings.delivery import VercelDelivery

DEVELOPMENT = "development"


class Vercel(pulumi.ComponentResource):
    """The project's variables, each a resource of its own: the project's others are left alone.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the entry of the stack's ``deliveries``.
        variables: the environment, by the variables' names.
    """

    def __init__(
        self,
        name: str,
        settings: VercelDelivery,
        variables: Mapping[str, pulumi.Input[str]],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:VercelDelivery", name, opts=opts)
        deployed: list[str] = sorted(target for target in settings.targets if target != DEVELOPMENT)
        for key, value in variables.items():
            # Sensitive even where there is no secret in it: a team can demand that of all variables of these
            # targets, and then the plugin refuses every other.
            if deployed:
                self._variable(f"{name}-{key}", settings, key, value, deployed, sensitive=True)
            # A variable of its own: 'vercel env pull' has to read it, and a sensitive one cannot be read.
            if DEVELOPMENT in settings.targets:
                self._variable(
                    f"{name}-{key}-{DEVELOPMENT}", settings, key, value, [DEVELOPMENT], sensitive=False
                )
        self.register_outputs({})

    def _variable(
        self,
        name: str,
        settings: VercelDelivery,
        key: str,
        value: pulumi.Input[str],
        targets: list[str],
        *,
        sensitive: bool,
    ) -> None:
        vercel.ProjectEnvironmentVariable(
            name,
            project_id=settings.project_id,
            team_id=settings.team_id,
            key=key,
            value=value,
            targets=targets,
            sensitive=sensitive,
            comment="Written by Pulumi, project mantisnxt-redis",
            opts=pulumi.ResourceOptions(parent=self),
        )
