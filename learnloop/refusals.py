"""One shape for what goes wrong, wherever in Django it did: the API's body, or a page."""

import sys
from http import HTTPStatus
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from accounts.refusals import Refusal, is_for_programs
from learnloop.metrics import Answer

TRY_AGAIN_AFTER = 5  # seconds

SENTENCES = {
    400: "The request could not be read. Check it against the documentation.",
    403: "This is not allowed here. Nothing was changed.",
    404: "There is nothing at this address.",
    405: "This address takes other methods. The Allow header names them.",
    503: (
        "The database does not answer. Send it again in a few seconds; what has an id of yours is "
        "stored once, however often it comes."
    ),
    500: "Something broke on our side. Send it again later, and tell the team the request id.",
}


def explain(get_response: Answer) -> Answer:
    """Middleware: give answers that Django or a library left bare their words."""

    def explained(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 500 and getattr(request, "database_away", False):
            response = _keeping_headers(response, _database_away())
        if response.status_code < 400 or response.streaming:
            return response
        if is_for_programs(request.path):
            return _as_api_error(response)
        if response.status_code == 405 and not response.content:
            return _keeping_headers(response, render(request, "405.html", status=405))
        return response

    return explained


TROUBLES = {
    "headers": (431, "headers_too_large", "Send headers of at most 32 KiB in all."),
    "length": (411, "length_needed", "Send the body in one piece, with a Content-Length."),
    "size": (413, "too_large", "Send at most 10 MB at once. Nothing was stored."),
    "stalled": (408, "too_slow", "The rest of the body did not come. Nothing was stored."),
}


def refuse_bodies(get_response: Answer) -> Answer:
    """Middleware: say what learnloop/front.py found wrong before it gave up on a request."""

    def answered(request: HttpRequest) -> HttpResponse:
        trouble = request.META.get("learnloop.trouble", "")
        if not trouble:
            return get_response(request)
        status, code, message = TROUBLES[trouble]
        if is_for_programs(request.path):
            response: HttpResponse = Refusal(status, code, message).response()
        else:
            response = HttpResponse(message, status=status, content_type="text/plain")
        # What is left of the body must not be taken for the next request.
        response["Connection"] = "close"
        return response

    return answered


def note_a_lost_database(*, request: HttpRequest | None = None, **_: Any) -> None:
    """Remember why a request broke: by the time it is a response, the exception is gone."""
    if request is not None and isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        request.database_away = True  # type: ignore[attr-defined]


got_request_exception.connect(note_a_lost_database)


def _database_away() -> HttpResponse:
    # No request: what the page's frame would ask of it is in the database.
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response


def _as_api_error(response: HttpResponse) -> HttpResponse:
    if response["Content-Type"].startswith("application/json"):
        return response
    status = HTTPStatus(response.status_code)
    sentence = SENTENCES.get(status, f"{status.phrase}. Nothing was changed.")
    refusal = Refusal(status, status.name.lower(), sentence)
    return _keeping_headers(response, refusal.response(request_id=response.get("X-Request-ID")))


def _keeping_headers(old: HttpResponse, new: HttpResponse) -> HttpResponse:
    for name in ("Allow", "X-Request-ID", "Retry-After"):
        if name in old:
            new[name] = old[name]
    return new
