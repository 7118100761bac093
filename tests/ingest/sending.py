"""Signed requests, as a bot's program makes them."""

import json
import time
from base64 import b64decode
from itertools import count

from ingest.verifying import sign

ADDRESS = "/api/v1/events"
_numbers = count(1)


def an_event(**fields):
    return {
        "conversation_id": "c-1",
        "user_input": "i lost my card",
        "bot_response": "You can order a new one under Cards.",
    } | fields


def key_of(secret):
    """The bytes behind the text of an IssuedSecret."""
    return b64decode(secret.text.removeprefix("whsec_"))


def headers_for(body, *, key, webhook_id=None, at=None):
    webhook_id = webhook_id or f"msg-{next(_numbers)}"
    timestamp = int(at or time.time())
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(body, webhook_id=webhook_id, timestamp=timestamp, secret=key),
    }


def as_body(content):
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def send(client, content, *, secret, bot="bank-bot", webhook_id=None, at=None, headers=()):
    """Post `content`, JSON or bytes, signed with `secret`."""
    body = as_body(content)
    signed = headers_for(body, key=key_of(secret), webhook_id=webhook_id, at=at)
    content_type = signed.pop("content-type")
    return client.post(
        f"{ADDRESS}?bot={bot}",
        body,
        content_type=content_type,
        headers=signed | dict(headers),
    )
