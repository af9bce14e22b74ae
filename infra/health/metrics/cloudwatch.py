"""Publishes a reading to CloudWatch, where the dashboard and the alarms of ElastiCache read it."""

import os
from typing import TYPE_CHECKING

from infra.health.failure import ProblemError
from infra.health.metrics import catalogue
from infra.health.metrics.catalogue import CATALOGUE, Unit
from infra.health.metrics.reading import Reading

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

NAMESPACE = "MantisNXT/Redis"
UNITS: dict[Unit, "StandardUnitType"] = {
    "": "Count",
    "%": "Percent",
    "bytes": "Bytes",
    "ms": "Milliseconds",
    "s": "Seconds",
    "a second": "Count/Second",
    "a minute": "Count",
    "in all": "Count",
}


class PublishError(ProblemError):
    """CloudWatch cannot be reached, or does not take it."""


class Publisher:
    """Publishes for one stack.

    Raises:
        PublishError: the machine has no credentials for AWS, or no region.
    """

    def __init__(self, stack: str) -> None:
        # Only whoever publishes needs AWS's SDK.
        import boto3

        # boto3 itself reads AWS_DEFAULT_REGION only; the AWS CLI and everything else of AWS's know both.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        if session.region_name is None:
            raise PublishError("AWS has no region", "set AWS_REGION, or one in the AWS CLI's profile")
        if session.get_credentials() is None:
            raise PublishError(
                "there are no credentials for AWS",
                "log in (aws sso login), name a profile (AWS_PROFILE), or give the machine a role that may "
                "cloudwatch:PutMetricData",
            )
        self._client: CloudWatchClient = session.client("cloudwatch")
        self._stack = stack

    def publish(self, reading: Reading) -> int:
        """Send every figure that there is; return how many.

        Raises:
            PublishError: it cannot be sent.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        data = data_of(reading, self._stack)
        try:
            self._client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
        except (BotoCoreError, ClientError) as error:
            raise PublishError(
                f"CloudWatch did not take the metrics: {error}",
                "check the role (cloudwatch:PutMetricData), the region and the network path to CloudWatch",
            ) from error
        return len(data)


def data_of(reading: Reading, stack: str) -> list["MetricDatumTypeDef"]:
    """The reading as CloudWatch takes it, with the one dimension ``Stack``.

    ``redis.connection.failed`` has our own attempts only: AWS counts those of others itself, and the alarm
    adds the two.
    """
    figures = {name: value.figure for name, value in reading.values.items() if value.figure is not None}
    figures[catalogue.FAILED] = reading.own_failures
    return [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "Stack", "Value": stack}],
            "Timestamp": reading.at,
            "Value": figure,
            "Unit": "None" if name == catalogue.FRAGMENTATION else UNITS[CATALOGUE[name].unit],
        }
        for name, figure in figures.items()
    ]
