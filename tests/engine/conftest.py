"""The real CLI, the real engine, a real server: one project for each module of tests."""

from collections.abc import Iterator

import psutil
import pytest

from tests.engine.project import Project

pytest.register_assert_rewrite("tests.engine.scenarios")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A checkout in a folder whose name is not a simple one."""
    folder = tmp_path_factory.mktemp("a checkout's folder")
    project = Project(folder)
    try:
        yield project
    finally:
        left = project.servers()
        for process in left:
            process.kill()
        psutil.wait_procs(left)


@pytest.fixture
def running(project: Project) -> Project:
    """The project with its Redis running, as an earlier test left it, and one key in it."""
    if not (project.folder / ".local" / "state").exists():
        project.make("up")
    elif not project.servers():
        project.up()
    project.client().set("kept", "yes")
    return project
