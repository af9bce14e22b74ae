"""Watches a replication group: a dashboard, alarms, and the topics that they go to."""

from collections.abc import Mapping, Sequence
from functools import partial

import pulumi
import pulumi_aws as aws

from infra.providers.elasticache.alarms import Alarm, alarms
from infra.providers.elasticache.dashboard import body, dashboard_name, dashboard_url
from infra.providers.elasticache.metrics import watched
from infra.providers.elasticache.rules import rules
from infra.providers.elasticache.topics import Topics
from infra.settings import ElastiCacheSettings, Thresholds


class Monitoring(pulumi.ComponentResource):
    """The dashboard and the alarms of a replication group.

    Args:
        name: the component's name, which its children's names begin with.
        planned: the ids of the group's nodes, as ``metrics.members`` makes them.
        members: the ids that they have, which are known when the group is made.
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
        planned: Sequence[str],
        members: pulumi.Input[Sequence[str]],
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
        nodes = pulumi.Output.from_input(members).apply(lambda found: watched(planned, found))
        dashboard = dashboard_name(redis.monitoring.dashboard_name, stack)
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=dashboard,
            dashboard_body=nodes.apply(
                lambda nodes: body(
                    nodes,
                    region=region,
                    stack=stack,
                    engine=redis.engine,
                    node_type=redis.cache_node_type,
                    thresholds=thresholds,
                )
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
        watch = rules(redis.engine, redis.cache_node_type, len(planned))
        of_nodes = partial(alarms, watch, stack=stack, thresholds=thresholds)
        real = nodes.apply(of_nodes)
        for number, alarm in enumerate(of_nodes(planned)):
            self._alarm(f"{name}-{alarm.name}", alarm, real[number], topics.arns[alarm.severity])
        self.dashboard_url = dashboard_url(dashboard, region)
        self.register_outputs({"dashboardUrl": self.dashboard_url})

    def _alarm(self, name: str, alarm: Alarm, real: pulumi.Output[Alarm], topic: pulumi.Input[str]) -> None:
        """Make an alarm. What depends on the real ids of the nodes is not known before there are some."""
        aws.cloudwatch.MetricAlarm(
            name,
            name=pulumi.Output.concat(self._group_id, "-", alarm.name),
            alarm_description=real.apply(lambda alarm: alarm.description),
            comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
            threshold=alarm.threshold,
            metric_queries=real.apply(lambda alarm: alarm.queries),
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.bad_periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[topic],
            ok_actions=[topic],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
