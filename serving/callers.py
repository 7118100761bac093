"""Who asks for predictions, and all that is needed to answer, read in one statement."""

from dataclasses import dataclass
from hmac import compare_digest

from django.utils import timezone

from accounts import keys
from accounts.pipelining import rows
from ingest.preparing import Keeper
from ingest.senders import live_keeper

# Written by hand because every prediction needs it: through the ORM it is four statements.
CALLER = """
SELECT key.digest, key.id, key.last_used_at, key.scopes,
    live.id, live.champion_id, live.previous_id,
    (SELECT id FROM training_modelversion WHERE bot_id = bot.id ORDER BY number DESC LIMIT 1),
    bot.id, bot.sealed_salt, intake.own_ids, intake.audit_percent, intake.audit_percent_now
FROM accounts_apikey AS key JOIN accounts_bot AS bot ON bot.id = key.bot_id
LEFT JOIN ingest_intakesettings AS intake ON intake.bot_id = bot.id
LEFT JOIN training_deployment AS live ON live.bot_id = bot.id AND live.until IS NULL
WHERE key.prefix = %s AND key.revoked_at IS NULL
    AND (key.expires_at IS NULL OR key.expires_at > statement_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Live:
    """The versions of a bot that may answer, by their keys: the one that does, the one before it,
    and the newest, which may be promoted next.

    What was promoted or rolled back to is one row, and is looked at with every request.
    """

    deployment: int | None
    champion: int | None
    previous: int | None
    newest: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """The bot whose key was shown, and what it may do."""

    keeper: Keeper
    key_id: int
    scopes: frozenset[str]
    live: Live

    @property
    def bot_id(self) -> int:
        return self.keeper.bot_id


OF_LIVE = 4  # columns
KEPT_FOR = 1.0  # seconds
MOST_KEPT = 1000


class Callers:
    """Whom this process asked about in the last second.

    Whoever stores an answer looks whether their key and what is live are still the same
    (predicting.STORE), so nobody is answered by what was live, or with a key that was revoked.
    """

    def __init__(self) -> None:
        self._kept: dict[keys.Shown, tuple[float, Caller]] = {}

    def with_token(self, token: str, *, at: float) -> Caller | None:
        """Who shows `token`, if it is a live key. `at` is on a clock that never goes back."""
        shown = keys.taken_apart(token)
        if shown is None:
            return None
        kept_at, caller = self._kept.get(shown, (at - KEPT_FOR, None))
        if caller is not None and at - kept_at < KEPT_FOR:
            return caller
        return self._asked_for(shown, at)

    def forget(self) -> None:
        self._kept.clear()

    def _asked_for(self, shown: keys.Shown, at: float) -> Caller | None:
        caller = _caller_with(shown)
        if caller is None:
            self._kept.pop(shown, None)
            return None
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[shown] = at, caller
        return caller


def _caller_with(shown: keys.Shown) -> Caller | None:
    for digest, key_id, used_at, scopes, *rest in rows(CALLER, [shown.prefix]):
        if compare_digest(digest, shown.digest):
            keys.note_use(key_id, last_used_at=used_at, at=timezone.now())
            keeper, live = live_keeper(*rest[OF_LIVE:]), Live(*rest[:OF_LIVE])
            return Caller(keeper, key_id, frozenset(scopes), live)
    return None


CALLERS = Callers()
