"""The commands around snapshots, as a user runs them."""

import re

from tests.engine.project import Project


def test_what_was_destroyed_comes_back_from_a_snapshot(project: Project) -> None:
    """The snapshot outlives the stack; a server that was restored beside it does not."""
    project.make("up")
    client = project.client()
    client.set("mantis:session:abc", "{}", px=5_000_123)
    client.rpush("queue", "a", "b")
    expires = client.pexpiretime("mantis:session:abc")
    [name] = re.findall("Taken: (mantisnxt-manual-backup-[0-9]{8})$", project.make("snapshot"), re.MULTILINE)
    assert "It answers, and has 2 keys, 1 of them with a TTL" in project.make("restore", name)
    assert len(project.servers()) == 2
    assert f"1 snapshot stays in {project.folder / '.local-snapshots' / 'dev'}" in project.make("down")
    assert project.servers() == []
    assert not (project.folder / ".local").exists()
    assert project.changed_files() == []

    project.make("up")
    project.make("restore", name)
    assert "It was empty before" in project.make("restore", "--switch")
    client = project.client()
    assert client.get("mantis:session:abc") == "{}"
    assert client.pexpiretime("mantis:session:abc") == expires
    assert client.lrange("queue", 0, -1) == ["a", "b"]
    assert len(project.servers()) == 1
