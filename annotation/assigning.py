"""Giving items to one person, before anybody asks for them."""

import structlog
from django.db import connection, transaction

from accounts.models import Bot, User
from annotation.finding import Wanted, few_of, items
from annotation.models import ReviewItem

logger = structlog.get_logger(__name__)

MOST = 1000


@transaction.atomic
def assign(bot: Bot, wanted: Wanted, *, to: User, by: User, most: int = MOST) -> int:
    """Give the most useful of the items that are wanted to one person; how many these were.

    What somebody holds, or was given to somebody, stays theirs. What that person has answered or
    skipped is not for them, nor what waits for a reviewer if they are none.
    """
    few = few_of(bot, wanted)
    free = items(bot, wanted, among=few).filter(holder=None, assigned_to=None)
    # What is sent back is for those who answered it.
    theirs = free.exclude(lane=ReviewItem.Lane.RETURNED)
    theirs = theirs.exclude(not_for__contains=[to.pk])
    if not to.has_perm("annotation.adjudicate", bot):
        theirs = theirs.exclude(lane=ReviewItem.Lane.REVIEWER)
    locked = theirs.select_for_update(skip_locked=True, no_key=True).most_useful_first()
    keys = list(locked.values_list("pk", flat=True)[:most])
    given = ReviewItem.objects.filter(pk__in=keys).update(assigned_to=to)
    logger.info("items_assigned", bot_id=bot.pk, to=to.pk, by=by.pk, items=given)
    return given


# In one order, as all who lock several items.
UNASSIGN = """
UPDATE annotation_reviewitem SET assigned_to_id = NULL
WHERE id IN (
    SELECT id FROM annotation_reviewitem
    WHERE assigned_to_id = %s AND bot_id = %s AND status = 'open' ORDER BY id FOR NO KEY UPDATE
)
"""
OF_LEAVERS = """
UPDATE annotation_reviewitem SET assigned_to_id = NULL
WHERE id IN (
    SELECT id FROM annotation_reviewitem
    WHERE bot_id = %s AND status = 'open' AND assigned_to_id IN (
        SELECT id FROM accounts_user person
        WHERE NOT is_active OR NOT (is_superuser OR EXISTS (
            SELECT FROM accounts_membership WHERE user_id = person.id AND bot_id = %s
        ))
    )
    ORDER BY id FOR NO KEY UPDATE
)
"""


def unassign(bot: Bot, *, of: User, by: User) -> int:
    """Let everybody have what was given to `of`; how many items these were."""
    with connection.cursor() as cursor:
        cursor.execute(UNASSIGN, [of.pk, bot.pk])
        taken = int(cursor.rowcount)
    logger.info("items_unassigned", bot_id=bot.pk, of=of.pk, by=by.pk, items=taken)
    return taken


def free_those_of_leavers(bot: Bot) -> int:
    """Let everybody have what was given to people who work on the bot no more."""
    with connection.cursor() as cursor:
        cursor.execute(OF_LEAVERS, [bot.pk, bot.pk])
        return int(cursor.rowcount)
