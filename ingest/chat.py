"""One conversation as a chat: its turns, and what happened between them, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from ingest import marks
from ingest.finding import Place
from ingest.lines import (
    NoteLine,
    Opinion,
    Reason,
    TurnLine,
    endings,
    first_words,
    opinion,
    turn_line,
)
from ingest.models import Conversation, Feedback, Signal, Turn

PAGE = 200
MOST_FEEDBACK = 500


@dataclass
class Chat:
    """One page of it. `begins` and `ends` are None on the first and the last page."""

    begins: datetime | None
    ends: datetime | None
    later_after: Place | None
    lines: list[TurnLine | NoteLine] = field(default_factory=list)

    @property
    def has_turns(self) -> bool:
        return any(isinstance(line, TurnLine) for line in self.lines)

    def holds(self, moment: datetime | None) -> bool:
        return (
            moment is not None
            and (self.begins is None or self.begins <= moment)
            and (self.ends is None or moment < self.ends)
        )


def chat(conversation: Conversation, *, after: Place | None = None) -> Chat:
    """The first turns, or those after a place, with what belongs to them."""
    turns = _turns(conversation, after)
    turns, more = turns[:PAGE], turns[PAGE:]
    page = Chat(
        begins=(turns[0].at if turns else after.at) if after else None,
        ends=more[0].at if more else None,
        later_after=Place(turns[-1].at, turns[-1].pk) if more else None,
    )
    beneath, reasons = _opinions(conversation, turns, page), _reasons(turns)
    # Notes that share a turn's time: what was said of the start before it, the rest behind it.
    dated: list[tuple[datetime, int, TurnLine | NoteLine]] = [
        (turn.at, 1, turn_line(turn, reasons[turn.pk], beneath[turn.pk])) for turn in turns
    ]
    dated += [(note.at, 0, note) for note in first_words(conversation) if page.holds(note.at)]
    dated += [(note.at, 2, note) for note in endings(conversation) if page.holds(note.at)]
    page.lines = [line for _, _, line in sorted(dated, key=lambda each: each[:2])]
    return page


def _turns(conversation: Conversation, after: Place | None) -> list[Turn]:
    turns = conversation.turns.in_order().select_related("event")
    if after:
        place = (after.at, after.id)
        turns = turns.filter(TupleGreaterThan(Tuple(F("at"), F("event_id")), place))
    return list(turns[: PAGE + 1])


def _reasons(turns: list[Turn]) -> dict[UUID, list[Reason]]:
    found = defaultdict(list)
    wanted = Signal.objects.filter(turn__in=[turn.pk for turn in turns])
    for signal in wanted.order_by("-weight", "kind"):
        found[signal.turn_id].append(Reason(marks.signal(signal.kind), signal.sentence))
    return found


def _opinions(
    conversation: Conversation, turns: list[Turn], page: Chat
) -> dict[UUID | None, list[Opinion]]:
    """The feedback beneath each turn."""
    beneath: dict[UUID | None, list[Opinion]] = defaultdict(list)
    here = {turn.pk for turn in turns}
    for feedback in _feedback(conversation, here, page) if turns else ():
        about = feedback.about
        turn = about if about in here else _turn_at(feedback.at, turns)
        beneath[turn].append(opinion(feedback, is_elsewhere=about not in (None, turn)))
    return beneath


def _feedback(conversation: Conversation, here: set[UUID], page: Chat) -> Iterable[Feedback]:
    in_time = Q()
    if page.begins:
        in_time &= Q(at__gte=page.begins)
    if page.ends:
        in_time &= Q(at__lt=page.ends)
    of_page = in_time | Q(about__in=here) if in_time else Q()
    return conversation.feedback.filter(of_page).order_by("at", "pk")[:MOST_FEEDBACK]


def _turn_at(moment: datetime, turns: list[Turn]) -> UUID:
    """The last turn at or before `moment`, else the first: as the signals take it."""
    turn = next((turn for turn in reversed(turns) if turn.at <= moment), turns[0])
    return turn.event_id
