"""Standard Webhooks signatures, made and verified on raw bytes.

What is signed is `{webhook-id}.{webhook-timestamp}.{body}`, by HMAC-SHA256. The
`webhook-signature` header is a list with spaces between: `v1,<base64> v1,<base64>`.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Sequence

TOLERANCE = 300  # seconds, either way
LONGEST_HEADER = 4096  # characters
MOST_SIGNATURES = 16

# Visible ASCII. No full stop: it ends the id in what is signed, and the standard asks for this.
# No comma: a server that is sent the header twice joins the two with one.
WEBHOOK_ID = re.compile(r"[!-+\-/-~]{1,256}")
TIMESTAMP = re.compile(r"[0-9]{1,20}")
# 32 bytes in base64. Other versions, and what is not base64, are passed over.
SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")


class BadSignature(Exception):
    """The event was not signed with a live secret, or not now.

    The message is the same for every reason: a sender who guesses learns nothing.
    `reason` is for our log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("The signature of this event does not fit.")
        self.reason = reason


def verify(
    body: bytes,
    *,
    webhook_id: str | None,
    timestamp: str | None,
    signature: str | None,
    secrets: Sequence[bytes],
    now: float,
) -> str:
    """Return the webhook id, or raise BadSignature.

    The three header values are given as they came; None is a header that did not come.
    """
    if not webhook_id or not WEBHOOK_ID.fullmatch(webhook_id):
        raise BadSignature("webhook_id")
    sent_at = _recent(timestamp, now=now)
    given = _signatures(signature)
    # Anyone can sign with an empty secret.
    expected = [_signed(body, webhook_id, sent_at, secret) for secret in secrets if secret]
    if not _any_equal(given, expected):
        raise BadSignature("no_match")
    return webhook_id


def sign(body: bytes, *, webhook_id: str, timestamp: int, secret: bytes) -> str:
    """Return what the `webhook-signature` header says."""
    return _signed(body, webhook_id, str(timestamp), secret).decode()


def _recent(timestamp: str | None, *, now: float) -> str:
    """Return `timestamp` as it was written, because those characters are what was signed."""
    if not timestamp or not TIMESTAMP.fullmatch(timestamp):
        raise BadSignature("timestamp")
    if not abs(now - int(timestamp)) <= TOLERANCE:
        raise BadSignature("timestamp_too_far")
    return timestamp


def _signatures(header: str | None) -> list[bytes]:
    if not header or len(header) > LONGEST_HEADER:
        raise BadSignature("signature_header")
    given = [text.encode() for text in header.split(" ") if SIGNATURE.fullmatch(text)]
    if not given:
        raise BadSignature("no_v1_signature")
    return given[:MOST_SIGNATURES]


def _signed(body: bytes, webhook_id: str, timestamp: str, secret: bytes) -> bytes:
    code = hmac.new(secret, f"{webhook_id}.{timestamp}.".encode(), "sha256")
    # Apart, so that ten megabytes are not copied to put forty characters before them.
    code.update(body)
    return b"v1," + b64encode(code.digest())


def _any_equal(given: list[bytes], expected: list[bytes]) -> bool:
    """Compare all with all: how long it takes does not say which one fitted.

    Texts are compared, not what they stand for, so nothing that a sender wrote is decoded.
    """
    equal = False
    for mine in expected:
        for theirs in given:
            equal |= hmac.compare_digest(mine, theirs)
    return equal
