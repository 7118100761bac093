"""POST /predict and /feedback: what bots ask, and what came of the answers."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from accounts.models import Scope
from accounts.refusals import Refusal
from ingest.reading import BadJson, NotUsable
from ingest.receiving import IdConflict as SaidConflict
from serving import hearing, predicting
from serving.api.answers import not_answered, settled
from serving.api.keyed import CONFLICT, Keyed, KeyedRequest
from serving.api.plain import LARGE
from serving.api.schema import FEEDBACK_DOCS, PREDICT_DOCS
from serving.callers import CALLERS, Caller
from serving.loading import VERSIONS, NotReadyYet
from serving.predicting import Predicted
from serving.turns import Asked, read_turns, read_what_was_said

router = Router(tags=["predictions"])

LARGEST_TURN = 1024 * 1024  # bytes
TURNS = Lock()
TRIES = 3
Read = TypeVar("Read")

keyed_by_predict = Keyed(Scope.PREDICT)


@router.post(
    "predict",
    auth=keyed_by_predict,
    url_name="predict",
    summary="Ask what a text means",
    openapi_extra=PREDICT_DOCS,
)
def predict(request: KeyedRequest) -> HttpResponse:
    """One turn, or {"turns": […]} with up to 256. Answered by the version that is live.

    Sent after it is on disk. With an event_id the request can be repeated: it gets the answer that
    it got before. Without a version that could answer it is 409, and the turns wait for people.
    """
    with TURNS if len(request.body) > LARGE else nullcontext():
        asked, batch = _turns(request.body)
    if (place := request.META.get(CONFLICT)) is not None:
        raise _turn_conflict(place, batch=batch)
    predicted = _predicted_by_what_is_live(request, asked, batch)
    said = settled(predicted, asked, request.auth, batch=batch)
    if said is None:
        return JsonResponse(not_answered(predicted), status=409)
    return HttpResponse(said, content_type="application/json")


def _turns(body: bytes) -> tuple[list[Asked], bool]:
    asked, batch = _read(read_turns, body)
    if len(asked) == 1 and len(body) > LARGEST_TURN:
        raise Refusal(413, "too_large", "Send at most 1 MB for one turn. Nothing was stored.")
    return asked, batch


def _predicted_by_what_is_live(
    request: KeyedRequest, asked: list[Asked], batch: bool
) -> list[Predicted]:
    caller = request.auth
    for _ in range(TRIES):
        try:
            return _predicted(asked, caller, batch)
        except predicting.Outdated:
            # What was live a moment ago is not any more: once more, by what is now.
            CALLERS.forget()
            caller = keyed_by_predict(request)
    raise _not_ready()


def _predicted(asked: list[Asked], caller: Caller, batch: bool) -> list[Predicted]:
    try:
        answerer = VERSIONS.answering(caller.live)
        return predicting.predict(asked, answerer=answerer, caller=caller, now=datetime.now(UTC))
    except predicting.IdConflict as conflict:
        raise _turn_conflict(conflict.place, batch=batch) from conflict
    except NotReadyYet as reason:
        raise _not_ready() from reason


def _not_ready() -> Refusal:
    return Refusal(
        503,
        "not_ready",
        "The live version is still being read. Nothing was stored. Send it again in a moment.",
        retry_after=2,
    )


@router.post(
    "feedback",
    auth=Keyed(Scope.FEEDBACK),
    url_name="feedback",
    summary="Say what came of an answer",
    openapi_extra=FEEDBACK_DOCS,
)
def feedback(request: KeyedRequest) -> HttpResponse:
    """A thumb, a rating, a report, a comment, or that a person took over.

    Of a prediction, or of the last turn of a conversation. Answered 202 when it is on disk, 200
    when it was there before. It is never a label: it queues, and a person labels.
    """
    said = _read(read_what_was_said, request.body)
    try:
        receipt = hearing.hear(said, keeper=request.auth.keeper, now=datetime.now(UTC))
    except hearing.UnknownPrediction as unknown:
        raise Refusal(
            404,
            "unknown_prediction",
            "This bot has no prediction of that id. Nothing was stored.",
            field="prediction_id",
        ) from unknown
    except SaidConflict as conflict:
        raise _conflict("feedback_id") from conflict
    new = bool(receipt.accepted or receipt.erased)
    return JsonResponse({"status": "accepted" if new else "duplicate"}, status=202 if new else 200)


def _read(read: Callable[[bytes], Read], body: bytes) -> Read:
    try:
        return read(body)
    except BadJson as error:
        raise Refusal(
            400, "bad_json", "Send one JSON value in UTF-8 (RFC 8259), without repeated keys."
        ) from error
    except NotUsable as error:
        raise Refusal(422, "invalid", str(error), field=error.field) from error


def _turn_conflict(place: int, *, batch: bool) -> Refusal:
    return _conflict(f"turns.{place}.event_id" if batch else "event_id")


def _conflict(field: str) -> Refusal:
    return Refusal(
        409,
        "id_conflict",
        "This id came before with another content. Nothing of this request was stored. "
        "Send what is new under a new id.",
        field=field,
    )


def is_about_predictions(request: HttpRequest) -> bool:
    match: Any = request.resolver_match
    return match is not None and match.url_name in ("predict", "feedback")


__all__ = ["is_about_predictions", "router"]
