"""Recovery drills on a replication group, against moto, from outside the VPC."""

from typing import Any

import pytest

from infra.backup.drill import drill
from infra.backup.elasticache.account import RUN
from infra.backup.snapshot import DRILL, BackupError
from tests.unit.elasticache_account import GROUP, Account


def test_a_drill_outside_the_vpc_compares_what_aws_tells_and_leaves_nothing(account: Account) -> None:
    account.meanwhile = [account.delete_what_is_being_deleted]
    report = drill(account.backup, account.told.append)
    assert report.problems == []
    assert report.keys is None
    assert "the host name master.redis.invalid is unknown" in report.unreachable
    assert report.newest is None
    [made] = account.made
    assert made["ReplicationGroupId"] == f"{GROUP}-drill"
    assert "SnapshotRetentionLimit" not in made
    assert account.groups() == {GROUP}
    assert account.snapshots() == set()


def test_a_drill_tells_a_setting_that_differs(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    create = account.backend.create_replication_group

    def other(*args: Any, **kwargs: Any) -> Any:
        group = create(*args, **kwargs)
        group.multi_az = "disabled"
        return group

    monkeypatch.setattr(account.backend, "create_replication_group", other)
    account.meanwhile = [account.delete_what_is_being_deleted]
    report = drill(account.backup, account.told.append)
    assert report.problems == ["MultiAZEnabled is False, and True in the stack's own"]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, BackupError])
def test_a_drill_that_is_stopped_waits_until_its_group_can_be_deleted(
    account: Account, monkeypatch: pytest.MonkeyPatch, interrupt: type[BaseException]
) -> None:
    create = account.backend.create_replication_group

    def slowly(*args: Any, **kwargs: Any) -> Any:
        group = create(*args, **kwargs)
        group.status = "creating"
        return group

    def stop() -> None:
        raise interrupt

    def finish() -> None:
        account.backend.replication_groups[f"{GROUP}-drill"].status = "available"

    monkeypatch.setattr(account.backend, "create_replication_group", slowly)
    account.meanwhile = [stop, lambda: None, finish, account.delete_what_is_being_deleted]
    with pytest.raises(interrupt):
        drill(account.backup, account.told.append)
    assert account.groups() == {GROUP}
    assert account.snapshots() == set()


def test_only_what_has_the_drills_own_tag_is_removed(account: Account) -> None:
    """Not a group of the right name, not a snapshot of the right name, not those of another drill."""
    account.make_group(f"{GROUP}-drill")
    account.client.create_snapshot(SnapshotName=f"{DRILL}by-hand", ReplicationGroupId=GROUP)
    account.backup.take(f"{DRILL}theirs", "their-run")
    account.backup.take("untouched")
    assert account.backup.clean("our-run") == []
    assert account.backup.leftovers() == [f"{DRILL}theirs"]
    assert account.backup.clean() == [f"{DRILL}theirs"]
    assert account.groups() == {GROUP, f"{GROUP}-drill"}
    assert account.snapshots() == {f"{DRILL}by-hand", "untouched"}


def test_a_second_drill_does_not_begin(account: Account) -> None:
    account.make_group(f"{GROUP}-drill", Tags=[{"Key": RUN, "Value": "their-run"}])
    with pytest.raises(BackupError, match=f"another drill is at work.*{GROUP}-drill.*ARGS=--clean"):
        drill(account.backup, account.told.append)
    assert account.snapshots() == set()
