"""Watches a replication group: a dashboard, alarms, and the topics that they go to."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from infra.providers.elasticache.alarms import Alarm, alarms
from infra.providers.elasticache.dashboard import body, dashboard_name, dashboard_url
from infra.providers.elasticache.rules import rules
from infra.providers.elasticache.topics import Topics
from infra.settings import ElastiCacheSettings, Thresholds


class Monitoring(pulumi.ComponentResource):
    """The dashboard and the alarms of a replication group.

    Args:
        name: the component's name, which its children's names begin with.
        members: the ids of the group's nodes, as ``metrics.members`` makes them.
        region: where the group is.
        stack: the stack's name.
        redis: the stack's ``elasticache`` block.
        thresholds: from when on something is a warning, or critical.
        group_id: the group's id, which the alarms' names begin with. Take it from the group itself:
            then no alarm is made before it.
        tags: of everything that can have some.
    """

    dashboard_url: str
    """Where the AWS console shows the dashboard."""

    def __init__(
        self,
        name: str,
        *,
        members: Sequence[str],
        region: str,
        stack: str,
        redis: ElastiCacheSettings,
        thresholds: Thresholds,
        group_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mantisnxt-redis:index:ElastiCacheMonitoring", name, opts=opts)
        self._group_id, self._tags = group_id, tags
        dashboard = dashboard_name(redis.monitoring.dashboard_name, stack)
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=dashboard,
            dashboard_body=body(
                members,
                region=region,
                stack=stack,
                engine=redis.engine,
                node_type=redis.cache_node_type,
                thresholds=thresholds,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        topics = Topics(
            f"{name}-topics",
            redis.monitoring,
            region=region,
            group_id=group_id,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for alarm in alarms(
            rules(redis.engine, redis.cache_node_type, len(members)),
            members,
            stack=stack,
            thresholds=thresholds,
        ):
            self._alarm(f"{name}-{alarm.name}", alarm, topics.arns[alarm.severity])
        self.dashboard_url = dashboard_url(dashboard, region)
        self.register_outputs({"dashboardUrl": self.dashboard_url})

    def _alarm(self, name: str, alarm: Alarm, topic: pulumi.Input[str]) -> None:
        aws.cloudwatch.MetricAlarm(
            name,
            name=pulumi.Output.concat(self._group_id, "-", alarm.name),
            alarm_description=alarm.description,
            comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
            threshold=alarm.threshold,
            metric_queries=alarm.queries,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.bad_periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[topic],
            ok_actions=[topic],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
