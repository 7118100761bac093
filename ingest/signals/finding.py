"""Asking every rule about one conversation."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ingest.signals.rows import Transcript
from ingest.signals.tuning import Tuned

LONGEST_SENTENCE = 300  # characters, as Signal.sentence


class Found(NamedTuple):
    turn: UUID
    kind: str
    weight: float
    at: datetime
    sentence: str


def signals_of(transcript: Transcript, *, rules: Sequence[Tuned]) -> list[Found]:
    """Return the signals of a conversation, at most one of a kind for each turn."""
    if not transcript.turns:
        return []
    return [
        found
        for tuned in rules
        if tuned.weight > 0
        for found in _of_one_rule(transcript, tuned=tuned)
    ]


def _of_one_rule(transcript: Transcript, *, tuned: Tuned) -> Iterable[Found]:
    found: dict[UUID, Found] = {}
    for turn, sentence in tuned.rule.find(transcript, tuned.threshold or 0):
        if turn.id not in found:
            words = sentence[:LONGEST_SENTENCE]
            found[turn.id] = Found(turn.id, tuned.name, tuned.weight, turn.at, words)
    return found.values()


def kinds_of(signals: Iterable[Found]) -> list[str]:
    return sorted({each.kind for each in signals})


def heaviest(signals: Iterable[Found]) -> float:
    """Return what the signals of the heaviest turn weigh together; 0 without signals."""
    weights: dict[UUID, float] = defaultdict(float)
    for each in signals:
        weights[each.turn] += each.weight
    return round(max(weights.values(), default=0.0), 6)
