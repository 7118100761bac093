"""Who asks for predictions, and all that is needed to answer, read in one statement."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from django.utils import timezone

from accounts import keys
from accounts.pipelining import rows
from ingest.preparing import Keeper
from ingest.senders import live_keeper

# Written by hand because every prediction needs it: through the ORM it is four statements.
CALLER = """
SELECT key.digest, key.id, key.last_used_at, key.scopes, live.champion_id, live.previous_id,
    bot.id, bot.sealed_salt, intake.own_ids, intake.audit_percent, intake.audit_percent_now
FROM accounts_apikey AS key JOIN accounts_bot AS bot ON bot.id = key.bot_id
LEFT JOIN ingest_intakesettings AS intake ON intake.bot_id = bot.id
LEFT JOIN training_deployment AS live ON live.bot_id = bot.id AND live.until IS NULL
WHERE key.prefix = %s AND key.revoked_at IS NULL
    AND (key.expires_at IS NULL OR key.expires_at > statement_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Live:
    """The versions of a bot that may answer, by their keys: the one that does, and the one before.

    What was promoted or rolled back to is one row, and is read with every request.
    """

    champion: int | None
    previous: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """The bot whose key was shown, and what it may do."""

    keeper: Keeper
    scopes: frozenset[str]
    live: Live

    @property
    def bot_id(self) -> int:
        return self.keeper.bot_id


def caller_with(token: str, *, at: datetime | None = None) -> Caller | None:
    """Who shows `token`, if it is a live key."""
    shown = keys.taken_apart(token)
    if shown is None:
        return None
    for digest, key_id, used_at, scopes, champion, previous, *of_keeper in rows(
        CALLER, [shown.prefix]
    ):
        if compare_digest(digest, shown.digest):
            keys.note_use(key_id, last_used_at=used_at, at=at or timezone.now())
            live = Live(champion, previous)
            return Caller(live_keeper(*of_keeper), frozenset(scopes), live)
    return None
