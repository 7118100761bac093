"""The kinds of signals there are.

To add a kind: a function in hints.py or symptoms.py, a line here, one in `Signal.Kind`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.signals import hints, symptoms
from ingest.signals.rows import Transcript

Find = Callable[[Transcript, float], Iterator[hints.Hint]]


@dataclass(frozen=True, slots=True)
class Threshold:
    default: float
    least: float
    most: float
    step: float
    unit: str  # "" for a share from 0 to 1

    def holds(self, value: float) -> bool:
        return self.least <= value <= self.most and (self.step < 1 or value == int(value))


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    title: str
    meaning: str  # to whoever sets its weight
    weight: float  # by default, from 0 to 1
    find: Find
    threshold: Threshold | None = None


RULES = (
    Rule(
        "report",
        "Reported",
        "The user reported the answer.",
        1.0,
        hints.report,
    ),
    Rule(
        "thumbs_down",
        "Thumbs down",
        "The user gave a thumbs down.",
        0.8,
        hints.thumbs_down,
    ),
    Rule(
        "low_rating",
        "Low rating",
        "The user's rating, of five, is not higher than this.",
        0.8,
        hints.low_rating,
        Threshold(default=2, least=1, most=4, step=1, unit="of 5"),
    ),
    Rule(
        "escalation",
        "Escalated",
        "The conversation was handed to a person: the last turn before that.",
        0.7,
        hints.escalation,
    ),
    Rule(
        "bot_error",
        "Bot error",
        "The bot sent an error with the turn.",
        0.7,
        symptoms.bot_error,
    ),
    Rule(
        "repetition",
        "Repeated",
        f"The user says nearly the same again, within {hints.LOOK_BACK} turns.",
        0.6,
        hints.repetition,
    ),
    Rule(
        "low_confidence",
        "Low confidence",
        "The bot was less sure of its intent than this.",
        0.5,
        symptoms.low_confidence,
        Threshold(default=0.5, least=0, most=1, step=0.01, unit=""),
    ),
    Rule(
        "small_margin",
        "Small margin",
        "The bot's two best intents lie closer together than this.",
        0.4,
        symptoms.small_margin,
        Threshold(default=0.1, least=0, most=1, step=0.01, unit=""),
    ),
    Rule(
        "abandonment",
        "Abandoned",
        "The conversation fell silent: the last turn with words of the user.",
        0.3,
        hints.abandonment,
    ),
    Rule(
        "slow_answer",
        "Slow answer",
        "The bot took at least so long to answer.",
        0.2,
        symptoms.slow_answer,
        Threshold(default=5000, least=1, most=600_000, step=1, unit="ms"),
    ),
)
