"""What the rules look at: rows of one conversation, with no more than they need."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class TurnRow(NamedTuple):
    id: UUID
    at: datetime
    text: str
    intent: str
    confidence: float | None
    alternatives: Sequence[Mapping[str, Any]]  # {intent, confidence}
    error: str
    latency_ms: int | None


class FeedbackRow(NamedTuple):
    id: UUID
    at: datetime
    about: UUID | None
    thumb: str
    rating: int | None
    reported: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation: its turns and feedback, each in the order of (at, id)."""

    turns: Sequence[TurnRow]
    feedback: Sequence[FeedbackRow] = ()
    outcome: str = "open"
    escalated_at: datetime | None = None

    def turn_at(self, moment: datetime) -> TurnRow:
        """Return the last turn at or before `moment`; the first one if there is none.

        A conversation without turns has no answer: the rules are not asked about it.
        """
        place = bisect_right(self.turns, moment, key=lambda turn: turn.at)
        return self.turns[max(place - 1, 0)]

    def turns_with(
        self, wanted: Callable[[FeedbackRow], bool]
    ) -> Iterator[tuple[TurnRow, FeedbackRow]]:
        """Yield the feedback that is `wanted`, each with the turn that it is about."""
        chosen = [each for each in self.feedback if wanted(each)]
        turns = {turn.id: turn for turn in self.turns} if chosen else {}
        for each in chosen:
            named = turns.get(each.about) if each.about else None
            yield named or self.turn_at(each.at), each
