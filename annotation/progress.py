"""How far somebody is today, and what they said last."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.utils import timezone

from accounts.models import Bot, User
from annotation.models import Annotation, ReviewSettings
from ingest.pipelining import rows

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    mine_today: int  # answers that stand, without what was skipped; the day is UTC's
    team_today: int
    goal: int
    waiting: int  # free items; one more than MOST_COUNTED for "more"


# Of all that was answered today. A quick team says ten thousand things a day, in a millisecond
# or two; a table of sums would be one more row that every answer has to write.
TODAY = """
SELECT count(*) FILTER (WHERE annotator_id = %(user)s), count(*),
    (SELECT daily_goal FROM annotation_reviewsettings WHERE bot_id = %(bot)s),
    (SELECT count(*) FROM (
        SELECT FROM annotation_reviewitem
        WHERE bot_id = %(bot)s AND status = 'open' AND holder_id IS NULL LIMIT %(most)s
    ) waiting)
FROM annotation_annotation
WHERE bot_id = %(bot)s AND undone_at IS NULL AND created_at >= %(midnight)s AND verdict <> 'skip'
"""


def progress(user: User, *, bot: Bot) -> Progress:
    midnight = datetime.combine(timezone.now().astimezone(UTC).date(), time(), tzinfo=UTC)
    values: dict[str, Any] = {
        "user": user.pk,
        "bot": bot.pk,
        "midnight": midnight,
        "most": MOST_COUNTED + 1,
    }
    ((mine, team, goal, waiting),) = rows(TODAY, values)
    return Progress(mine, team, goal or ReviewSettings(bot=bot).daily_goal, waiting)


def recent(user: User, *, bot: Bot, most: int = 10) -> list[Annotation]:
    """The newest standing answers of `user`, with their items, turns and intents."""
    mine = Annotation.objects.of(bot).by(user).standing().newest_first()
    return list(mine.select_related("item__turn", "intent")[:most])
