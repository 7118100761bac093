from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.http import HttpRequest, HttpResponse


class LearnloopConfig(AppConfig):
    name = "learnloop"
    default = True

    def ready(self) -> None:
        from django_structlog import signals

        from learnloop import checks  # noqa: F401  registers itself

        signals.bind_extra_request_metadata.connect(name_the_address)
        signals.bind_extra_request_finished_metadata.connect(name_the_request)
        signals.update_failure_response.connect(name_the_request)


class AuditorsAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "learnloop.admin_site.AuditorsSite"


def name_the_address(*, request: HttpRequest, **_: Any) -> None:
    """Log where a request came from, as far as the proxies that we trust vouch for it."""
    import structlog

    from accounts.throttling import client_address

    structlog.contextvars.bind_contextvars(ip=client_address(request))


def name_the_request(*, response: HttpResponse, **_: Any) -> None:
    """Send the id that the log knows the request by, so that a report can name it."""
    import structlog

    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        response["X-Request-ID"] = request_id
