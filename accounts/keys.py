"""API keys: issuing, rotating, revoking and recognising them."""

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, Bot, User
from accounts.security_log import record

MOST_LIVE = 2
PREFIX_ALPHABET = string.ascii_lowercase + string.digits
TOKEN_LENGTH = len("ll_12345678_") + 43
# Writing it at every request would cost more than the request.
NOTE_USE_EVERY = timedelta(minutes=1)


class TooManyLive(Exception):
    """Two of that name are live: one that is used, one that takes over."""


class NotLive(Exception):
    """The key was revoked or has expired in the meantime."""


@dataclass(frozen=True)
class IssuedKey:
    """A key and what to send. The token is nowhere else and cannot be had again."""

    key: ApiKey
    token: str = field(repr=False)


@transaction.atomic
def issue(
    bot: Bot, *, name: str, scopes: list[str], by: User, lasts: timedelta | None = None
) -> IssuedKey:
    """Make a key that expires after `lasts`, or never."""
    now = timezone.now()
    # The lock makes those who count wait for those who add.
    Bot.objects.select_for_update(no_key=True).get(pk=bot.pk)
    if ApiKey.objects.of(bot).live(at=now).filter(name=name).count() >= MOST_LIVE:
        raise TooManyLive
    prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _ in range(8))
    token = f"ll_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        bot=bot,
        name=name,
        prefix=prefix,
        digest=_digest(token),
        scopes=scopes,
        created_by=by,
        created_at=now,
        expires_at=now + lasts if lasts else None,
    )
    record("key_issued", by=by, bot_id=bot.pk, key_id=key.pk)
    return IssuedKey(key, token)


@transaction.atomic
def rotate(key: ApiKey, *, by: User) -> IssuedKey:
    """Issue a second key like `key`, which goes on until it is revoked."""
    if not ApiKey.objects.live(at=timezone.now()).filter(pk=key.pk).exists():
        raise NotLive
    return issue(key.bot, name=key.name, scopes=key.scopes, by=by, lasts=key.lifetime)


@transaction.atomic
def revoke(key: ApiKey, *, by: User) -> None:
    """Refuse `key` from the next request on. Harmless if it was revoked before."""
    now = timezone.now()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        record("key_revoked", by=by, bot_id=key.bot_id, key_id=key.pk)


def recognise(token: str) -> ApiKey | None:
    """The live key that `token` is, if it is one. Asks the database every time."""
    shown = taken_apart(token)
    if shown is None:
        return None
    now = timezone.now()
    candidates = ApiKey.objects.live(at=now).select_related("bot").filter(prefix=shown.prefix)
    for key in candidates:
        if compare_digest(key.digest, shown.digest):
            note_use(key.pk, last_used_at=key.last_used_at, at=now)
            return key
    return None


class Shown(NamedTuple):
    """What of a token can be looked up."""

    prefix: str
    digest: str


def taken_apart(token: str) -> Shown | None:
    """What to look up for `token`; None if no key of ours looks like that."""
    if len(token) != TOKEN_LENGTH or not token.isascii() or "\0" in token:
        return None
    return Shown(token[3:11], _digest(token))


def note_use(key_id: int, *, last_used_at: datetime | None, at: datetime) -> None:
    stale = at - NOTE_USE_EVERY
    if last_used_at is None or last_used_at < stale:
        ApiKey.objects.unused_since(stale).filter(pk=key_id).update(last_used_at=at)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
