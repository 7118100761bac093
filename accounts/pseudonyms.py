"""End users are known by a pseudonym: the same for the same id, and no way back from it."""

import hmac
import secrets
from functools import lru_cache
from uuid import UUID

from accounts.models import Bot
from accounts.sealing import seal, unseal


def pseudonym(user_id: str, *, salt: bytes) -> UUID:
    """Return what stands for the end user `user_id` of the bot that `salt` belongs to."""
    return UUID(bytes=hmac.digest(salt, user_id.encode(), "sha256")[:16])


def salt_of(bot: Bot) -> bytes:
    """Return the salt of `bot`, which is made when it is first asked for and never changes."""
    if not bot.sealed_salt:
        fresh = Bot.objects.filter(pk=bot.pk, sealed_salt="")
        fresh.update(sealed_salt=seal(secrets.token_hex(32)))
        bot.refresh_from_db(fields=["sealed_salt"])
    return opened(bot.sealed_salt)


# Every event needs it. The key of the cache is the ciphertext, so it is never out of date.
@lru_cache(maxsize=256)
def opened(sealed: str) -> bytes:
    """Return the salt behind a bot's `sealed_salt`."""
    return bytes.fromhex(unseal(sealed))


def reseal_all() -> int:
    """Seal every salt with the first key; say how many there were."""
    count = 0
    for pk, sealed in Bot.objects.exclude(sealed_salt="").values_list("pk", "sealed_salt"):
        same = Bot.objects.filter(pk=pk, sealed_salt=sealed)
        count += same.update(sealed_salt=seal(unseal(sealed)))
    return count
