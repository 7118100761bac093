"""Who sent a request: what is checked before a byte of its JSON is looked at."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.http import HttpRequest

from accounts.refusals import Refusal
from ingest.metering import Meter
from ingest.preparing import Keeper
from ingest.senders import sender_called
from ingest.verifying import BadSignature, verify

logger = structlog.get_logger(__name__)

# Signatures for a bot that is not there are checked with it, so that they take as long.
NOBODY = bytes(32)
# Of this process: a shared count would make the queue a condition for taking events in.
METER = Meter()


@dataclass(frozen=True)
class Signed:
    """A request whose signature fits."""

    keeper: Keeper
    webhook_id: str
    at: datetime
    body: bytes


class SignedRequest(HttpRequest):
    auth: Signed


def by_signature(request: HttpRequest) -> Signed:
    """Let a request pass that was signed with a live secret of the bot that `?bot=` names."""
    refuse_other_than_json(request)
    sender = sender_called(_named_bot(request))
    timestamp = request.headers.get("webhook-timestamp")
    try:
        webhook_id = verify(
            request.body,
            webhook_id=request.headers.get("webhook-id"),
            timestamp=timestamp,
            signature=request.headers.get("webhook-signature"),
            secrets=sender.secrets if sender else [NOBODY],
            now=time.time(),
        )
        if sender is None:
            raise BadSignature("unknown_bot")
    except BadSignature as error:
        logger.info("signature_refused", reason=error.reason)
        raise _bad_signature() from error
    _refuse_too_many(sender.keeper.bot_id)
    at = datetime.fromtimestamp(int(timestamp or 0), UTC)
    return Signed(sender.keeper, webhook_id, at, request.body)


def _named_bot(request: HttpRequest) -> str:
    slug = request.GET.get("bot", "")
    if "\0" in slug:
        raise Refusal(400, "bad_request", "The address holds a character (NUL) that cannot be.")
    return slug


def _bad_signature() -> Refusal:
    """The same for every reason, so that nobody learns which bots and secrets there are."""
    return Refusal(
        401,
        "bad_signature",
        "Sign the body with a live webhook secret of the bot that ?bot= names, and send "
        "webhook-id, webhook-timestamp (now) and webhook-signature. Settings, Webhook secrets, "
        "has an example to copy.",
    )


def refuse_other_than_json(request: HttpRequest) -> None:
    if not request.headers.get("Content-Length"):
        raise Refusal(411, "length_needed", "Send the body with a Content-Length.")
    encoding = request.headers.get("Content-Encoding", "identity")
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    plain = encoding.lower() == "identity" and charset.lower() == "utf-8"
    if request.content_type != "application/json" or not plain:
        raise Refusal(
            415,
            "not_json",
            "Send the body as application/json in UTF-8, not compressed.",
        )


def _refuse_too_many(bot_id: int) -> None:
    if not METER.takes(bot_id, most=settings.EVENTS_RATE, at=time.monotonic()):
        raise Refusal(
            429,
            "too_many",
            f"Send at most {settings.EVENTS_RATE} requests a second, or batches of up to 1,000 "
            "events. Nothing of this request was stored; send it again.",
            retry_after=1,
        )
