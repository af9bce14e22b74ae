"""The snippets of docs/operations.md are config that is taken as it stands."""

import json
import re
from typing import Any

import pytest
import yaml

from infra.config import parse
from tests.engine.project import CHECKOUT

TEXT = (CHECKOUT / "docs" / "operations.md").read_text()
SNIPPETS: list[dict[str, Any]] = [
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]
REST = {"provider": "elasticache", "aws:region": "us-east-1", "elasticache": {"clientSecurityGroup": True}}


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: next(reversed(snippet)))
def test_a_snippet_is_config(snippet: dict[str, Any]) -> None:
    config = {
        key if ":" in key else f"redis:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in (REST | snippet).items()
    }
    settings = parse(config, project="redis", stack="prod", environ={"VERCEL_API_TOKEN": "x"})
    assert settings.deliveries or settings.password.version == 2


def test_there_is_one_for_deliveries_and_one_for_passwords() -> None:
    assert [next(reversed(snippet)) for snippet in SNIPPETS] == ["deliveries", "password"]
