"""The examples of README.md and the stacks of this repository, run as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.project import CHECKOUT
from tests.engine.scenarios import assert_nothing_to_do
from tests.engine.stack import cloud_stack

CREDENTIALS = {
    "UPSTASH_EMAIL": "ops@example.com",
    "UPSTASH_API_KEY": "hunter2",
    "REDISCLOUD_ACCESS_KEY": "hunter3",
    "REDISCLOUD_SECRET_KEY": "hunter4",
    "AWS_REGION": "us-east-1",
}
README = (CHECKOUT / "README.md").read_text()
EXAMPLES = [
    yaml.safe_load(text)["config"] for text in re.findall(r"```yaml\n(config:.*?)```", README, re.DOTALL)
]
STACKS = {
    name: yaml.safe_load((CHECKOUT / f"Pulumi.{name}.yaml").read_text())["config"]
    for name in ("staging", "prod")
}


def test_every_provider_has_an_example() -> None:
    assert [example["provider"] for example in EXAMPLES] == ["local", "upstash", "elasticache", "rediscloud"]


@pytest.mark.parametrize("config", EXAMPLES, ids=lambda config: f"example-{config['provider']}")
def test_an_example_is_made_as_it_stands(config: dict[str, Any], tmp_path: Path) -> None:
    with cloud_stack(tmp_path, "example", CREDENTIALS) as stack:
        stack.configure(config)
        if config["provider"] == "local":  # its port may be taken
            assert stack.preview().names("create") == {"redis", "redis-server"}
            return
        stack.up()
        assert stack.outputs()["provider"] == config["provider"]
        assert_nothing_to_do(stack)


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_of_this_repository_needs_nothing_but_credentials(name: str, tmp_path: Path) -> None:
    with cloud_stack(tmp_path, name, CREDENTIALS) as stack:
        stack.configure(STACKS[name])
        preview = stack.preview()
        assert {"redis"} < preview.names("create")
        assert re.search(rf"highAvailability +: {str(name == 'prod').lower()}", preview.text)
