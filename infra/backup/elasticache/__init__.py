"""Snapshots of a replication group, which AWS keeps."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.backup.elasticache.account import RUN, Account
from infra.backup.elasticache.aws import Pause, code_of, told
from infra.backup.elasticache.group import restored_ids
from infra.backup.provider import Database, Tell
from infra.backup.snapshot import BackupError, NameTakenError, Snapshot
from infra.health.endpoint import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_elasticache.type_defs import SnapshotTypeDef

RESTORED_FROM = "mantisnxt-redis-restored-from"
"""The tag of a restored group, with the snapshot's name."""
KEPT = ("SnapshotRetentionLimit", "SnapshotWindow")
"""What a restored group has, too, but not a drill's, which would take a snapshot of its own."""


class ElastiCacheBackup:
    """The snapshots of a replication group.

    Args:
        client: a client of boto3's for the group's region.
        group_id: the group's id.
        url: the stack's REDIS_URL: a restored group has the same user and password.
        stack: the stack's name.
        tell: is told what is being done.
        pause: sleeps between two questions about a status.
    """

    def __init__(
        self,
        client: "ElastiCacheClient",
        group_id: str,
        url: str,
        stack: str,
        tell: Tell,
        pause: Pause = time.sleep,
    ) -> None:
        self._account = Account(client, group_id, tell, pause)
        self._group_id, self._stack, self._tell = group_id, stack, tell
        self._endpoint = Endpoint.parse(url)

    def source(self) -> Database:
        """The stack's own group."""
        return self._database(self._group_id, self._endpoint.host, self._endpoint.port)

    @told
    def snapshots(self) -> list[Snapshot]:
        """The group's manual and automated snapshots, the newest first; one without a time is being made."""
        found = [_snapshot(item) for item in self._account.snapshots()]
        return sorted(
            found, key=lambda one: one.taken.timestamp() if one.taken else time.time(), reverse=True
        )

    @told
    def take(self, name: str, run: str | None = None) -> Snapshot:
        """Take a manual snapshot; AWS does so on a replica, where there is one.

        Raises:
            NameTakenError: the account has a snapshot of this name in the region, of whatever group.
            BackupError: AWS refuses.
        """
        self._tell(f"snapshot {name}: asked for")
        tags: Any = [{"Key": RUN, "Value": run}] if run else []
        try:
            self._account.client.create_snapshot(
                SnapshotName=name, ReplicationGroupId=self._group_id, Tags=tags
            )
        except ClientError as error:
            if code_of(error) == "SnapshotAlreadyExistsFault":
                raise NameTakenError(
                    f"there is a snapshot {name} already in this account and region"
                ) from error
            raise
        self._account.wait_for_snapshot(name)
        return _snapshot(self._account.snapshot(name))

    @told
    def restore(self, snapshot: Snapshot, run: str | None = None) -> Database:
        """Make a group beside the stack's own, with the same settings, network, parameters and users.

        Raises:
            BackupError: AWS refuses, or the group could not be made.
        """
        group = self._account.group(self._group_id)
        marks = {RESTORED_FROM: snapshot.name} | ({RUN: run} if run else {})
        tags = self._account.tags(group["ARN"]) | marks
        parameters = self._account.settings(group) | {
            "ReplicationGroupDescription": f"Restored from {snapshot.name}",
            "SnapshotName": snapshot.name,
            "Tags": [
                {"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")
            ],
        }
        if group.get("AuthTokenEnabled"):
            parameters["AuthToken"] = self._endpoint.password
        if not run:
            parameters |= {key: value for key, value in group.items() if key in KEPT}
        ids = iter([self._account.drill_id]) if run else restored_ids(self._group_id)
        made = self._account.create(ids, parameters)
        endpoint = made["NodeGroups"][0]["PrimaryEndpoint"]
        return self._database(made["ReplicationGroupId"], endpoint["Address"], endpoint["Port"])

    def how_to_switch(self, snapshot: Snapshot, restored: Database) -> str:
        """Say how the application gets there, at once and for good."""
        new, short = restored.name, self._stack.rpartition("/")[2]
        return (
            f"At once: put {restored.host} in place of {self._endpoint.host} in the application's REDIS_URL; "
            "user, password and port are the same. No alarm watches this group; pulumi does not know it.\n"
            f"For good: a stack of its own, with a copy of Pulumi.{short}.yaml that has\n"
            f"  elasticache.restoreFromSnapshot: {snapshot.name}\n"
            "(or a newer snapshot, of the group that the application uses by then), and with another "
            "elasticache.replicationGroupId if it names one. Run pulumi stack init and make up, then give "
            f"the application its REDIS_URL. Stack {short} cannot do it: a group that exists is not filled.\n"
            f"{new} has the network, parameters and users of stack {short}: while it is there, that stack "
            f"cannot be destroyed. When nobody uses it any more:\n  {self._deletion(new)}"
        )

    def switch(self) -> str:
        """Refuse.

        Raises:
            BackupError: always.
        """
        raise BackupError(
            "a replication group cannot be filled once it exists: make restore STACK=… ARGS=<snapshot> makes "
            "another one and says how the application gets there"
        )

    def discard(self) -> str:
        """Refuse: the application may use what was restored, and nobody but its owner knows.

        Raises:
            BackupError: always.
        """
        raise BackupError(
            "a restored group is deleted by hand, after a look at who is connected: "
            f"{self._deletion('<its id>')}"
        )

    @told
    def settings(self, database: Database) -> Mapping[str, str]:
        """What AWS tells about a group."""
        settings = self._account.settings(self._account.group(database.name))
        return {name: str(value) for name, value in settings.items()}

    @told
    def leftovers(self) -> list[str]:
        """The group and the snapshots with the tag of a drill."""
        return [*self._account.marked_groups(None), *self._account.marked_snapshots(None)]

    @told
    def clean(self, run: str | None = None) -> list[str]:
        """Delete what has the tag of this drill, or of any, and wait until it is gone."""
        groups, snapshots = self._account.marked_groups(run), self._account.marked_snapshots(run)
        for group_id in groups:
            self._account.delete_group(group_id)
        for name in snapshots:
            self._account.delete_snapshot(name)
        return [*groups, *snapshots]

    def _deletion(self, group_id: str) -> str:
        region = self._account.region
        return f"aws elasticache delete-replication-group --region {region} --replication-group-id {group_id}"

    def _database(self, group_id: str, host: str, port: int) -> Database:
        return Database(
            name=group_id,
            host=host,
            port=port,
            username=self._endpoint.username or "default",
            password=self._endpoint.password or "",
            tls=self._endpoint.tls,
        )


def _snapshot(item: "SnapshotTypeDef") -> Snapshot:
    nodes = item.get("NodeSnapshots", [])
    times: list[datetime] = [node["SnapshotCreateTime"] for node in nodes if "SnapshotCreateTime" in node]
    sizes = [node["CacheSize"] for node in nodes if node.get("CacheSize")]
    return Snapshot(
        name=item["SnapshotName"],
        taken=min(times, default=None),
        size=" + ".join(sizes) or "unknown",
        source=item.get("SnapshotSource", "unknown"),
        ready=item.get("SnapshotStatus") == "available",
    )


@told
def connect(region: str, group_id: str, url: str, stack: str, tell: Tell) -> ElastiCacheBackup:
    """The snapshots of a stack's group, with the credentials of the AWS CLI.

    Raises:
        BackupError: there are none.
    """
    import boto3

    return ElastiCacheBackup(boto3.client("elasticache", region_name=region), group_id, url, stack, tell)
