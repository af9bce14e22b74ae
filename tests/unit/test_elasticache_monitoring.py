"""The dashboard, the alarms and the topics of an ElastiCache group, under Pulumi's mocks."""

import json
from typing import Any

import pulumi
import pytest

from infra.providers.elasticache.metrics import members
from infra.providers.elasticache.monitoring import Monitoring
from infra.providers.elasticache.topics import key_policy, topic_policy
from infra.settings import ElastiCacheSettings, Thresholds
from infra.settings.monitoring import MonitoringSettings
from tests.unit.mocks import Cloud, mocked, run

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:on-call"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
TAGS = {"Project": "MantisNXT", "Environment": "prod"}


def made(
    settings: MonitoringSettings | None = None, *, nodes: int = 2, stack: str = "prod", found: Any = None
) -> Cloud:
    computed = {
        "aws:sns/topic:Topic": {"arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:made"},
        "aws:kms/key:Key": {"arn": KEY, "keyId": "k"},
    }
    identity = {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/u", "userId": "u", "id": ACCOUNT}
    redis = ElastiCacheSettings.model_construct(
        region="eu-west-1", engine="redis", node_type="small", monitoring=settings or MonitoringSettings()
    )
    urls: list[str] = []

    async def check() -> None:
        monitoring = Monitoring(
            "redis-monitoring",
            planned=members("g", nodes),
            members=found or members("g", nodes),
            region="eu-west-1",
            stack=stack,
            redis=redis,
            thresholds=Thresholds(),
            group_id=pulumi.Output.from_input("g"),
            tags=TAGS,
        )
        urls.append(monitoring.dashboard_url)

    with mocked(Cloud(computed=computed, calls={IDENTITY: identity}), stack=stack) as cloud:
        run(check)
    name = "MantisNXT-Redis" if stack == "prod" else f"MantisNXT-Redis-{stack}"
    assert urls[0].endswith(f"#dashboards/dashboard/{name}")
    return cloud


def typed(cloud: Cloud, kind: str) -> dict[str, dict[str, Any]]:
    return {name: cloud.inputs(name) for name, args in cloud.resources.items() if args.typ == kind}


def alarms(cloud: Cloud) -> dict[str, dict[str, Any]]:
    return typed(cloud, "aws:cloudwatch/metricAlarm:MetricAlarm")


def statements(policy: str) -> list[Any]:
    found: list[Any] = json.loads(policy)["Statement"]
    return found


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: heard.append(message))
    return heard


@pytest.mark.parametrize(("nodes", "count"), [(1, 12), (2, 13), (6, 18)])
def test_each_threshold_has_its_alarm(nodes: int, count: int) -> None:
    found = alarms(made(nodes=nodes))
    assert len(found) == count
    assert len({alarm["name"] for alarm in found.values()}) == count
    assert all(alarm["name"].startswith("g-") for alarm in found.values())


def test_an_alarm_as_cloudwatch_gets_it() -> None:
    alarm = alarms(made())["redis-monitoring-memory-critical"]
    description = alarm.pop("alarmDescription")
    assert description.startswith("Redis uses more of its memory than 90 %. Choose a larger nodeType now")
    assert alarm == {
        "name": "g-memory-critical",
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 90,
        "evaluationPeriods": 5,
        "datapointsToAlarm": 2,
        "treatMissingData": "missing",
        "alarmActions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:made"],
        "okActions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:made"],
        "tags": TAGS,
        "metricQueries": [
            *(
                {
                    "id": f"a{number}",
                    "returnData": False,
                    "metric": {
                        "namespace": "AWS/ElastiCache",
                        "metricName": "DatabaseMemoryUsagePercentage",
                        "dimensions": {"CacheClusterId": f"g-00{number}", "CacheNodeId": "0001"},
                        "stat": "Maximum",
                        "period": 60,
                    },
                }
                for number in (1, 2)
            ),
            {"id": "value", "expression": "MAX([a1,a2])", "label": "memory", "returnData": True},
        ],
    }


def test_a_low_hit_rate_is_the_bad_one() -> None:
    operators = {name: alarm["comparisonOperator"] for name, alarm in alarms(made()).items()}
    assert operators.pop("redis-monitoring-hit-rate-warning") == "LessThanThreshold"
    assert set(operators.values()) == {"GreaterThanThreshold"}


def test_alarms_and_recoveries_go_to_the_topic_of_their_severity() -> None:
    other = TOPIC.replace("on-call", "team")
    cloud = made(MonitoringSettings(critical_topic_arn=TOPIC, warning_topic_arn=other))
    for name, alarm in alarms(cloud).items():
        topic = TOPIC if "-critical" in name else other
        assert alarm["alarmActions"] == alarm["okActions"] == [topic]


def test_topics_of_the_users_need_no_key_and_no_account(warnings: list[str]) -> None:
    cloud = made(MonitoringSettings(critical_topic_arn=TOPIC, warning_topic_arn=TOPIC))
    kinds = {args.typ for args in cloud.resources.values()}
    assert kinds == {
        "mantisnxt-redis:index:ElastiCacheMonitoring",
        "mantisnxt-redis:index:ElastiCacheTopics",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
    }
    assert warnings == []


def test_topics_are_encrypted_with_a_key_that_lets_alarms_through() -> None:
    cloud = made()
    topics = typed(cloud, "aws:sns/topic:Topic")
    assert topics == {
        f"redis-monitoring-topics-{severity}": {
            "name": f"g-{severity}",
            "kmsMasterKeyId": KEY,
            "tags": TAGS,
        }
        for severity in ("critical", "warning")
    }
    key = cloud.inputs("redis-monitoring-topics-key")
    assert key["enableKeyRotation"] is True
    assert key["tags"] == TAGS
    assert key["policy"] == key_policy(ACCOUNT, "eu-west-1")
    alias = cloud.inputs("redis-monitoring-topics-alias")
    assert alias == {"name": "alias/g-alarms", "targetKeyId": "k"}
    policies = typed(cloud, "aws:sns/topicPolicy:TopicPolicy")
    assert len(policies) == 2
    for policy in policies.values():
        assert policy["policy"] == topic_policy(policy["arn"], ACCOUNT, "eu-west-1")


def test_each_address_is_subscribed_to_its_topic(warnings: list[str]) -> None:
    settings = MonitoringSettings(
        critical_emails=("On-Call@example.com", "b@example.com"), warning_emails=("b@example.com",)
    )
    found = typed(made(settings), "aws:sns/topicSubscription:TopicSubscription")
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:made"
    assert found == {
        f"redis-monitoring-topics-{name}": {"topic": topic, "protocol": "email", "endpoint": endpoint}
        for name, endpoint in (
            ("critical-on-call@example.com", "On-Call@example.com"),
            ("critical-b@example.com", "b@example.com"),
            ("warning-b@example.com", "b@example.com"),
        )
    }
    assert warnings == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            MonitoringSettings(),
            ("critical and warning alarms", "criticalEmails or criticalTopicArn and warningEmails or"),
        ),
        (MonitoringSettings(critical_emails=("a@example.com",)), ("the warning alarms", "warningTopicArn")),
        (MonitoringSettings(warning_topic_arn=TOPIC), ("the critical alarms", "criticalEmails")),
    ],
)
def test_alarms_that_nobody_hears_are_warned_about(
    warnings: list[str], settings: MonitoringSettings, words: tuple[str, ...]
) -> None:
    cloud = made(settings)
    (warning,) = warnings
    assert all(word in warning for word in words)
    assert len(alarms(cloud)) == 13, "they are made all the same: somebody may subscribe by hand"


def test_everything_is_named_and_parented_under_the_component_and_nothing_is_protected() -> None:
    settings = MonitoringSettings(critical_emails=("a@example.com",))
    cloud = made(settings)
    parents = {name: request.parent.split("::")[-1] for name, request in cloud.requests.items()}
    assert parents.pop("redis-monitoring") != "redis-monitoring"
    assert parents.pop("redis-monitoring-topics") == "redis-monitoring"
    for name, parent in parents.items():
        own = cloud.resources[name].typ.startswith("aws:cloudwatch/")
        assert parent == ("redis-monitoring" if own else "redis-monitoring-topics")
        assert name.startswith(f"{parent}-")
    assert not any(request.protect for request in cloud.requests.values())


def test_the_dashboard_is_the_stacks() -> None:
    dashboard = made(stack="staging", nodes=1).inputs("redis-monitoring-dashboard")
    assert dashboard["dashboardName"] == "MantisNXT-Redis-staging"
    body = json.loads(dashboard["dashboardBody"])
    assert "g-001" in json.dumps(body)
    assert '"Stack", "staging"' in json.dumps(body)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_policies_let_this_accounts_alarms_through_and_nobody_else(region: str, partition: str) -> None:
    administration, alarm = statements(key_policy(ACCOUNT, region))
    assert administration["Principal"] == {"AWS": f"arn:{partition}:iam::{ACCOUNT}:root"}
    assert alarm["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarm["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    (publish,) = statements(topic_policy(TOPIC, ACCOUNT, region))
    assert publish == {
        "Effect": "Allow",
        "Sid": "Alarms",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:{partition}:cloudwatch:{region}:{ACCOUNT}:alarm:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
