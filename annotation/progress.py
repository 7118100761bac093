"""How far somebody is today, and what they said last."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.utils import timezone

from accounts.models import Bot, User
from accounts.pipelining import rows
from annotation.models import Annotation, ReviewSettings

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    mine_today: int  # answers that stand, without what was skipped; the day is UTC's
    team_today: int
    goal: int


# Of all that was answered today. A quick team says ten thousand things a day, in a millisecond
# or two; a table of sums would be one more row that every answer has to write.
# Known turns count as well: nobody must be able to tell them by that.
TODAY = """
SELECT count(*) FILTER (WHERE who = %(user)s), count(*),
    (SELECT daily_goal FROM annotation_reviewsettings WHERE bot_id = %(bot)s)
FROM (
    SELECT annotator_id AS who FROM annotation_annotation
    WHERE bot_id = %(bot)s AND undone_at IS NULL AND created_at >= %(midnight)s
        AND verdict <> 'skip'
    UNION ALL
    SELECT person_id FROM annotation_goldquestion
    WHERE bot_id = %(bot)s AND answered_at >= %(midnight)s AND verdict <> 'skip'
) said
"""


def progress(user: User, *, bot: Bot) -> Progress:
    midnight = datetime.combine(timezone.now().astimezone(UTC).date(), time(), tzinfo=UTC)
    values = {"user": user.pk, "bot": bot.pk, "midnight": midnight}
    ((mine, team, goal),) = rows(TODAY, values)
    return Progress(mine, team, goal or ReviewSettings(bot=bot).daily_goal)


# Not with each answer: a thousand rows of an index take as long to count as the answer to store.
WAITING = """
SELECT count(*) FROM (
    SELECT FROM annotation_reviewitem
    WHERE bot_id = %s AND status = 'open' AND holder_id IS NULL LIMIT %s
) waiting
"""


def waiting(bot: Bot) -> int:
    """How many items are free; one more than MOST_COUNTED for "more"."""
    ((number,),) = rows(WAITING, [bot.pk, MOST_COUNTED + 1])
    return int(number)


def recent(user: User, *, bot: Bot, most: int = 10) -> list[Annotation]:
    """The newest standing answers of `user`, with their items, turns and intents."""
    mine = Annotation.objects.of(bot).by(user).standing().newest_first()
    return list(mine.select_related("item__turn", "intent")[:most])
