"""Figures for Prometheus: what the processes counted, and what the record says now."""

import os
import time
from collections.abc import Callable
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from ingest.measuring import IntakeFigures
from jobs.measuring import QueueFigures
from serving.measuring import ServingFigures

REQUEST_SECONDS = Histogram(
    "learnloop_request_seconds",
    "Time to answer a request, by route and status.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
FAST_ANSWERS = Counter(
    "learnloop_fast_answers",
    "Questions of bots that were answered without Django around them (learnloop/fast_path.py).",
)
# Anybody can make up a method, and each would be a line of its own for ever.
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
LOCAL = {"127.0.0.1", "::1", "", "unix"}

Answer = Callable[[HttpRequest], HttpResponse]


def count_requests(get_response: Answer) -> Answer:
    """Middleware: time every request under the name of its route, never its path."""

    def counted(request: HttpRequest) -> HttpResponse:
        # The fast path may have waited before, and broken.
        started = request.META.get("learnloop.began") or time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = (match.view_name if match else "") or "unknown"
        method = request.method if request.method in METHODS else "other"
        REQUEST_SECONDS.labels(method, route, response.status_code).observe(
            time.perf_counter() - started
        )
        return response

    return counted


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads."""
    if not _may_read(request):
        raise PermissionDenied(
            "These figures are for the monitoring system. Set LEARNLOOP_METRICS_TOKEN and send "
            "it as a bearer token, or ask from this machine."
        )
    registry = CollectorRegistry()
    registry.register(QueueFigures())
    registry.register(IntakeFigures())
    registry.register(ServingFigures())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy on this machine everybody comes from here.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR", "") in LOCAL and not forwarded
