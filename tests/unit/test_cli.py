"""Which Pulumi CLI is used, and what a failed or doubled installation leaves behind."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import cli
from tools.errors import ToolError


def program(folder: Path, name: str, says: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH without a CLI."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return tmp_path / "cache" / "mantisnxt-redis"


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is installed instead of the real thing, in order: a test fills in what shall happen."""
    done: list[str] = []

    def install(folder: Path, version: str) -> None:
        done.append(f"installer {version}")
        raise ToolError("the installer cannot be reached")

    def build(modules: Path, folder: Path, version: str) -> None:
        done.append(f"build {version}")
        program(folder, "pulumi", version)

    monkeypatch.setattr(cli.installer, "install", install)
    monkeypatch.setattr(cli.build, "build", build)
    yield done


@pytest.mark.parametrize(
    ("version", "host", "used"),
    [
        (f"v{cli.VERSION}", True, True),
        ("v3.999.0", True, True),
        ("v4.0.0", True, True),
        ("v3.1.0", True, False),
        ("no version at all", True, False),
        (f"v{cli.VERSION}", False, False),
    ],
)
def test_the_cli_on_path_counts_if_it_is_new_and_whole(
    cache: Path, installs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    version: str, host: bool, used: bool,
) -> None:  # fmt: skip
    program(tmp_path / "bin", "pulumi", version)
    if host:
        program(tmp_path / "bin", "pulumi-language-python", "")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    found = cli.ensure()
    assert (found == cli.Cli(tmp_path / "bin")) is used
    assert (installs == []) is used


def test_what_was_built_is_used_again(cache: Path, installs: list[str]) -> None:
    first = cli.ensure()
    assert installs == [f"installer {cli.VERSION}", f"build {cli.VERSION}"]
    assert first.built
    assert cli.ensure() == first
    assert len(installs) == 2


def test_the_built_one_is_told_from_a_users_own_when_it_is_on_path(
    cache: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cli.ensure()
    program(first.folder, "pulumi", f"v{cli.VERSION}")
    program(first.folder, "pulumi-language-python", "")
    monkeypatch.setenv("PATH", f"{first.folder}:/usr/bin:/bin")
    assert cli.ensure() == first


def test_the_official_one_goes_without_workarounds(
    cache: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        cli.installer, "install", lambda folder, version: program(folder / "bin", "pulumi", "")
    )
    official = cli.ensure()
    assert not official.built
    path = official.environment(tmp_path)["PATH"].split(os.pathsep)
    assert path[0] == str(official.folder)
    assert str(tmp_path / ".venv" / "bin") not in path
    built = cli.Cli(official.folder, built=True).environment(tmp_path)["PATH"].split(os.pathsep)
    assert built[:2] == [str(tmp_path / ".venv" / "bin"), str(official.folder)]


@pytest.mark.parametrize(
    "error", [ToolError("no Go"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
def test_a_build_that_fails_leaves_nothing_that_looks_finished(
    cache: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def half(modules: Path, folder: Path, version: str) -> None:
        program(folder, "pulumi", version)
        raise error

    monkeypatch.setattr(cli.build, "build", half)
    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else ToolError) as caught:
        cli.ensure()
    if isinstance(error, OSError):
        assert "No space left on device" in str(caught.value)
    assert [path.name for path in cache.iterdir()] == ["pulumi.lock"]


def test_what_a_killed_build_left_is_cleared_away(cache: Path, installs: list[str]) -> None:
    program(cache / f"{cli.UNFINISHED}x" / "made", "pulumi", "half")
    folder = cli.ensure().folder
    assert {path.name for path in cache.iterdir()} == {"pulumi.lock", folder.name}


def test_two_at_once_build_once(cache: Path, installs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(modules: Path, folder: Path, version: str) -> None:
        installs.append("build")
        begun.set()
        assert go_on.wait(10)
        program(folder, "pulumi", version)

    monkeypatch.setattr(cli.build, "build", slow)
    found: list[cli.Cli] = []
    threads = [threading.Thread(target=lambda: found.append(cli.ensure())) for _ in range(2)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    threads[1].join(0.5)  # long enough for it to begin a build of its own, were it not waiting
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert installs.count("build") == 1
    assert found[0] == found[1]


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(ToolError, match=r"cannot be written.*Set XDG_CACHE_HOME"):
        cli.ensure()


def test_the_pinned_version_is_the_one_that_go_mod_names() -> None:
    assert f"github.com/pulumi/pulumi/pkg/v3 v{cli.VERSION}\n" in (cli.MODULES / "go.mod").read_text()
