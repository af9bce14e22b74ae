"""What the alarms watch: the guide's thresholds, and the ones that AWS advises for ElastiCache."""

from collections.abc import Sequence

from infra.providers.elasticache import metrics
from infra.providers.elasticache.alarms import ENOUGH_READS, Rule

MEMORY = Rule(
    name="memory",
    threshold="memory_used",
    unit="%",
    metrics=(metrics.MEMORY_USED,),
    expression="MAX([{a}])",
    sparse=False,
    happened="Redis uses more of its memory than",
    remedies={
        "warning": "Plan a larger nodeType. Before that: give every key a TTL, look for keys that never "
        "expire, and keep objects in hashes rather than in many strings.",
        "critical": "Choose a larger nodeType now: soon keys are evicted, or writes refused. Then look for "
        "keys without a TTL.",
    },
)

FAILED_CONNECTIONS = Rule(
    name="failed-connections",
    threshold="failed_connections",
    unit="a minute",
    metrics=(metrics.AUTHENTICATION_FAILURES, metrics.REJECTED_CONNECTIONS),
    expression="SUM(FILL([{a},{b}],0))",  # a node that publishes one of them only counts, too
    published=metrics.FAILED_CONNECTIONS,
    combine="SUM",
    happened="Clients fail to connect or to log in, more often than",
    remedies={
        "warning": "See whether an application still has an old password in REDIS_URL, whether somebody is "
        "guessing, and whether clients open more connections than they need.",
        "critical": "The application is losing its Redis. Check the password in REDIS_URL, the security "
        "groups, the number of clients, and the group's events for a failover.",
    },
)

HIT_RATE = Rule(
    name="hit-rate",
    threshold="hit_rate",
    unit="%",
    metrics=(metrics.CACHE_HITS, metrics.CACHE_MISSES),
    expression=f"IF(SUM([{{a}},{{b}}])>={ENOUGH_READS},100*SUM([{{a}}])/SUM([{{a}},{{b}}]),100)",
    below=True,
    # A deploy or a flush empties the cache for some minutes; a quarter of an hour is a pattern.
    period=300,
    evaluation=(3, 3),
    happened="Of the keys that are read, fewer are found than",
    remedies={
        "warning": "Review what is cached and under which keys, whether the TTLs are too short, and whether "
        "evictions remove keys before they are read.",
    },
)

EVICTIONS = Rule(
    name="evictions",
    threshold="evictions",
    unit="keys a minute",
    metrics=(metrics.EVICTIONS,),
    expression="SUM([{a}])",
    happened="Redis removes keys because its memory is full, more than",
    remedies={
        "warning": "Sessions may be among them. Shorten the TTLs of what can be computed again, or choose a "
        "larger nodeType.",
    },
)

ENGINE_CPU = Rule(
    name="engine-cpu",
    threshold="engine_cpu",
    unit="%",
    metrics=(metrics.ENGINE_CPU,),
    expression="MAX([{a}])",
    sparse=False,
    happened="The thread that runs the commands is busy for more than",
    remedies={
        "warning": "Look for slow commands with SLOWLOG GET, and replace KEYS and reads of whole large "
        "values. Let replicas take the reads.",
        "critical": "All clients wait for one another. Stop what runs slow commands (SLOWLOG GET), then "
        "choose a larger nodeType, or let replicas take the reads.",
    },
)

REPLICATION_LAG = Rule(
    name="replication-lag",
    threshold="replication_lag",
    unit="s",
    metrics=(metrics.REPLICATION_LAG,),
    expression="MAX([{a}])",
    happened="A replica is behind its primary by more than",
    remedies={
        "warning": "Reads from it are stale, and a failover now would lose the difference. See whether a "
        "snapshot is running, whether writes come in bulk, and whether the network of the nodeType is at "
        "its limit.",
    },
)

SWAP = Rule(
    name="swap",
    threshold="swap",
    unit="MiB",
    metrics=(metrics.SWAP,),
    expression="MAX([{a}])/1048576",
    sparse=False,
    happened="A node swaps more than",
    remedies={
        "warning": "The memory beside the data is too small, and commands become slow. Raise the parameter "
        "reserved-memory-percent, or choose a larger nodeType.",
    },
)


def connections(node_type: str) -> Rule:
    """The rule for the number of clients, by what a node of this type takes."""
    most = metrics.most_clients(node_type)
    return Rule(
        name="connections",
        threshold="connections",
        unit="%",
        metrics=(metrics.CURRENT_CONNECTIONS,),
        expression=f"100*MAX([{{a}}])/{most}",
        sparse=False,
        happened=f"Of the {most:,} clients that a node takes, more are connected than",
        remedies={
            "warning": "The rest are refused. Share one client in each process, close the ones that are no "
            "longer used, look for instances that were started and forgotten, or choose a larger nodeType.",
        },
    )


def latency(engine: str) -> Rule:
    """The rule for the time that commands take: reads, writes and what is measured from outside."""
    statistic = "95th percentile" if engine == "valkey" else "mean of a minute"
    return Rule(
        name="latency",
        threshold="latency_p95",
        unit="ms",
        metrics=(metrics.READ_LATENCY[engine], metrics.WRITE_LATENCY[engine]),
        expression="MAX([{a},{b}])/1000",  # AWS counts microseconds
        published=metrics.DURATION_P95,
        happened=f"Commands are slow: the {statistic} in the server, or the 95th percentile measured from "
        "outside, is above",
        remedies={
            "warning": "Look for slow commands with SLOWLOG GET and split large values. If CPU and memory "
            "are low, the time goes into the network between application and Redis. Replicas can take "
            "reads.",
            "critical": "Requests of users are waiting. Look at engine CPU, memory and swap on the "
            "dashboard, stop what runs slow commands (SLOWLOG GET), and scale up if the node "
            "is at its limit.",
        },
    )


def rules(engine: str, node_type: str, member_count: int) -> Sequence[Rule]:
    """Everything that is watched in a group; a lag only where there is a replica."""
    lag = (REPLICATION_LAG,) if member_count > 1 else ()
    return (
        MEMORY, latency(engine), FAILED_CONNECTIONS, HIT_RATE, EVICTIONS, ENGINE_CPU, *lag,
        connections(node_type), SWAP,
    )  # fmt: skip
