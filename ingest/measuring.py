"""Figures about intake for Prometheus."""

from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from ingest.models import Text

EVENTS_ACCEPTED = Counter("learnloop_events_accepted", "Events that were stored.")
EVENTS_DUPLICATE = Counter("learnloop_events_duplicate", "Events that were stored before.")
EVENTS_REFUSED = Counter(
    "learnloop_events_refused", "Requests with events that were refused.", ["code"]
)
SIGNAL_LAG = Histogram(
    "learnloop_signal_lag_seconds",
    "Time from acknowledgement to signals.",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)


class IntakeFigures:
    """What waits at the moment that somebody asks. Reads one index of waiting rows."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "learnloop_texts_without_vector",
            "Distinct texts that wait for a vector.",
            value=Text.objects.filter(encoded_by="").count(),
        )
