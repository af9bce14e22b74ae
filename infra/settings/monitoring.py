"""The block ``elasticache.monitoring``."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from infra.settings.block import Block

DASHBOARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""What CloudWatch's PutDashboard takes as a name."""

TOPIC_ARN = re.compile(r"arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
"""The ARN of a standard topic of SNS. A FIFO topic, whose name ends in ``.fifo``, sends no mail."""

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _dashboard_name(value: str) -> str:
    if not DASHBOARD_NAME.fullmatch(value):
        raise PydanticCustomError(
            "dashboard_name", "not a dashboard's name: up to 255 letters, digits, hyphens and underscores"
        )
    return value


def _topic_arn(value: str) -> str:
    if not TOPIC_ARN.fullmatch(value):
        raise PydanticCustomError(
            "topic_arn",
            "not the ARN of an SNS topic of the standard kind; "
            "write it like arn:aws:sns:eu-west-1:123456789012:on-call",
        )
    return value


def _email(value: str) -> str:
    if not EMAIL.fullmatch(value):
        raise PydanticCustomError("email", "not an e-mail address; write it like on-call@example.com")
    return value


def _distinct(addresses: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for address in addresses:
        if address.lower() in seen:
            raise PydanticCustomError("duplicate", "{address} is in the list twice", {"address": address})
        seen.add(address.lower())
    return addresses


DashboardName = Annotated[str, AfterValidator(_dashboard_name)]
TopicArn = Annotated[str, AfterValidator(_topic_arn)]
Emails = Annotated[tuple[Annotated[str, AfterValidator(_email)], ...], AfterValidator(_distinct)]


class MonitoringSettings(Block):
    """The CloudWatch dashboard, and who hears about the alarms."""

    dashboard_name: DashboardName | None = None
    """Name of the CloudWatch dashboard: up to 255 letters, digits, hyphens and underscores.

    Default: ``MantisNXT-Redis`` in the stack ``prod``, ``MantisNXT-Redis-<stack>`` in all others. The name is
    unique in the whole AWS account: a dashboard that has it already is overwritten.
    """
    critical_emails: Emails = ()
    """Who gets the critical alarms by mail. AWS sends each address a link to follow first."""
    warning_emails: Emails = ()
    """Who gets the warnings by mail. AWS sends each address a link to follow first."""
    critical_topic_arn: TopicArn | None = None
    """An SNS topic of yours for the critical alarms, in place of the one that is made for the stack.

    It has to be in the group's region and to let ``cloudwatch.amazonaws.com`` publish. An encrypted one needs
    a KMS key of yours that lets it, too: with ``alias/aws/sns`` no alarm gets through.
    """
    warning_topic_arn: TopicArn | None = None
    """An SNS topic of yours for the warnings, under the same conditions as ``criticalTopicArn``."""

    @model_validator(mode="after")
    def _one_way_each(self) -> Self:
        for severity, emails, topic in (
            ("critical", self.critical_emails, self.critical_topic_arn),
            ("warning", self.warning_emails, self.warning_topic_arn),
        ):
            if emails and topic:
                raise PydanticCustomError(
                    "two_ways",
                    "goes with the topic that is made for the stack; remove it, or {severity}TopicArn, and "
                    "subscribe the addresses to that topic yourself",
                    {"severity": severity, "path": (f"{severity}Emails",)},
                )
        return self
