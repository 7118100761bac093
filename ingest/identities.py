"""Keys made from what a row stands for, so that two who store it at once meet in one row.

They are made with the salt of the bot: nobody can try out telephone numbers until one fits.
"""

import hmac
from uuid import UUID


def delivery_id(webhook_id: str, *, salt: bytes) -> UUID:
    return _made_of("delivery", webhook_id, salt)


def event_id(name: str, *, salt: bytes) -> UUID:
    return _made_of("event", name, salt)


def completion_name(name: str) -> str:
    """What an event that completes a turn goes by: both may have one event_id."""
    return f"\0completes {name}"


def conversation_id(name: str, *, salt: bytes) -> UUID:
    return _made_of("conversation", name, salt)


def text_id(normalised: str, *, salt: bytes) -> UUID:
    return _made_of("text", normalised, salt)


def digest_of(content: bytes, *, salt: bytes) -> UUID:
    """What tells whether the same was sent again. It is made before redaction."""
    return UUID(bytes=hmac.digest(salt, content, "sha256")[:16])


def _made_of(kind: str, name: str, salt: bytes) -> UUID:
    return digest_of(f"{kind}\0{name}".encode(), salt=salt)
