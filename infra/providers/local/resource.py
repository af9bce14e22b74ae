"""The Pulumi resource around one server; ``plugin.py`` is its provider."""

from pathlib import Path
from typing import Any

import pulumi

from infra.settings import LocalSettings

COMPUTED = ("password", "version", "caCertificate")


def inputs(directory: Path, settings: LocalSettings) -> dict[str, Any]:
    """What the resource is asked to be."""
    block = settings.model_dump(mode="json", by_alias=True, exclude={"provider"})
    return {"directory": str(directory), "status": "running", **block}


class Server(pulumi.CustomResource):
    """A redis-server process and the folder that is its own."""

    password: pulumi.Output[str]
    """48 random characters, made with the server."""
    status: pulumi.Output[str]
    """``running``, or ``stopped`` when a refresh found that the process is gone."""
    version: pulumi.Output[str]
    """The version of Redis."""
    caCertificate: pulumi.Output[str]  # noqa: N815  (the property's name)
    """File with the authority of the server's certificate, empty without TLS."""

    def __init__(
        self, name: str, directory: Path, settings: LocalSettings, opts: pulumi.ResourceOptions
    ) -> None:
        properties = inputs(directory, settings) | dict.fromkeys(COMPUTED)
        super().__init__("redis-local:index:Server", name, properties, opts)
