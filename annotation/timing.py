"""How long somebody took for their newest answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Bot, User
from annotation.models import Annotation
from ingest.pieces import in_one_line
from ml.pacing import odd, usual

LOOKED_AT = 500
MOST_ODD = 10


@dataclass(frozen=True)
class Odd:
    """An answer that took far longer, or far less, than theirs do."""

    conversation_id: UUID
    said: str
    seconds: float
    at: datetime
    is_quick: bool


@dataclass(frozen=True)
class Times:
    median: float | None  # seconds
    answers: int
    odd: list[Odd]


def times(user: User, *, bot: Bot) -> Times:
    """Of the newest answers that stand; what was skipped is left out."""
    said = Annotation.objects.of(bot).by(user).standing().newest_first()
    timed = said.exclude(verdict=Annotation.Verdict.SKIP).filter(seconds__isnull=False)
    found = list(timed.values_list("pk", "seconds")[:LOOKED_AT])
    seconds = [each or 0.0 for _, each in found]
    median, places = usual(seconds), odd(seconds)[:MOST_ODD]
    keys = [found[place][0] for place in places]
    answers = Annotation.objects.select_related("item__turn").in_bulk(keys)
    return Times(median, len(found), [_odd(answers[key], median or 0) for key in keys])


def _odd(said: Annotation, median: float) -> Odd:
    turn, seconds = said.item.turn, said.seconds or 0
    return Odd(
        turn.conversation_id, in_one_line(turn.text), seconds, said.created_at, seconds < median
    )
