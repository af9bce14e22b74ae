"""Where alarms go: a topic of SNS for each severity, encrypted, with its subscribers."""

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from infra.providers.elasticache.alarms import Severity
from infra.settings.monitoring import MonitoringSettings

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "": "aws"}
"""What ARNs begin with, by the beginning of the region's name."""

CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}

KEY_DELETION_DAYS = 7
"""How long the key can be had back after a destroy: nothing is stored under it, so AWS's shortest time."""


def key_policy(account: str, region: str) -> str:
    """Who may use the key: IAM of this account, and CloudWatch's alarms.

    AWS's own key, ``alias/aws/sns``, lets no alarm through, and its policy cannot be changed (AWS re:Post,
    "How do I configure a CloudWatch alarm with an encrypted SNS topic?"). The second statement has no
    condition, as AWS documents none for it: the topic's policy says which alarms may publish.
    """
    owner = {"AWS": f"arn:{_partition(region)}:iam::{account}:root"}
    return _policy(
        {"Sid": "Administration", "Principal": owner, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "Alarms",
            "Principal": CLOUDWATCH,
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
    )


def topic_policy(topic: str, account: str, region: str) -> str:
    """Who may publish: the alarms of this account in this region."""
    source = f"arn:{_partition(region)}:cloudwatch:{region}:{account}:alarm:*"
    return _policy(
        {
            "Sid": "Alarms",
            "Principal": CLOUDWATCH,
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {
                "ArnLike": {"aws:SourceArn": source},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
    )


class Topics(pulumi.ComponentResource):
    """The topics of a group's alarms.

    Args:
        name: the component's name, which its children's names begin with.
        settings: the subscribers, or topics that exist already.
        region: where the group is.
        group_id: the group's id, which the names in AWS begin with.
        tags: of everything that can have some.
    """

    arns: Mapping[Severity, pulumi.Input[str]]
    """The topic of each severity."""

    def __init__(
        self,
        name: str,
        settings: MonitoringSettings,
        *,
        region: str,
        group_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheTopics", name, opts=opts)
        existing: Mapping[Severity, str | None] = {
            "critical": settings.critical_topic_arn,
            "warning": settings.warning_topic_arn,
        }
        emails: Mapping[Severity, Sequence[str]] = {
            "critical": settings.critical_emails,
            "warning": settings.warning_emails,
        }
        self._region, self._group_id, self._tags = region, group_id, tags
        missing = [severity for severity, arn in existing.items() if not arn]
        made: dict[Severity, pulumi.Output[str]] = {}
        if missing:
            account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
            key = self._key(name, account)
            for severity in missing:
                made[severity] = self._topic(f"{name}-{severity}", severity, key, account)
                self._subscribe(f"{name}-{severity}", made[severity], emails[severity])
        self._warn([severity for severity in missing if not emails[severity]])
        self.arns = {severity: arn or made[severity] for severity, arn in existing.items()}
        self.register_outputs({"arns": self.arns})

    def _key(self, name: str, account: pulumi.Output[str]) -> aws.kms.Key:
        key = aws.kms.Key(
            f"{name}-key",
            description=pulumi.Output.concat("Alarms of ", self._group_id),
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            policy=account.apply(lambda account: key_policy(account, self._region)),
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=pulumi.Output.concat("alias/", self._group_id, "-alarms"),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return key

    def _topic(
        self, name: str, severity: Severity, key: aws.kms.Key, account: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        topic = aws.sns.Topic(
            name,
            name=pulumi.Output.concat(self._group_id, "-", severity),
            kms_master_key_id=key.arn,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = pulumi.Output.all(topic.arn, account).apply(
            lambda known: topic_policy(known[0], known[1], self._region)
        )
        aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=policy,
            opts=pulumi.ResourceOptions(parent=self),
        )
        arn: pulumi.Output[str] = topic.arn
        return arn

    def _subscribe(self, name: str, topic: pulumi.Output[str], emails: Sequence[str]) -> None:
        for email in emails:
            aws.sns.TopicSubscription(
                f"{name}-{email.lower()}",
                topic=topic,
                protocol="email",
                endpoint=email,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _warn(self, silent: Sequence[Severity]) -> None:
        if silent:
            keys = " and ".join(f"{severity}Emails or {severity}TopicArn" for severity in silent)
            pulumi.log.warn(
                f"Nobody hears about the {' and '.join(silent)} alarms of this Redis: set {keys} in "
                "elasticache.monitoring, or subscribe somebody to the topics by hand.",
                self,
            )


def _policy(*statements: Mapping[str, object]) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def _partition(region: str) -> str:
    return next(name for beginning, name in PARTITIONS.items() if region.startswith(beginning))
