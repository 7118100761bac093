"""Who has which item, and until when. A hold is taken, renewed and let go by one UPDATE each.

Times are the database's: the clocks of two machines may differ. A hold that ran out is still its
holder's until the sweeper takes it back, so that a late answer counts while nobody else has it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import Bot, User
from accounts.pipelining import instances, rows
from annotation import finding, questioning
from annotation.finding import Wanted
from annotation.lanes import lanes_in_order, throw
from annotation.models import ReviewItem

__all__ = [
    "Gone",
    "HOLD",
    "HoldLost",
    "Paused",
    "Taken",
    "Wanted",
    "expire",
    "release",
    "release_all",
    "renew",
    "take",
    "take_next",
]

HOLD = timedelta(minutes=15)
SECONDS = HOLD.total_seconds()
ANY = Wanted()
RETURNED = str(ReviewItem.Lane.RETURNED)


class Taken(Exception):
    """Somebody else holds it."""


class Gone(Exception):
    """It was answered, it is not for them, or there is no such item."""


class Paused(Exception):
    """They get no turns until a reviewer lets them go on."""


class HoldLost(Exception):
    """It is not theirs any more. Nothing was changed."""


# COALESCE looks no further than it must: first what they hold, then what was sent back to them,
# what is meant for them, and then lane after lane. Rows of others are skipped, not waited for.
# NO KEY: an answer that is being stored points to its item, and that alone does not make it
# somebody's.
NEXT = """
UPDATE annotation_reviewitem
SET holder_id = %s, held_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = COALESCE((
    SELECT id FROM annotation_reviewitem WHERE holder_id = %s AND lane = ANY(%s) AND {fits}
    ORDER BY priority DESC, id LIMIT 1 FOR NO KEY UPDATE
), (
    SELECT id FROM annotation_reviewitem
    WHERE id IN (
        SELECT item_id FROM annotation_askedanew
        WHERE person_id = %s AND bot_id = %s AND ended_at IS NULL
    ) AND holder_id IS NULL AND lane = ANY(%s) AND {fits}
    ORDER BY id LIMIT 1 FOR NO KEY UPDATE {skip}
), (
    SELECT id FROM annotation_reviewitem
    WHERE assigned_to_id = %s AND holder_id IS NULL AND lane = ANY(%s) AND {fits}
    ORDER BY priority DESC, id LIMIT 1 FOR NO KEY UPDATE {skip}
), (
    SELECT free.id FROM unnest(%s::varchar[]) AS drawn (lane), LATERAL (
        SELECT id FROM annotation_reviewitem
        WHERE lane = drawn.lane AND assigned_to_id IS NULL AND holder_id IS NULL AND {fits}
        ORDER BY priority DESC, id LIMIT 1 FOR NO KEY UPDATE {skip}
    ) AS free LIMIT 1
))
RETURNING *
"""

# Three questions, so that each finds its index.
IS_ONE_FREE = """
SELECT EXISTS (
    SELECT FROM annotation_reviewitem
    WHERE id IN (
        SELECT item_id FROM annotation_askedanew
        WHERE person_id = %s AND bot_id = %s AND ended_at IS NULL
    ) AND holder_id IS NULL AND lane = ANY(%s) AND {fits}
) OR EXISTS (
    SELECT FROM annotation_reviewitem
    WHERE assigned_to_id = %s AND holder_id IS NULL AND lane = ANY(%s) AND {fits}
) OR EXISTS (
    SELECT FROM annotation_reviewitem
    WHERE lane = ANY(%s) AND assigned_to_id IS NULL AND holder_id IS NULL AND {fits}
)
"""


def take_next(
    user: User, *, bot: Bot, wanted: Wanted = ANY, besides: Collection[int] = ()
) -> ReviewItem | None:
    """Return the item that `user` holds, or hold the most useful free one for them.

    Asking twice gives the same item. `besides` are items that they have already. None means
    that nothing is left for them; Paused is raised where they get none for now.
    """
    asked = _Asked(user, bot, wanted, besides)
    if question := asked.question():
        return question
    skip = "SKIP LOCKED"
    while not (item := asked.held(skip)):
        expire()  # in case that no sweeper runs
        if not asked.is_one_free():
            return None
        # It was locked in that moment: others are taking it, or its priority changes. This time
        # they are waited for. Each round somebody has got an item, so this ends.
        skip = ""
    return item


class _Asked:
    """What somebody asked for, as the values of the statements."""

    def __init__(self, user: User, bot: Bot, wanted: Wanted, besides: Collection[int]) -> None:
        self._user, self._bot = user, bot
        adjudicates = user.has_perm("annotation.adjudicate", bot)
        self._mix = questioning.mix_for(user, bot)
        if self._mix.paused:
            raise Paused
        # Whoever may mark known turns would know them again. With filters one could tell.
        self._can_be_asked = not adjudicates and not wanted.is_narrow
        self._besides = besides
        lanes = lanes_in_order(
            self._mix.settings,
            dice=throw(),
            adjudicates=adjudicates,
            by_intent=self._mix.most_by_intent,
        )
        self._lanes = [str(lane) for lane in lanes if wanted.lane in ("", lane)]
        self._of_nobody = [] if wanted.assigned else self._lanes
        self._returned = [RETURNED] if wanted.lane in ("", RETURNED) else []
        few = finding.few_of(bot, wanted) if wanted.is_narrow else None
        self._fits = finding.conditions(bot, finding.without_lane(wanted), among=few)
        self._fits.add("NOT %s = ANY(annotation_reviewitem.not_for)", user.pk)
        if besides:
            self._fits.add("NOT annotation_reviewitem.id = ANY(%s)", list(besides))

    def question(self) -> ReviewItem | None:
        """A known turn in the place of the next one, if they have one or one is drawn."""
        if not self._can_be_asked or self._mix.asked in self._besides:
            return None
        if self._mix.asked is not None:
            return questioning.again(self._user, bot=self._bot, seconds=SECONDS)
        if questioning.is_drawn(self._mix.settings.question_percent):
            return questioning.ask(self._user, bot=self._bot, seconds=SECONDS)
        return None

    def held(self, skip: str) -> ReviewItem | None:
        fits = self._fits.values
        values = [
            *(self._user.pk, SECONDS),
            *(self._user.pk, [*self._lanes, *self._returned], *fits),
            *(self._user.pk, self._bot.pk, self._returned, *fits),
            *(self._user.pk, self._lanes, *fits),
            *(self._of_nobody, *fits),
        ]
        statement = NEXT.format(fits=self._fits, skip=skip)
        return next(iter(instances(ReviewItem, statement, values)), None)

    def is_one_free(self) -> bool:
        fits = self._fits.values
        values = [
            *(self._user.pk, self._bot.pk, self._returned, *fits),
            *(self._user.pk, self._lanes, *fits),
            *(self._of_nobody, *fits),
        ]
        with connection.cursor() as cursor:
            cursor.execute(IS_ONE_FREE.format(fits=self._fits), values)
            (found,) = cursor.fetchone()
        return bool(found)


ONE = """
UPDATE annotation_reviewitem
SET holder_id = %(user)s, held_until = statement_timestamp() + make_interval(secs => %(hold)s)
WHERE id = %(item)s AND bot_id = %(bot)s AND status = 'open' AND lane = ANY(%(lanes)s)
    AND (holder_id IS NULL OR holder_id = %(user)s) AND NOT %(user)s = ANY(not_for)
    AND (assigned_to_id IS NULL OR assigned_to_id = %(user)s OR holder_id = %(user)s)
    AND (lane <> 'returned' OR EXISTS (
        SELECT FROM annotation_askedanew asked
        WHERE asked.item_id = annotation_reviewitem.id AND person_id = %(user)s
            AND ended_at IS NULL
    ))
RETURNING *
"""


def take(item_id: int, user: User, *, bot: Bot) -> ReviewItem:
    """Hold a particular item. Raise Taken if somebody else holds it, Gone if nobody can have it."""
    adjudicates = user.has_perm("annotation.adjudicate", bot)
    lanes = [lane for lane in ReviewItem.Lane if adjudicates or lane != ReviewItem.Lane.REVIEWER]
    values = {
        "item": item_id,
        "bot": bot.pk,
        "user": user.pk,
        "hold": SECONDS,
        "lanes": [str(lane) for lane in lanes],
    }
    if item := next(iter(instances(ReviewItem, ONE, values)), None):
        return item
    held = ReviewItem.objects.of(bot).open().filter(pk=item_id, holder__isnull=False)
    raise Taken if held.exclude(holder=user).exists() else Gone


RENEW = """
UPDATE annotation_reviewitem SET held_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = %s AND holder_id = %s RETURNING held_until
"""


def renew(item_id: int, user: User) -> datetime:
    """Keep it for another HOLD, and return until when. Raise HoldLost if it is not theirs."""
    if renewed := rows(RENEW, [SECONDS, item_id, user.pk]):
        until: datetime | None = renewed[0][0]
    else:
        until = questioning.renew(item_id, user, seconds=SECONDS)
    if until is None:
        raise HoldLost
    return until


# In one order, as all who lock several items: nobody waits in a circle.
RELEASE = """
UPDATE annotation_reviewitem SET holder_id = NULL, held_until = NULL
WHERE id IN (
    SELECT id FROM annotation_reviewitem
    WHERE holder_id = %s AND (id = %s OR bot_id = %s) ORDER BY id FOR NO KEY UPDATE
)
"""
EXPIRE = """
UPDATE annotation_reviewitem SET holder_id = NULL, held_until = NULL
WHERE id IN (
    SELECT id FROM annotation_reviewitem
    WHERE holder_id IS NOT NULL AND held_until < statement_timestamp()
    FOR NO KEY UPDATE SKIP LOCKED
)
"""


def release(item_id: int, user: User) -> None:
    """Let others have it. What is not theirs is left as it is."""
    _run(RELEASE, user.pk, item_id, None)


def release_all(user: User, *, bot: Bot) -> int:
    """Let others have all that `user` holds; how many items that were."""
    return _run(RELEASE, user.pk, None, bot.pk)


def expire() -> int:
    """Free what was held for too long; how many items. One that is being answered is left."""
    return _run(EXPIRE)


def _run(statement: str, *values: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
