"""Items drawn at random, while nothing better is known than that people should see everything."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import Bot
from annotation import picking, storing
from annotation.drafting import Drafter, see
from annotation.queueing import Writing

LOOKED_AT = 5000  # texts, to estimate how many there are to draw from: mostly right to 3 in 200
MOST_LOOKED_AT = 4 * LOOKED_AT  # more would be a search for what may not be there

# The ids of texts are keyed hashes, in whose order nothing has a say: those behind a random place
# are drawn evenly. Of each text, one turn of the train side that nothing stands for yet.
BEHIND = """
SELECT x.id, drawn.event_id FROM (
    SELECT id FROM ingest_text
    WHERE bot_id = %(bot)s AND id > %(place)s AND id <= %(end)s ORDER BY id LIMIT %(most)s
) x LEFT JOIN LATERAL (
    SELECT t.event_id FROM ingest_turn t JOIN ingest_conversation c ON c.id = t.conversation_id
    WHERE t.distinct_text_id = x.id AND c.side = 'train'
    AND NOT EXISTS (SELECT FROM annotation_itemturn beside WHERE beside.turn_id = t.event_id)
    AND NOT EXISTS (SELECT FROM annotation_reviewitem waits WHERE waits.text_id = x.id)
    AND NOT EXISTS (
        SELECT FROM annotation_goldlabel gold WHERE gold.text_id = x.id AND withdrawn_at IS NULL
    )
    LIMIT 1
) drawn ON true
ORDER BY x.id
"""
IN_STOCK = """
SELECT count(*) FROM (
    SELECT FROM annotation_reviewitem
    WHERE bot_id = %s AND lane = 'selection' AND status = 'open' AND holder_id IS NULL
    AND assigned_to_id IS NULL
    LIMIT %s
) free
"""
# Who erases them is waited for, and then they are not there.
KEEP = """
SELECT c.id FROM ingest_conversation c
WHERE id IN (SELECT conversation_id FROM ingest_turn WHERE event_id = ANY(%s))
ORDER BY c.id FOR KEY SHARE
"""
LAST = UUID(int=2**128 - 1)
NONE = UUID(int=0)


def missing(bot: Bot, *, stock: int) -> int:
    """How many items the selection lane is short of."""
    with connection.cursor() as cursor:
        cursor.execute(IN_STOCK, [bot.pk, stock])
        (found,) = cursor.fetchone()
    return max(stock - int(found), 0)


def fill_up(bot: Bot, *, writing: Writing = transaction.atomic) -> int:
    """Draw texts at random until the selection lane has its stock; how many items were added.

    None where somebody picks what is asked next.
    """
    if picking.somebody_chooses(bot):
        return 0
    drafter = Drafter.of(bot)
    wanted = missing(bot, stock=drafter.settings.random_stock)
    if not wanted:
        return 0
    found = draw(bot, wanted, place=uuid4())
    with writing():
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [found.turns])
        seen = see("t.event_id = ANY(%s)", found.turns)
        drafts = [drafter.of_random(turn, chance=found.chance) for turn in seen]
        return len(storing.create(bot, drafts))


@dataclass
class Draw:
    """What lay behind a random place, and how much of the whole was passed by to find it."""

    turns: list[UUID] = field(default_factory=list)
    looked_at: int = 0
    could_be_drawn: int = 0
    share: float = 0.0  # of all ids

    def is_enough(self, wanted: int) -> bool:
        """Whether to look no further: all are there, or there is little hope of more."""
        if len(self.turns) in (wanted, 0):
            return self.looked_at >= LOOKED_AT
        return self.looked_at >= MOST_LOOKED_AT

    @property
    def chance(self) -> float:
        """The chance of each text: what was drawn, of all that could have been."""
        all_of_them = self.could_be_drawn / self.share if self.share else 0
        return min(len(self.turns) / all_of_them, 1.0) if all_of_them else 1.0


def draw(bot: Bot, wanted: int, *, place: UUID) -> Draw:
    """Draw as many texts as are `wanted` behind `place`, and around the end to it again."""
    found = Draw()
    for text, turn in _texts_behind(bot, place):
        found.looked_at += 1
        if turn is not None:
            found.could_be_drawn += 1
            if len(found.turns) < wanted:
                found.turns.append(turn)
        found.share = (text.int - place.int) % 2**128 / 2**128
        if found.is_enough(wanted):
            return found
    found.share = 1.0
    return found


def _texts_behind(bot: Bot, place: UUID) -> Iterator[tuple[UUID, UUID | None]]:
    """All texts of the bot once, in the order of their ids, with a turn if one can be drawn."""
    for start, end in ((place, LAST), (NONE, place)):
        while rows := _rows_behind(bot, start, end):
            yield from rows
            start = rows[-1][0]


def _rows_behind(bot: Bot, place: UUID, end: UUID) -> list[Any]:
    values: dict[str, Any] = {"bot": bot.pk, "place": place, "end": end, "most": LOOKED_AT}
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, values)
        rows: list[Any] = cursor.fetchall()
    return rows
