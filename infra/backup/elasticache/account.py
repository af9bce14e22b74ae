"""What there is in an AWS account around one replication group, and waiting for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from infra.backup.elasticache.aws import Pause, code_of, wait
from infra.backup.elasticache.group import settings_of, with_suffix
from infra.backup.provider import Tell
from infra.backup.snapshot import DRILL, BackupError

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient
    from mypy_boto3_elasticache.type_defs import ReplicationGroupTypeDef, SnapshotTypeDef

RUN = "mantisnxt-redis-drill"
"""The tag of everything that a drill has made; its value is the drill's own."""
GONE = "gone"
"""The status of a group that there is not."""
SETTLED = ("available", "create-failed", "deleting", GONE)
"""Statuses in which a group can be deleted, or is on its way."""


class Account:
    """Asks AWS, and lets it make and delete.

    Args:
        client: a client of boto3's for the group's region.
        group_id: the group's id.
        tell: is told what is waited for.
        pause: sleeps between two questions about a status.
    """

    def __init__(self, client: "ElastiCacheClient", group_id: str, tell: Tell, pause: Pause) -> None:
        self.client, self._group_id, self._tell, self._pause = client, group_id, tell, pause
        self.drill_id = with_suffix(group_id, "-drill")
        """The id of a drill's group: one, so that AWS itself lets no second drill begin."""

    @property
    def region(self) -> str:
        """The region."""
        return self.client.meta.region_name

    def snapshots(self) -> "Iterator[SnapshotTypeDef]":
        """The group's snapshots, in no order."""
        pages = self.client.get_paginator("describe_snapshots").paginate(ReplicationGroupId=self._group_id)
        for page in pages:
            yield from page["Snapshots"]

    def snapshot(self, name: str) -> "SnapshotTypeDef":
        """One snapshot."""
        [found] = self.client.describe_snapshots(SnapshotName=name)["Snapshots"]
        return found

    def wait_for_snapshot(self, name: str) -> None:
        """Wait until a snapshot is complete."""
        self._wait(
            f"snapshot {name}", lambda: self.snapshot(name).get("SnapshotStatus", ""), until=("available",)
        )

    def group(self, group_id: str) -> "ReplicationGroupTypeDef":
        """One group.

        Raises:
            ClientError: there is none of this id.
        """
        [found] = self.client.describe_replication_groups(ReplicationGroupId=group_id)["ReplicationGroups"]
        return found

    def settings(self, group: "ReplicationGroupTypeDef") -> dict[str, Any]:
        """The parameters that make a group like this one."""
        member = group["MemberClusters"][0]
        [described] = self.client.describe_cache_clusters(CacheClusterId=member)["CacheClusters"]
        return settings_of(group, described)

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of anything."""
        found = self.client.list_tags_for_resource(ResourceName=arn)["TagList"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def create(self, ids: Iterator[str], parameters: Mapping[str, Any]) -> "ReplicationGroupTypeDef":
        """Make a group under the first id that is free, and wait until it can be used.

        Raises:
            BackupError: none is free, or the group could not be made.
        """
        tried = ""
        for group_id in ids:
            self._tell(f"group {group_id}: asked for")
            try:
                self.client.create_replication_group(ReplicationGroupId=group_id, **parameters)
            except ClientError as error:
                if code_of(error) != "ReplicationGroupAlreadyExists":
                    raise
                tried = group_id
                continue
            self._wait_for_group(group_id, until=("available",))
            return self.group(group_id)
        raise BackupError(f"there is a group {tried} already: delete the restored groups that nobody uses")

    def marked_groups(self, run: str | None) -> list[str]:
        """The id of the group that a drill has made; of any drill without a mark."""
        try:
            group = self.group(self.drill_id)
        except ClientError as error:
            if code_of(error) == "ReplicationGroupNotFoundFault":
                return []
            raise
        return [self.drill_id] if self._is_marked(group["ARN"], run) else []

    def marked_snapshots(self, run: str | None) -> list[str]:
        """The names of the snapshots that a drill has made; of any drill without a mark."""
        candidates = [one for one in self.snapshots() if one["SnapshotName"].startswith(DRILL)]
        return [one["SnapshotName"] for one in candidates if self._is_marked(one["ARN"], run)]

    def delete_group(self, group_id: str) -> None:
        """Delete a group without a last snapshot, as soon as it can be, and wait until it is gone."""
        self._wait_for_group(group_id, until=SETTLED)
        if self._status(group_id) not in ("deleting", GONE):
            self.client.delete_replication_group(ReplicationGroupId=group_id)
        self._wait_for_group(group_id, until=(GONE,))

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot, as soon as it can be."""
        self.wait_for_snapshot(name)
        self.client.delete_snapshot(SnapshotName=name)

    def _is_marked(self, arn: str, run: str | None) -> bool:
        value = self.tags(arn).get(RUN)
        return value is not None and run in (None, value)

    def _status(self, group_id: str) -> str:
        try:
            return self.group(group_id).get("Status", "")
        except ClientError as error:
            if code_of(error) == "ReplicationGroupNotFoundFault":
                return GONE
            raise

    def _wait_for_group(self, group_id: str, until: tuple[str, ...]) -> None:
        self._wait(f"group {group_id}", lambda: self._status(group_id), until=until)

    def _wait(self, what: str, look: Callable[[], str], until: tuple[str, ...]) -> None:
        failed = {"create-failed", "failed", GONE} - set(until)
        wait(what, look, until=until, failed=failed, tell=self._tell, pause=self._pause)
