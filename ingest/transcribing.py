"""Reads what the rules for signals look at: the conversations that are due, and their rows."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import Bot
from ingest.models import Conversation, Feedback, Turn
from ingest.signals import FeedbackRow, Transcript, TurnRow

AT_ONCE = 500  # conversations
MOST_TURNS = 20_000  # that are held in memory at once; one longer conversation is held alone

OF_TURNS = ("at", "text", "intent", "confidence", "alternatives", "error", "latency_ms")
OF_FEEDBACK = ("at", "about", "thumb", "rating", "reported")


class Due(NamedTuple):
    """A conversation whose signals are to be found, as it was when it was read."""

    id: UUID
    changes: int
    since: datetime
    outcome: str
    escalated_at: datetime | None
    turn_count: int


def due_conversations(bot: Bot, *, until: datetime) -> list[Due]:
    """Return those that are due for longest, and no more than fit into memory."""
    rows = Conversation.objects.of(bot).due().filter(due_since__lte=until)
    columns = ("pk", "changes", "due_since", "outcome", "escalated_at", "turn_count")
    longest = rows.order_by("due_since", "pk").values_list(*columns)[:AT_ONCE]
    batch = [Due._make(row) for row in longest]
    sizes = accumulate(each.turn_count for each in batch)
    fit = sum(size <= MOST_TURNS for size in sizes)
    return batch[: max(fit, 1)]


def transcripts(batch: Sequence[Due]) -> Iterator[tuple[Due, Transcript]]:
    ids = [each.id for each in batch]
    turns = _by_conversation(Turn.objects.filter(conversation__in=ids), OF_TURNS, TurnRow._make)
    said = Feedback.objects.filter(conversation__in=ids)
    feedback = _by_conversation(said, OF_FEEDBACK, FeedbackRow._make)
    for each in batch:
        yield (
            each,
            Transcript(turns[each.id], feedback[each.id], each.outcome, each.escalated_at),
        )


def _by_conversation(
    rows: Any, columns: Sequence[str], make: Callable[[Sequence[Any]], Any]
) -> dict[UUID, list[Any]]:
    """Read rows of several conversations in one query: a list for each, in order."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for conversation, *row in rows.values_list("conversation_id", "pk", *columns):
        found[conversation].append(make(row))
    for several in found.values():
        several.sort(key=attrgetter("at", "id"))
    return found
