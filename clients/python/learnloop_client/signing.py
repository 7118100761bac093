"""Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body`."""

import binascii
import hmac
from base64 import b64decode, b64encode


def key_of(secret: str) -> bytes:
    """The bytes behind a webhook secret, as Settings shows it: `whsec_` and base64."""
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("A webhook secret begins with whsec_ and goes on in base64.") from error


def signed_headers(body: bytes, *, key: bytes, webhook_id: str, timestamp: int) -> dict[str, str]:
    """What is sent beside `body`. `timestamp`: seconds since 1970, at most 300 s from now."""
    code = hmac.new(key, f"{webhook_id}.{timestamp}.".encode(), "sha256")
    code.update(body)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + b64encode(code.digest()).decode(),
    }
