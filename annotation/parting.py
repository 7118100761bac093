"""Turns that stood beside an item wait by themselves again."""

from uuid import UUID

from django.db import connection

from accounts.models import Bot
from annotation import storing
from annotation.drafting import Drafter, see
from annotation.models import ReviewItem

HEAVIEST = """
SELECT turn_id FROM annotation_itemturn beside LEFT JOIN LATERAL (
    SELECT sum(weight) AS weight FROM ingest_signal found WHERE found.turn_id = beside.turn_id
) signals ON true
WHERE item_id = %s ORDER BY weight DESC NULLS LAST, turn_id LIMIT 1
"""


def part(item: ReviewItem, *, bot: Bot) -> None:
    """Make an item of what stands beside `item`, led by the heaviest: it was not answered for them.

    Call it in the transaction in which `item` is locked, and closed.
    """
    lead = _heaviest_beside(item)
    if lead is None:
        return
    drafter = Drafter.of(bot)
    drafts = [
        drafter.of_signals(seen, alike_count=item.alike_count - 1)
        for seen in see("t.event_id = %s", lead)
    ]
    for key in storing.create(bot, drafts).values():
        storing.stand_alone([lead])
        storing.move([(item.pk, key)])
        storing.say_who_is_exact([key])


def _heaviest_beside(item: ReviewItem) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(HEAVIEST, [item.pk])
        row = cursor.fetchone()
    return row[0] if row else None
