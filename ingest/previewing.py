"""How many turns other weights and thresholds would flag, before anybody saves them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import Bot
from ingest.models import Signal
from ingest.senders import settings_of
from ingest.signals import Tuned, rules_of

WEEK = timedelta(days=7)
PATIENCE = 5000  # milliseconds for each of the three statements

QUERY_CANCELED = "57014"

# The margin is that of signals.symptoms.two_best.
TURNS = """
SELECT
    count(*) FILTER (WHERE confidence < %(low_confidence)s) AS low_confidence,
    count(*) FILTER (WHERE margin < %(small_margin)s) AS small_margin,
    count(*) FILTER (WHERE error <> '') AS bot_error,
    count(*) FILTER (WHERE latency_ms >= %(slow_answer)s) AS slow_answer
FROM ingest_turn t
CROSS JOIN LATERAL (
    SELECT CASE WHEN count(*) = 2 THEN round(max(sure) - min(sure), 9) END AS margin
    FROM (
        SELECT (each->>'confidence')::numeric AS sure
        FROM jsonb_array_elements(alternatives) each
        WHERE each ? 'confidence'
            AND (intent = '' OR confidence IS NULL OR each->>'intent' IS DISTINCT FROM intent)
        UNION ALL
        SELECT confidence::numeric
        WHERE intent <> '' AND confidence IS NOT NULL AND alternatives <> '[]'
        ORDER BY sure DESC LIMIT 2
    ) best
) guesses
WHERE t.bot_id = %(bot)s AND t.at > %(since)s
"""

# Which turn feedback is about: as Transcript.turns_with says.
FEEDBACK = """
SELECT
    count(DISTINCT t.event_id) FILTER (WHERE thumb = 'down') AS thumbs_down,
    count(DISTINCT t.event_id) FILTER (WHERE rating <= %(low_rating)s) AS low_rating,
    count(DISTINCT t.event_id) FILTER (WHERE reported) AS report
FROM ingest_feedback f
CROSS JOIN LATERAL (
    SELECT event_id, at FROM ingest_turn t
    WHERE t.conversation_id = f.conversation_id
    ORDER BY t.event_id IS NOT DISTINCT FROM f.about DESC, t.at <= f.at DESC,
        CASE WHEN t.at <= f.at THEN t.at END DESC, CASE WHEN t.at <= f.at THEN t.event_id END DESC,
        t.at, t.event_id
    LIMIT 1
) t
WHERE f.bot_id = %(bot)s AND f.at > %(since)s AND t.at > %(since)s
    AND (thumb = 'down' OR rating <= %(low_rating)s OR reported)
"""


class TookTooLong(Exception):
    """There is too much to count while somebody waits."""


def count_flagged(bot: Bot, *, rules: Sequence[Tuned]) -> dict[str, int | None]:
    """Return how many turns of the last 7 days each rule would flag; raise TookTooLong.

    None means that nobody knows: it is counted among the signals that were found, and the
    bot has that rule switched off.
    """
    values = {each.name: each.threshold for each in rules if each.threshold is not None}
    since = timezone.now() - WEEK
    try:
        with transaction.atomic():
            _be_patient_for(PATIENCE)
            counts = _counted(TURNS, values, bot=bot, since=since)
            counts |= _counted(FEEDBACK, values, bot=bot, since=since)
            return counts | _found(bot, {each.name for each in rules} - set(counts), since=since)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == QUERY_CANCELED:
            raise TookTooLong from error
        raise


def _be_patient_for(milliseconds: int) -> None:
    """Limit each statement until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])


def _counted(
    statement: str, values: dict[str, float], *, bot: Bot, since: datetime
) -> dict[str, int | None]:
    named: dict[str, Any] = {"bot": bot.pk, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(statement, named | values)
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchone() or (), strict=True))


def _found(bot: Bot, kinds: set[str], *, since: datetime) -> dict[str, int | None]:
    on = {each.name for each in rules_of(settings_of(bot).signals) if each.weight > 0}
    signals = Signal.objects.filter(bot=bot, kind__in=kinds, at__gt=since)
    found = dict(signals.values_list("kind").annotate(Count("pk")))
    return {kind: found.get(kind, 0) if kind in on else None for kind in kinds}
