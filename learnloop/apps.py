from typing import Any

from django.apps import AppConfig
from django.http import HttpResponse


class LearnloopConfig(AppConfig):
    name = "learnloop"

    def ready(self) -> None:
        from django_structlog import signals

        from learnloop import checks  # noqa: F401  registers itself

        signals.bind_extra_request_finished_metadata.connect(name_the_request)
        signals.update_failure_response.connect(name_the_request)


def name_the_request(*, response: HttpResponse, **_: Any) -> None:
    """Send the id that the log knows the request by, so that a report can name it."""
    import structlog

    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        response["X-Request-ID"] = request_id
