"""The block ``elasticache.monitoring``."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from infra.settings.monitoring import MonitoringSettings

TOPIC = "arn:aws:sns:eu-west-1:123456789012:on-call"


@pytest.mark.parametrize(
    ("block", "where", "message"),
    [
        ({"dashboardName": "My board"}, ("dashboardName",), "letters, digits, hyphens and underscores"),
        ({"dashboardName": ""}, ("dashboardName",), "not a dashboard's name"),
        ({"dashboardName": "x" * 256}, ("dashboardName",), "up to 255"),
        ({"criticalTopicArn": "on-call"}, ("criticalTopicArn",), "not the ARN of an SNS topic"),
        ({"criticalTopicArn": f"{TOPIC}.fifo"}, ("criticalTopicArn",), "of the standard kind"),
        (
            {"warningTopicArn": TOPIC.replace("sns", "sqs")},
            ("warningTopicArn",),
            "not the ARN of an SNS topic",
        ),
        ({"criticalEmails": ["nobody"]}, ("criticalEmails", 0), "not an e-mail address"),
        ({"criticalEmails": ["a@b"]}, ("criticalEmails", 0), "not an e-mail address"),
        (
            {"warningEmails": ["A@example.com", "a@example.com"]},
            ("warningEmails",),
            "a@example.com is in the list twice",
        ),
        (
            {"criticalEmails": ["a@example.com"], "criticalTopicArn": TOPIC},
            (),
            "remove it, or criticalTopicArn",
        ),
        ({"warningEmails": ["a@example.com"], "warningTopicArn": TOPIC}, (), "or warningTopicArn"),
    ],
)
def test_a_bad_setting_is_refused(block: dict[str, Any], where: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MonitoringSettings.model_validate_json(json.dumps(block), strict=True, by_alias=True, by_name=False)
    (error,) = caught.value.errors()
    assert error["loc"] == where
    assert message in error["msg"]
    if not where:
        key = next(key for key in block if key.endswith("Emails"))
        assert error["ctx"]["path"] == (key,)


def test_emails_for_one_severity_go_with_a_topic_for_the_other() -> None:
    settings = MonitoringSettings(critical_emails=("a@example.com",), warning_topic_arn=TOPIC)
    assert settings.warning_topic_arn == TOPIC
