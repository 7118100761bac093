"""Lets what bots send past everything that is for people."""

from typing import cast

import structlog
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django_structlog.middlewares import RequestMiddleware

from learnloop.apps import name_the_request
from learnloop.logging import OF_BOTS
from learnloop.metrics import Answer

WENT_WELL = (200, 202)


def straight_to_the_api(get_response: Answer) -> Answer:
    """Middleware: sessions, logins, forms and messages are no business of a bot's request.

    There can be hundreds of them a second, and each would be asked about all of these.
    """
    # As Django wraps each middleware: a view that breaks is in the log under its request's id.
    in_the_log = _InTheLog(cast(Answer, convert_exception_to_response(_called)))

    def answered(request: HttpRequest) -> HttpResponse:
        if request.path_info not in OF_BOTS:
            return get_response(request)
        request.get_host()  # refuses a host that is not ours
        return cast(HttpResponse, in_the_log(request))

    return answered


class _InTheLog(RequestMiddleware):
    """As for everybody else, but that nobody is logged in, and what went well is only counted."""

    def prepare(self, request: HttpRequest) -> None:
        # The fast path has left the request to us, and may have logged under this id.
        known = structlog.contextvars.get_contextvars().get("request_id")
        super().prepare(request)
        if known:
            structlog.contextvars.bind_contextvars(request_id=known)

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """There is nobody to name."""

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        if response.status_code not in WENT_WELL or hasattr(request, "_raised_exception"):
            super().handle_response(request, response)
            return
        name_the_request(response=response)
        structlog.contextvars.clear_contextvars()


def _called(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match = resolve(request.path_info)
    return cast(HttpResponse, match.func(request, *match.args, **match.kwargs))
