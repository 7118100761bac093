"""Figures about predictions for Prometheus."""

from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from serving.models import Prediction

PREDICTIONS = Counter(
    "learnloop_predictions", "Texts that were asked about, by what came of it.", ["answer"]
)
PREDICT_REFUSED = Counter(
    "learnloop_predict_refused", "Requests for predictions, and feedback, that were refused.",
    ["code"],
)  # fmt: skip
LOAD_SECONDS = Histogram(
    "learnloop_version_load_seconds",
    "Time to read a version until it can answer.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class ServingFigures:
    """What waits at the moment that somebody asks. Reads one index of waiting rows."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "learnloop_predictions_waiting",
            "Predictions that are no turns yet.",
            value=Prediction.objects.waiting().count(),
        )
