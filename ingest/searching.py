"""Finding conversations by their words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

# Letters take up to four bytes, and a word with a hyphen is kept whole and in parts: with their
# overhead up to eight bytes a character. A tsvector holds a million.
MOST_CHARACTERS = 100_000

# Left to itself the database reads "end.Next" as the name of a host and "yes/no" as a file, takes
# <card> for markup, and tells é from é where one is two characters. A soft hyphen is left out.
PLAIN = "translate(normalize({text}), './@:_<>&-\u00ad', '         ')"

# Each word that was typed begins a word. The database cuts them out itself, as it did those of the
# texts, so no sign of its query language has a meaning here. Without a word nothing is found.
BEGINNINGS = (
    f"replace(NULLIF(plainto_tsquery('simple', {PLAIN.format(text='%s')})::text, '') || ' ', "
    "''' ', ''':* ')::tsquery"
)

# Beside the words stands what was found of a conversation, so that one index answers for both.
# No word begins with this sign: where texts are cut into words it is one of the gaps.
MARK = "="
SIGNAL, INTENT = f"{MARK}signal:", f"{MARK}intent:"

# The first turns are enough. A word longer than 2,046 bytes is left out by PostgreSQL.
WRITE = f"""
INSERT INTO ingest_searchentry AS entry (conversation_id, bot_id, started_at, words)
SELECT c.id, c.bot_id, c.started_at,
    strip(to_tsvector('simple', {PLAIN.format(text="left(COALESCE(said.words, ''), %(most)s)")}))
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
"""  # noqa: S608  every word is our own


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
