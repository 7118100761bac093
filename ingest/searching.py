"""Finding conversations by their words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

# Letters take up to four bytes, and a word with a hyphen is kept whole and in parts: with their
# overhead up to eight bytes a character. A tsvector holds a million.
MOST_CHARACTERS = 100_000

# Beside the words stands what was found of a conversation, so that one index answers for both.
# No word begins with this sign: where texts are cut into words it is one of the gaps.
MARK = "="
SIGNAL, INTENT = f"{MARK}signal:", f"{MARK}intent:"

# The first turns are enough. A word longer than 2,046 bytes is left out by PostgreSQL.
WRITE = """
INSERT INTO ingest_searchentry AS entry (conversation_id, bot_id, started_at, words)
SELECT c.id, c.bot_id, c.started_at,
    strip(to_tsvector('simple', left(COALESCE(said.words, ''), %(most)s)))
        || array_to_tsvector(ARRAY(
            SELECT %(signal)s || signal FROM unnest(c.signals) signal
            UNION SELECT %(intent)s || intent FROM unnest(c.intents) intent
        ))
FROM ingest_conversation c
CROSS JOIN LATERAL (
    SELECT string_agg(both_sides, ' ' ORDER BY at, event_id) AS words
    FROM (
        SELECT at, event_id, both_sides,
            sum(length(both_sides)) OVER (ORDER BY at, event_id) - length(both_sides) AS before
        FROM ingest_turn
        CROSS JOIN LATERAL (SELECT text || ' ' || response AS both_sides) joined
        WHERE conversation_id = c.id
    ) turns
    WHERE before < %(most)s
) said
WHERE c.id = ANY(%(conversations)s)
ON CONFLICT (conversation_id) DO UPDATE
SET started_at = excluded.started_at, words = excluded.words
WHERE (entry.started_at, entry.words) IS DISTINCT FROM (excluded.started_at, excluded.words)
"""


def write_entries(conversations: Sequence[UUID]) -> None:
    """Store what is looked for in `conversations`, anew where it changed."""
    values: dict[str, Any] = {
        "conversations": list(conversations),
        "most": MOST_CHARACTERS,
        "signal": SIGNAL,
        "intent": INTENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
