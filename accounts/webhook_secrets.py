"""Webhook secrets: issuing, revoking, reading and re-sealing them."""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import transaction
from django.utils import timezone

from accounts.models import Bot, User, WebhookSecret
from accounts.sealing import seal, unseal
from accounts.security_log import record

MOST_LIVE = 2
MARK = "whsec_"


class TooManyLive(Exception):
    """Two are live: one that is used, one that takes over."""


@dataclass(frozen=True)
class IssuedSecret:
    """A secret and its text, which pages show once."""

    secret: WebhookSecret
    text: str = field(repr=False)


@transaction.atomic
def issue(bot: Bot, *, by: User) -> IssuedSecret:
    # The lock makes those who count wait for those who add.
    Bot.objects.select_for_update(no_key=True).get(pk=bot.pk)
    if WebhookSecret.objects.of(bot).live().count() >= MOST_LIVE:
        raise TooManyLive
    text = MARK + b64encode(secrets.token_bytes(32)).decode()
    secret = WebhookSecret.objects.create(
        bot=bot, prefix=text[: len(MARK) + 4], sealed=seal(text), created_by=by
    )
    record("webhook_secret_issued", by=by, bot_id=bot.pk, secret_id=secret.pk)
    return IssuedSecret(secret, text)


@transaction.atomic
def revoke(secret: WebhookSecret, *, by: User) -> None:
    """Forget `secret`. Harmless if it was revoked before."""
    live = WebhookSecret.objects.live().filter(pk=secret.pk)
    if live.update(revoked_at=timezone.now(), sealed=""):
        record("webhook_secret_revoked", by=by, bot_id=secret.bot_id, secret_id=secret.pk)


def live_secrets(bot: Bot) -> list[bytes]:
    """What the signatures of `bot` may be made with, newest first."""
    sealed = WebhookSecret.objects.of(bot).live().newest_first().values_list("sealed", flat=True)
    return [opened_secret(text) for text in sealed]


# Every event needs it. The key of the cache is the ciphertext, and whether that is live is asked
# of the database each time.
@lru_cache(maxsize=256)
def opened_secret(sealed: str) -> bytes:
    """Return what signatures are made with, from what is stored of a secret."""
    return b64decode(unseal(sealed).removeprefix(MARK))


def reseal_all() -> int:
    """Seal every live secret with the first key; say how many there were."""
    count = 0
    for pk, sealed in WebhookSecret.objects.live().values_list("pk", "sealed").iterator():
        same = WebhookSecret.objects.filter(pk=pk, sealed=sealed)
        count += same.update(sealed=seal(unseal(sealed)))
    return count
