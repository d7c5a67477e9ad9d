"""The page of metrics, from the registry they are in."""

from collections.abc import Iterable, Iterator
from typing import cast

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from adapters.telemetry.metrics import Metrics

_FROM_PROCESS = "process_"


def ours(registry: CollectorRegistry) -> list[MetricWrapperBase]:
    """Every metric that is not of the process as such, by name."""
    # The registry names its collectors to nobody; documentation is the only reader who asks.
    made = cast("Iterable[object]", vars(registry)["_collector_to_names"])
    return sorted((each for each in made if isinstance(each, MetricWrapperBase)), key=name_of)


def name_of(metric: MetricWrapperBase) -> str:
    """As Prometheus stores it, without what a histogram adds."""
    (described,) = metric.describe()
    return f"{described.name}_total" if described.type == "counter" else described.name


def labels_of(metric: MetricWrapperBase) -> tuple[str, ...]:
    return tuple(cast("Iterable[str]", vars(metric)["_labelnames"]))


def metrics_page(written: str) -> str:
    found = ours(Metrics(version="1.0.0", process=False).registry)
    return "\n".join(
        [
            "# Metrics",
            "",
            written.format(module="adapters.telemetry.metrics"),
            "",
            "`GET /metrics`, as Prometheus reads it. Labels have few values and never an id. Gauges are of the whole",
            "installation, but for `vigie_ready`, `vigie_door_up` and `vigie_workers_busy`, which are of one process;",
            "counters and histograms count what that process did, so every process is to be asked: a `vigie worker` on",
            "`VIGIE_HEALTH_PORT`. Beside these stand Prometheus' own `process_…`: memory, processor time, open files. A",
            "dashboard and alert rules ship in `deploy/`: see [operate](../how-to/operate.md).",
            "",
            "| metric | is a | labels | means |",
            "|---|---|---|---|",
            *_rows(found),
            "",
            "`outcome` and `error` are one of: ok; refused (understood and not done); failed (certainly not done, and",
            "trying again will not help); unreachable (certainly not done, tried again); unknown (it may have been done);",
            "broke (a defect); cancelled.",
            "",
        ]
    )


def _rows(found: Iterable[MetricWrapperBase]) -> Iterator[str]:
    for metric in found:
        (described,) = metric.describe()
        labels = ", ".join(f"`{label}`" for label in labels_of(metric))
        yield f"| `{name_of(metric)}` | {described.type} | {labels} | {described.documentation} |"
