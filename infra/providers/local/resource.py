"""The Pulumi resource around one server; ``plugin.py`` is its provider."""

from pathlib import Path
from typing import Any

import pulumi

from infra.settings import LocalSettings

COMPUTED = ("password", "version")


def inputs(directory: Path, settings: LocalSettings, password_version: int) -> dict[str, Any]:
    """What the resource is asked to be; its folder is told from the project's, which may be moved."""
    block = settings.model_dump(mode="json", by_alias=True, exclude={"provider"})
    return {
        "directory": directory.as_posix(),
        "status": "running",
        "passwordVersion": password_version,
        **block,
    }


class Server(pulumi.CustomResource):
    """A redis-server process and the folder that is its own."""

    password: pulumi.Output[str]
    """48 random characters, made with the server or with the next password's version."""
    status: pulumi.Output[str]
    """``running``, or ``stopped`` when a refresh found that the process is gone."""
    version: pulumi.Output[str]
    """The version of Redis."""

    def __init__(
        self,
        name: str,
        directory: Path,
        settings: LocalSettings,
        password_version: int,
        opts: pulumi.ResourceOptions,
    ) -> None:
        properties = inputs(directory, settings, password_version) | dict.fromkeys(COMPUTED)
        super().__init__("redis-local:index:Server", name, properties, opts)
