"""Figures about jobs for Prometheus."""

import os
import socket
from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import Histogram, values
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from jobs import waking
from jobs.models import Job, Process

JOB_SECONDS = Histogram(
    "learnloop_job_seconds",
    "Time that one attempt at a job took, by how it ended.",
    ["kind", "outcome"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600),
)


def measure_as_worker(number: int) -> None:
    """Have this process and those it forks write their figures to one file.

    By default each process has a file of its own, and a process is forked for every job.
    One at a time they may share it: a work horse opens it, adds to it and ends.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        name = f"{socket.gethostname()}-worker{number}"
        values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]


class QueueFigures:
    """What the record says at the moment that somebody asks. Reads one index of live rows."""

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "learnloop_jobs", "Jobs that wait or run.", labels=["queue", "kind", "state"]
        )
        lag = GaugeMetricFamily(
            "learnloop_queue_lag_seconds", "Age of the oldest due job.", labels=["queue"]
        )
        now, oldest = timezone.now(), {waking.QUICK: 0.0, waking.SLOW: 0.0}
        rows = Job.objects.live().values("kind", "state").annotate(Count("id"), Min("run_after"))
        for row in rows:
            queue = waking.queue_of(row["kind"])
            waiting.add_metric([queue, row["kind"], row["state"]], row["id__count"])
            if row["state"] == Job.State.QUEUED:
                age = (now - row["run_after__min"]).total_seconds()
                oldest[queue] = max(oldest[queue], age)
        for queue, age in oldest.items():
            lag.add_metric([queue], age)
        yield from (waiting, lag, self._processes())

    def _processes(self) -> Metric:
        alive = GaugeMetricFamily(
            "learnloop_processes", "Processes seen in the last seconds.", labels=["role"]
        )
        for role in Process.Role:
            alive.add_metric([role.value], Process.objects.alive(role).count())
        return alive
