"""A Redis on this machine: one component around one server process."""

from pathlib import Path

import pulumi

from infra.connection import Connection, Facts, RedisComponent
from infra.providers.local.certificate import AUTHORITY
from infra.providers.local.resource import Server
from infra.settings import LocalSettings, PasswordSettings


class LocalRedis(RedisComponent):
    """A redis-server bound to the loopback address.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the stack's ``local`` block.
        directory: where the server keeps everything that it has, seen from the project's folder.
        password: which password the server has.
    """

    def __init__(
        self,
        name: str,
        settings: LocalSettings,
        *,
        directory: Path,
        password: PasswordSettings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:LocalRedis", name, opts=opts)
        server = Server(
            f"{name}-server", directory, settings, password.version, pulumi.ResourceOptions(parent=self)
        )
        self.connection = Connection(
            host="127.0.0.1",
            port=settings.port,
            password=pulumi.Output.secret(server.password),
            tls=settings.tls,
            ca_certificate=str(Path.cwd() / directory / AUTHORITY) if settings.tls else None,
        )
        self.facts = Facts(
            provider=settings.provider,
            region="this machine",
            engine="redis",
            nodes=f"1 process with {settings.max_memory_mb} MiB",
            high_availability=False,
            tls=settings.tls,
            access=["this machine"],
            backup="an append-only file, no copies" if settings.persistence else "none",
            estimated_monthly_cost="$0",
        )
        self.register_outputs({"version": server.version, "status": server.status})
