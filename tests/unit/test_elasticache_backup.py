"""Snapshots of a replication group, against moto; and botocore's own stand-in where moto cannot do it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ProfileNotFound
from botocore.stub import Stubber

from infra.backup.elasticache import connect
from infra.backup.elasticache.aws import PATIENCE, POLL
from infra.backup.elasticache.group import LONGEST_ID, restored_ids, with_suffix
from infra.backup.provider import take_named
from infra.backup.snapshot import MANUAL, BackupError, NameTakenError, Snapshot, find
from tests.unit.elasticache_account import (
    GROUP,
    KEPT,
    OF_THE_NODE,
    PASSWORD,
    REGION,
    SETTINGS,
    URL,
    Account,
)

NOW = datetime(2025, 1, 4, 9, 30, tzinfo=UTC)


def test_a_snapshot_has_the_guides_name(account: Account) -> None:
    taken = take_named(account.backup, MANUAL, NOW)
    assert taken.name == "mantisnxt-manual-backup-20250104"
    assert (taken.source, taken.ready) == ("manual", True)
    assert account.snapshots() == {taken.name}


def test_a_second_one_of_the_day_gets_the_time_also_when_another_group_has_the_name(account: Account) -> None:
    account.make_group("another")
    account.client.create_snapshot(
        SnapshotName="mantisnxt-manual-backup-20250104", ReplicationGroupId="another"
    )
    assert take_named(account.backup, MANUAL, NOW).name == "mantisnxt-manual-backup-20250104-093000"
    with pytest.raises(NameTakenError, match="mantisnxt-manual-backup-20250104-093000 already"):
        take_named(account.backup, MANUAL, NOW)


def test_taking_waits_until_the_snapshot_is_complete(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = account.backend.create_snapshot

    def slowly(*args: Any, **kwargs: Any) -> Any:
        snapshot = create(*args, **kwargs)
        snapshot.snapshot_status = "creating"
        account.meanwhile = [
            lambda: None,
            lambda: setattr(snapshot, "snapshot_status", "available"),
        ]
        return snapshot

    monkeypatch.setattr(account.backend, "create_snapshot", slowly)
    assert account.backup.take("slow").ready
    assert account.pauses == [POLL, POLL]
    assert account.told == ["snapshot slow: asked for", "snapshot slow: creating", "snapshot slow: creating"]


def test_a_snapshot_that_fails_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    create = account.backend.create_snapshot

    def badly(*args: Any, **kwargs: Any) -> Any:
        snapshot = create(*args, **kwargs)
        snapshot.snapshot_status = "failed"
        return snapshot

    monkeypatch.setattr(account.backend, "create_snapshot", badly)
    with pytest.raises(BackupError, match=r"AWS says that snapshot bad is failed; .*describe-events"):
        account.backup.take("bad")


def test_the_list_reads_every_page_and_knows_age_size_and_source(account: Account) -> None:
    """Against botocore's own stand-in: moto does not answer in pages."""

    def page(number: int, **more: Any) -> dict[str, Any]:
        node = {"CacheSize": "6 MB", "SnapshotCreateTime": NOW.replace(day=number)}
        complete = {"SnapshotStatus": "available", "SnapshotSource": "automated", "NodeSnapshots": [node]}
        return {"Snapshots": [{"SnapshotName": f"s{number}", **complete}], **more}

    with Stubber(account.client) as stub:
        asked = {"ReplicationGroupId": GROUP}
        stub.add_response("describe_snapshots", page(1, Marker="next"), asked)
        stub.add_response("describe_snapshots", page(2), {**asked, "Marker": "next"})
        found = account.backup.snapshots()
    assert [one.name for one in found] == ["s2", "s1"]
    assert found[0] == Snapshot("s2", NOW.replace(day=2), "6 MB", "automated")


def test_a_restored_group_has_the_settings_of_its_source(account: Account) -> None:
    snapshot = take_named(account.backup, MANUAL, NOW)
    database = account.backup.restore(snapshot)
    [made] = account.made
    tags = {tag["Key"]: tag["Value"] for tag in made.pop("Tags")}
    assert tags == {"Environment": "prod", "mantisnxt-redis-restored-from": snapshot.name}
    assert made == {
        "ReplicationGroupId": f"{GROUP}-restored",
        "ReplicationGroupDescription": f"Restored from {snapshot.name}",
        "SnapshotName": snapshot.name,
        **SETTINGS,
        **OF_THE_NODE,
        **KEPT,
    }
    assert account.groups() == {GROUP, f"{GROUP}-restored"}
    assert (database.name, database.port, database.username, database.tls) == (
        f"{GROUP}-restored", 6379, "app", True,
    )  # fmt: skip
    assert database.password == PASSWORD
    assert f"{GROUP}-restored" in database.host
    assert account.backup.settings(database) == account.backup.settings(account.backup.source())


def test_a_second_restored_group_has_a_number(account: Account) -> None:
    snapshot = take_named(account.backup, MANUAL, NOW)
    names = [account.backup.restore(snapshot).name for _ in range(3)]
    assert names == [f"{GROUP}-restored", f"{GROUP}-restored-2", f"{GROUP}-restored-3"]


def test_every_id_is_one_that_aws_takes() -> None:
    longest = "a" * 20 + "-" + "b" * 11
    for new in (*restored_ids(longest), with_suffix(longest, "-drill")):
        assert len(new) <= LONGEST_ID
        assert "--" not in new
    assert with_suffix("a" * 30 + "-" + "b", "-restored") == "a" * 30 + "-restored"


def test_a_group_with_an_auth_token_gets_the_same_one_and_it_is_told_nowhere(account: Account) -> None:
    account.backend.replication_groups[GROUP].auth_token_enabled = True
    snapshot = take_named(account.backup, MANUAL, NOW)
    database = account.backup.restore(snapshot)
    assert account.made[0]["AuthToken"] == PASSWORD
    said = " ".join([*account.told, repr(database), account.backup.how_to_switch(snapshot, database)])
    assert PASSWORD not in said
    assert PASSWORD not in str(account.backup.settings(database))


def test_a_group_that_cannot_be_made_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = take_named(account.backup, MANUAL, NOW)
    create = account.backend.create_replication_group

    def badly(*args: Any, **kwargs: Any) -> Any:
        group = create(*args, **kwargs)
        group.status = "create-failed"
        return group

    monkeypatch.setattr(account.backend, "create_replication_group", badly)
    with pytest.raises(BackupError, match=f"group {GROUP}-restored is create-failed"):
        account.backup.restore(snapshot)


def test_it_does_not_wait_for_ever(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = take_named(account.backup, MANUAL, NOW)
    create = account.backend.create_replication_group

    def never(*args: Any, **kwargs: Any) -> Any:
        group = create(*args, **kwargs)
        group.status = "creating"
        return group

    clock = iter([0.0, 1.0, PATIENCE + 2])
    monkeypatch.setattr("infra.backup.elasticache.aws.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(account.backend, "create_replication_group", never)
    with pytest.raises(BackupError, match=r"still creating after 60 minutes. AWS goes on"):
        account.backup.restore(snapshot)


def test_how_to_switch_names_both_ways_and_what_stays(account: Account) -> None:
    snapshot = take_named(account.backup, MANUAL, NOW)
    database = account.backup.restore(snapshot)
    text = account.backup.how_to_switch(snapshot, database)
    assert f"put {database.host} in place of master.redis.invalid" in text
    assert f"elasticache.restoreFromSnapshot: {snapshot.name}" in text
    assert f"--region {REGION} --replication-group-id {GROUP}-restored" in text
    assert "that stack cannot be destroyed" in text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("SnapshotQuotaExceededFault", "quota"),
        ("InvalidReplicationGroupState", "busy with another change"),
        ("ReplicationGroupNotFoundFault", "pulumi refresh"),
        ("AccessDenied", "let the role do this"),
        ("ExpiredToken", "aws sso login"),
        ("SomethingNew", "AWS's own words"),
    ],
)
def test_what_aws_refuses_is_told_with_a_remedy(account: Account, code: str, said: str) -> None:
    with Stubber(account.client) as stub:
        stub.add_client_error("create_snapshot", code, "AWS's own words")
        with pytest.raises(BackupError) as caught:
            account.backup.take("s")
    assert f"AWS refuses CreateSnapshot ({code}): AWS's own words" in str(caught.value)
    assert said in str(caught.value)
    assert isinstance(caught.value.__cause__, ClientError)


def test_a_machine_without_credentials_is_told_to_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(BackupError, match=r"no AWS credentials.*aws sso login"):
        connect(REGION, GROUP, URL, "prod", lambda _: None).snapshots()
    monkeypatch.setenv("AWS_PROFILE", "unknown")
    with pytest.raises(BackupError, match=r"no AWS credentials.*unknown.*aws sso login") as caught:
        connect(REGION, GROUP, URL, "prod", lambda _: None)
    assert isinstance(caught.value.__cause__, ProfileNotFound)


def test_an_unknown_snapshot_is_answered_with_those_that_exist(account: Account) -> None:
    take_named(account.backup, MANUAL, NOW)
    with pytest.raises(
        BackupError, match=r"no snapshot 'x'; there are, .*: mantisnxt-manual-backup-20250104"
    ):
        find("x", account.backup.snapshots(), "prod")


def test_nothing_switches_or_discards_a_group_by_itself(account: Account) -> None:
    account.backup.restore(take_named(account.backup, MANUAL, NOW))
    with pytest.raises(BackupError, match="cannot be filled once it exists"):
        account.backup.switch()
    with pytest.raises(BackupError, match="deleted by hand"):
        account.backup.discard()
    assert account.groups() == {GROUP, f"{GROUP}-restored"}
