"""The API of all rooms under one address, and how it says what went wrong."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from accounts.api import router as key_router
from accounts.refusals import Refusal, bad_key
from ingest.api import is_about_events
from ingest.api import router as events_router
from ingest.measuring import EVENTS_REFUSED
from serving.api import is_about_predictions
from serving.api import router as predict_router
from serving.measuring import PREDICT_REFUSED

api = NinjaAPI(
    title="learnloop",
    version="1",
    urls_namespace="api",
    docs_url=None,
    openapi_url="/openapi.json",
)
api.add_router("", key_router)
api.add_router("", events_router)
api.add_router("", predict_router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if is_about_events(request):
        EVENTS_REFUSED.labels(refusal.code).inc()
    if is_about_predictions(request):
        PREDICT_REFUSED.labels(refusal.code).inc()
    return refusal.response()


@api.exception_handler(AuthenticationError)
def not_recognised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return bad_key().response()


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return Refusal(404, "not_found", "There is nothing at this address.").response()


@api.exception_handler(ValidationError)
def not_usable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first: dict[str, Any] = error.errors[0] if error.errors else {}
    field = ".".join(str(step) for step in first.get("loc", ())[2:]) or None
    message = str(first.get("msg", "This could not be used."))
    return Refusal(422, "invalid", message, field=field).response()
