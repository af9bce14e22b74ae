"""How a reading is spelled: for people, for programs, for Prometheus, for CloudWatch."""

import datetime as dt
import io
import json
import re
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as OpenSample
from rich.console import Console

from infra.health.metrics.catalogue import CATALOGUE, COUNTERS
from infra.health.metrics.cloudwatch import NAMESPACE, data_of
from infra.health.metrics.judge import Status, judge
from infra.health.metrics.openmetrics import as_openmetrics
from infra.health.metrics.reading import Reading
from infra.health.metrics.report import as_json, print_reading
from infra.health.metrics.slow import SlowLog
from infra.health.metrics.value import Value
from infra.providers.elasticache import metrics as elasticache
from infra.settings.thresholds import Thresholds

AT = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
NOTHING = {name: Value(None, "not asked") for name in CATALOGUE}


def reading(figures: dict[str, float] | None = None, **more: Any) -> Reading:
    values = NOTHING | {name: Value(figure) for name, figure in (figures or {}).items()}
    return Reading(AT, "redis.example:6379", values, **more)


def families(text: str) -> list[Any]:
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def test_prometheus_reads_it_back() -> None:
    everything = {name: float(number) for number, name in enumerate(CATALOGUE)}
    text = as_openmetrics(reading(everything), Status.WARNING, "prod")
    samples: list[OpenSample] = [sample for family in families(text) for sample in family.samples]
    assert all(sample.labels == {"stack": "prod"} for sample in samples)
    assert [sample.value for sample in samples] == [*everything.values(), 1]
    names = [sample.name for sample in samples]
    assert len(set(names)) == len(names)
    assert "redis_command_duration_p95_milliseconds" in names
    assert "redis_memory_used_percent" in names
    assert "redis_memory_used_bytes" in names
    assert "redis_connection_failed_per_minute" in names
    assert "redis_sessions_created_total" in names
    assert names[-1] == "redis_status"


def test_what_is_not_available_is_no_sample() -> None:
    text = as_openmetrics(reading(), Status.HEALTHY, None)
    assert [family.name for family in families(text)] == ["redis_status"]


def test_json_has_every_metric_and_finding() -> None:
    found = reading({"redis.hit_rate": 10.0})
    document = json.loads(as_json(found, judge(found, Thresholds()), "staging", indent=None))
    assert document.keys() == {"stack", "address", "at", "status", "metrics", "findings", "unknown"}
    assert (document["stack"], document["at"], document["status"]) == (
        "staging", "2026-11-23T10:00:00+00:00", "warning",
    )  # fmt: skip
    assert document["metrics"].keys() == CATALOGUE.keys()
    assert document["metrics"]["redis.hit_rate"] == {
        "value": 10.0, "unit": "%", "status": "warning", "note": "", "estimate": False,
    }  # fmt: skip
    assert document["metrics"]["redis.memory.used"]["status"] is None
    assert document["metrics"]["redis.memory.used"]["note"] == "not asked"
    [finding] = document["findings"]
    assert finding.keys() == {"severity", "metric", "cause", "remedy"}


def test_the_table_shows_values_reasons_and_remedies_in_colours() -> None:
    values = NOTHING | {
        "redis.memory.used": Value(95.5),
        "redis.hit_rate": Value(12.0),
        "redis.connection.active": Value(3),
        "redis.sessions.active": Value(12345, "from a part", estimate=True),
    }
    found = Reading(AT, "h:1", values, slow_log=SlowLog(unknown=("slow log: the user may not run it",)))
    screen = io.StringIO()
    console = Console(file=screen, width=110, force_terminal=True, color_system="standard", highlight=False)
    print_reading(found, judge(found, Thresholds()), console)
    text = screen.getvalue()
    for colour, figure in (("1;31", "95.50"), ("33", "12"), ("32", "3")):
        assert re.search(rf"\x1b\[{colour}m *{re.escape(figure)}\x1b\[0m", text), figure
    assert "~12,345" in text
    assert "not asked" in text
    assert "h:1, 2026-11-23 10:00:00 UTC: \x1b[1;31mcritical" in text
    assert text.count("what to do:") == 2
    assert "not available: slow log: the user may not run it" in text


def test_cloudwatch_gets_what_elasticache_reads() -> None:
    everything = dict.fromkeys(CATALOGUE, 1.0) | {"redis.connection.failed": 7.0}
    data = data_of(reading(everything, own_failures=2), "prod")
    by_name = {datum["MetricName"]: datum for datum in data}
    assert by_name.keys() == CATALOGUE.keys()
    assert elasticache.PUBLISHED_NAMESPACE == NAMESPACE
    published = (
        elasticache.FAILED_CONNECTIONS, elasticache.DURATION_P50, elasticache.DURATION_P95,
        elasticache.DURATION_P99,
    )  # fmt: skip
    for metric in published:
        assert by_name[metric.name]["Unit"] == metric.unit
    assert all(datum["Dimensions"] == [{"Name": "Stack", "Value": "prod"}] for datum in data)
    assert by_name["redis.connection.failed"]["Value"] == 2, "AWS counts the failures of others itself"


def test_a_dead_server_is_published_as_failed_connections() -> None:
    assert [(datum["MetricName"], datum["Value"]) for datum in data_of(reading(own_failures=10), "prod")] == [
        ("redis.connection.failed", 10)
    ]


def test_the_counters_keys_stay() -> None:
    assert set(COUNTERS.values()) == {
        "mantis:metrics:sessions:created",
        "mantis:metrics:sessions:expired",
        "mantis:metrics:ratelimit:allowed",
        "mantis:metrics:ratelimit:blocked",
    }
