"""Lets go of what versions have of conversations that are deleted.

Rows hold no text, so it goes with the turns; what is kept here is that it went. Git holds texts
(redacted, as everywhere); `rewriting.py` takes them out of it, history included.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from accounts.models import Bot
from ingest.leaving import lets_go

FORGET = """
WITH gone AS (
    DELETE FROM training_datasetrow WHERE turn_id IN (
        SELECT event_id FROM ingest_turn WHERE conversation_id = ANY(%(conversations)s)
    ) RETURNING version_id
), counted AS (
    SELECT version_id, count(*) AS rows FROM gone GROUP BY version_id
)
UPDATE training_datasetversion version SET erased_count = erased_count + counted.rows
FROM counted WHERE counted.version_id = version.id AND version.bot_id = %(bot)s
"""


@lets_go
def forget_rows(bot: Bot, conversations: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"conversations": list(conversations), "bot": bot.pk})


FORGET_JUDGED = """
WITH gone AS (
    SELECT event_id FROM ingest_turn WHERE conversation_id = ANY(%(conversations)s)
), judged AS (
    DELETE FROM training_judgedturn WHERE turn_id IN (SELECT event_id FROM gone)
)
DELETE FROM training_goldencase
WHERE bot_id = %(bot)s AND turn_id IN (SELECT event_id FROM gone)
"""


@lets_go
def forget_judged(bot: Bot, conversations: Sequence[UUID]) -> None:
    """What reports list of them, and golden cases that were made of them: these hold their text."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_JUDGED, {"conversations": list(conversations), "bot": bot.pk})
