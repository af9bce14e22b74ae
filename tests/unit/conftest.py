"""What several modules of tests need."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.unit.elasticache_account import REGION, Account

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient


@pytest.fixture(scope="module")
def client() -> "ElastiCacheClient":
    with mock_aws():
        return boto3.client(
            "elasticache", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )


@pytest.fixture
def account(client: "ElastiCacheClient") -> Iterator[Account]:
    with mock_aws():
        account = Account(client)
        yield account
    for event, handler in account.handlers.items():
        client.meta.events.unregister(event, handler)
