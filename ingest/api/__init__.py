"""POST /events: what bots send."""

from contextlib import nullcontext
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from accounts.refusals import Refusal
from ingest import receiving
from ingest.api.schema import EVENTS_DOCS
from ingest.api.signed import Signed, SignedRequest, by_signature
from ingest.identities import completion_name, digest_of
from ingest.measuring import EVENTS_ACCEPTED, EVENTS_DUPLICATE
from ingest.preparing import Prepared, prepare
from ingest.reading import BadJson, NotUsable, Read, read_body
from ingest.receiving import IdConflict, Receipt

router = Router(tags=["events"])

LARGEST_EVENT = 1024 * 1024  # bytes
# Large batches are prepared one after the other. Side by side the threads would fight over the
# interpreter: each batch then takes a third more CPU, and none is done sooner.
LARGE = 20_000  # bytes
TURNS = Lock()


@router.post(
    "events", auth=by_signature, url_name="events", summary="Send events", openapi_extra=EVENTS_DOCS
)
def events(request: SignedRequest) -> HttpResponse:
    """One event, or {"events": […]} with up to 1,000. Answered 202 when they are on disk.

    Signed as Standard Webhooks says, with a webhook secret of the bot that the address names. The
    same webhook-id with the same body is a copy: answered 200, stored once. Events may come late,
    twice and in any order.
    """
    signed = request.auth
    with TURNS if len(signed.body) > LARGE else nullcontext():
        prepared = _prepared(_read(signed.body), signed)
    try:
        receipt = receiving.receive(
            prepared,
            webhook_id=signed.webhook_id,
            digest=digest_of(signed.body, salt=signed.keeper.salt),
            keeper=signed.keeper,
        )
    except IdConflict as conflict:
        raise _conflict(conflict) from conflict
    EVENTS_ACCEPTED.inc(receipt.accepted)
    EVENTS_DUPLICATE.inc(receipt.duplicates)
    return _answer(receipt)


def _read(body: bytes) -> list[Read]:
    try:
        read = read_body(body)
    except BadJson as error:
        raise Refusal(
            400, "bad_json", "Send one JSON value in UTF-8 (RFC 8259), without repeated keys."
        ) from error
    except NotUsable as error:
        raise Refusal(422, "invalid", str(error), field=error.field) from error
    if len(read) == 1 and len(body) > LARGEST_EVENT:
        raise Refusal(413, "too_large", "Send at most 1 MB for one event. Nothing was stored.")
    return read


def _prepared(read: list[Read], signed: Signed) -> list[Prepared]:
    """Events without an id of their own go by the delivery's, and their place in it.

    NUL, because no id can hold it: whatever they are called, nobody is called the same.
    """
    return [
        prepare(
            each,
            name=_name(each, f"\0{signed.webhook_id}#{place}"),
            sent_at=signed.at,
            keeper=signed.keeper,
        )
        for place, each in enumerate(read)
    ]


def _name(read: Read, otherwise: str) -> str:
    name = read.event.event_id or otherwise
    return completion_name(name) if read.event.completes_a_turn else name


def _conflict(conflict: IdConflict) -> Refusal:
    if conflict.place is None:
        return Refusal(
            409,
            "id_conflict",
            "This webhook-id came before with another body. Nothing was stored. "
            "Send what is new under a new id.",
        )
    return Refusal(
        409,
        "id_conflict",
        "This event_id came before with another content. Nothing of this request was stored. "
        "An event never changes: send what is new under a new id.",
        field=f"events.{conflict.place}.event_id",
    )


def _answer(receipt: Receipt) -> HttpResponse:
    new = bool(receipt.accepted or receipt.erased)
    body: dict[str, Any] = {
        "status": "accepted" if new else "duplicate",
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
    }
    return JsonResponse(body, status=202 if new else 200)


def is_about_events(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name == "events"
