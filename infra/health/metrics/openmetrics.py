"""A reading in the form that Prometheus reads."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from infra.health.metrics.catalogue import CATALOGUE, Unit
from infra.health.metrics.judge import Status
from infra.health.metrics.reading import Reading

SUFFIXES: dict[Unit, str] = {
    "": "",
    "%": "percent",
    "bytes": "bytes",
    "ms": "milliseconds",
    "s": "seconds",
    "a second": "",  # the one metric that has it says so in its name
    "a minute": "per_minute",
    "in all": "",
}
"""What OpenMetrics wants at the end of a name, by unit."""


def as_openmetrics(reading: Reading, status: Status, stack: str | None) -> str:
    """Spell a reading as OpenMetrics text: every metric that there is, and the status as ``redis_status``.

    Names have ``_`` for the guide's ``.``, and their unit at the end. What is not available is left out.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(reading, status, {"stack": stack} if stack else {}))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text.decode()


class _Collected(Collector):
    def __init__(self, reading: Reading, status: Status, labels: dict[str, str]) -> None:
        self._reading, self._status, self._labels = reading, status, labels

    def collect(self) -> Iterable[Metric]:
        for name, definition in CATALOGUE.items():
            figure = self._reading.values[name].figure
            if figure is None:
                continue
            plain, unit = name.replace(".", "_"), SUFFIXES[definition.unit]
            if unit:
                plain = f"{plain.removesuffix(f'_{unit}')}_{unit}"
            family: CounterMetricFamily | GaugeMetricFamily
            if definition.unit == "in all":
                family = CounterMetricFamily(plain, definition.meaning, labels=list(self._labels))
            else:
                family = GaugeMetricFamily(plain, definition.meaning, labels=list(self._labels), unit=unit)
            family.add_metric(list(self._labels.values()), figure)
            yield family
        status = GaugeMetricFamily(
            "redis_status", "0 healthy, 1 warning, 2 critical", labels=list(self._labels)
        )
        status.add_metric(list(self._labels.values()), self._status)
        yield status
