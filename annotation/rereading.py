"""Having a turn that is labelled read once more, by somebody else, who then decides."""

from uuid import UUID

from django.db import transaction

from accounts.models import Bot, User
from accounts.pipelining import rows, run
from accounts.security_log import record
from annotation import disputing, storing
from annotation.drafting import Drafter, see
from annotation.models import ReviewItem

FIRST = 1000.0  # priority: before everything that waits by itself

# Who answered it does not get it again: not_for stays.
AGAIN = """
UPDATE annotation_reviewitem SET status = 'open', ended_at = NULL, lane = 'reviewer',
    priority = %(priority)s, reasons = jsonb_build_array(%(why)s::text), assigned_to_id = NULL
WHERE turn_id = %(turn)s AND bot_id = %(bot)s AND status = 'done'
RETURNING id
"""
ONE_FEWER = """
UPDATE annotation_reviewitem SET alike_count = greatest(alike_count - 1, 0)
WHERE id = (SELECT item_id FROM annotation_itemturn WHERE turn_id = %s)
"""


class AlreadyWaiting(Exception):
    """Somebody will look at it anyway, or it is gone."""


@transaction.atomic
def read_again(bot: Bot, turn_id: UUID, *, why: str, by: User) -> None:
    """Let a labelled turn wait for a reviewer. Its gold label holds until they answer.

    Raise AlreadyWaiting.
    """
    values = {"priority": FIRST, "why": why, "turn": turn_id, "bot": bot.pk}
    found = [key for (key,) in rows(AGAIN, values)] or _made(bot, turn_id, why)
    if not found:
        raise AlreadyWaiting
    disputing.follow(found[0], begins_anew=True)
    record("turn_read_again", by=by, bot_id=bot.pk, turn_id=str(turn_id))


def _made(bot: Bot, turn_id: UUID, why: str) -> list[int]:
    """Make an item of a turn that was labelled along with another; its key."""
    if ReviewItem.objects.of(bot).filter(turn=turn_id).exists():
        return []
    seen = see("t.event_id = %s AND t.bot_id = %s", turn_id, bot.pk)
    run(ONE_FEWER, [turn_id])
    storing.stand_alone([turn_id])
    drafter = Drafter.of(bot)
    drafts = [
        drafter.of_signals(each)
        | {"lane": ReviewItem.Lane.REVIEWER.value, "priority": FIRST, "reasons": [why]}
        for each in seen
    ]
    return list(storing.create(bot, drafts).values())
