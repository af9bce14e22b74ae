"""The local Redis from its first ``up`` to its destruction, each change as a user makes it."""

import base64
import json
import stat
import subprocess
from urllib.parse import quote, urlsplit

from tests.engine.project import Project
from tests.servers import free_port


def test_up_again_changes_nothing(running: Project) -> None:
    before = running.server().pid
    text = running.up()
    assert "3 unchanged" in text
    assert running.server().pid == before
    assert running.changed_files() == []


def test_a_preview_by_hand_agrees(running: Project) -> None:
    assert "3 unchanged" in running.pulumi("preview")


def test_no_secret_is_readable(running: Project) -> None:
    """Not in the state and its backups, not in a log or a diff, not in a process list, not by others."""
    running.kill_server()
    running.pulumi("preview", "--diff", "--show-config")
    running.up()
    assert "[secret]" in running.pulumi("stack", "output", "REDIS_URL")
    seen = running.output
    url = running.stack_output("REDIS_URL")
    password = urlsplit(url).password or ""
    assert len(password) == 48
    encoded = base64.b64encode(password.encode()).decode()
    forms = {password, quote(password, safe=""), encoded, encoded.rstrip("=")[:-1]}
    passphrase = (running.folder / ".local" / "passphrase").read_text()

    states = [path for path in running.files() if "state" in path.relative_to(running.folder).parts]
    assert any(path.name == "dev.json" for path in states)
    for path in states:
        assert not any(form in path.read_text(errors="replace") for form in {*forms, passphrase}), path
    assert not any(form in seen for form in {*forms, passphrase})
    assert not any(form in " ".join(running.server().cmdline()) for form in forms)
    assert password not in (running.server_folder / "redis.log").read_text()

    top = running.folder / ".local"
    assert stat.S_IMODE(top.stat().st_mode) == 0o700
    for path in [top / "passphrase", *(p for p in running.server_folder.rglob("*") if p.is_file())]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_memory_and_policy_change_without_a_restart(running: Project) -> None:
    before = running.server().pid
    running.configure(maxMemoryMb=64, evictionPolicy="volatile-ttl")
    assert "1 updated" in running.up()
    client = running.client()
    live = client.config_get("maxmemory*")
    assert (live["maxmemory"], live["maxmemory-policy"]) == (str(64 * 2**20), "volatile-ttl")
    assert running.server().pid == before
    assert client.get("kept") == "yes"
    config = (running.server_folder / "redis.conf").read_text()
    assert "maxmemory 64mb" in config
    assert "maxmemory-policy volatile-ttl" in config


def test_a_setting_changed_by_hand_is_drift(running: Project) -> None:
    running.client().config_set("maxmemory-policy", "noeviction")
    assert '=> "noeviction"' in running.pulumi("refresh", "--yes", "--diff")
    running.up()
    assert running.client().config_get("maxmemory-policy")["maxmemory-policy"] != "noeviction"


def test_the_port_changes_with_the_data_kept(running: Project) -> None:
    port = free_port()
    running.configure(port=port)
    running.up()
    assert f":{port}" in running.stack_output("REDIS_URL")
    assert running.client().get("kept") == "yes"


def test_env_file_holds_the_environment_and_only_for_its_owner(running: Project) -> None:
    url = running.stack_output("REDIS_URL")
    text = running.make("env")
    assert url not in text
    file = running.folder / ".env.dev"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    script = '. ./.env.dev; printf "%s|%s|%s" "$REDIS_URL" "$SESSION_PREFIX" "$REDIS_CONNECT_TIMEOUT"'
    shown = subprocess.run(
        ["sh", "-c", script], cwd=running.folder, check=True, capture_output=True, text=True
    )
    assert shown.stdout == f"{url}|mantis:session:|10000"
    assert url in running.make("env", "--show")
    assert running.changed_files() == []


def test_the_metrics_are_judged_by_the_thresholds_of_the_stacks_config(running: Project) -> None:
    assert "healthy" in running.make("metrics")
    config = {"provider": "local", "local": running.local, "thresholds": {"memoryUsedWarning": 0.1}}
    running.write_config(config)
    running.up()
    assert running.stack_output("thresholds") == {"memoryUsedWarning": 0.1}
    document = json.loads(running.make("metrics", "--json", code=1))
    assert document["stack"] == "dev"
    assert document["metrics"]["redis.memory.used"]["status"] == "warning"
    assert document["metrics"]["redis.command.duration.p95"]["status"] == "healthy"


def test_down_leaves_no_process_and_no_file(running: Project) -> None:
    running.make("env")
    running.make("down")
    assert running.servers() == []
    assert not (running.folder / ".local").exists()
    assert not (running.folder / ".env.dev").exists()
    assert running.changed_files() == []
    assert "there is no Redis in stack dev yet" in running.make("check", code=1)
