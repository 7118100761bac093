"""Turns beside an item wait by themselves again, where its answer says nothing of them."""

from uuid import UUID

from accounts.models import Bot
from accounts.pipelining import rows
from annotation import storing
from annotation.drafting import Drafter, see
from annotation.models import ReviewItem
from annotation.weighing import COMPLAINTS

# The same text is known now, as it would be if it came in today: it stays with the item, unless
# somebody complained. The heaviest comes first.
PARTING = """
SELECT beside.turn_id FROM annotation_itemturn beside LEFT JOIN LATERAL (
    SELECT sum(weight) AS weight, bool_or(kind = ANY(%s)) AS complains
    FROM ingest_signal found WHERE found.turn_id = beside.turn_id
) signals ON true
WHERE beside.item_id = %s AND (NOT beside.exact OR signals.complains)
ORDER BY signals.weight DESC NULLS LAST, beside.turn_id
"""


def part(item: ReviewItem, *, bot: Bot) -> int:
    """Make an item of what stands beside `item` and was not answered; of how many turns.

    Call it in the transaction in which `item` is locked, and closed.
    """
    left = [turn for (turn,) in rows(PARTING, [sorted(COMPLAINTS), item.pk])]
    if not left:
        return 0
    for key in storing.create(bot, _drafts(left, bot)).values():
        storing.stand_alone(left[:1])
        storing.stand_beside((turn, key) for turn in left[1:])
    return len(left)


def _drafts(turns: list[UUID], bot: Bot) -> list[dict[str, object]]:
    drafter, alike_count = Drafter.of(bot), len(turns) - 1
    seen = see("t.event_id = %s", turns[0])
    return [drafter.of_signals(each, alike_count=alike_count) for each in seen]
