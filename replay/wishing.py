"""How a replay was asked for, and when it is over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

CONDITIONS = ("labels", "accuracy", "rows", "minutes")


class NotUnderstood(Exception):
    """`str()` of it says what to write instead."""


@dataclass(frozen=True)
class Wishes:
    """What a replay that goes on has to keep to."""

    annotators: int = 3
    noise: float = 0.02  # share of answers that are wrong
    per_training: int = 100  # labels
    only_better: bool = False
    at_random: bool = False  # the twin: everything that comes by is labelled
    first: int = 3000  # turns that come by before the first label
    per_label: int = 10  # turns that come by with each label
    rated: float = 0.1  # share of turns that the end user says something of
    audit: float = 5.0  # percent of the labels; of a twin, of the traffic
    novelty: float = 7.5  # percent of the labels
    budget: int = 10  # seconds that a training may search in
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Wishes:
        return cls(**stored)

    def turns_due(self, labels: int) -> int:
        """How many turns have come by once so many were labelled.

        Of a twin, only as many as it will label before the next training: so they are labelled
        as they come, and nobody chooses.
        """
        if self.at_random:
            return (labels // self.per_training + 1) * self.per_training
        return self.first + self.per_label * labels


@dataclass(frozen=True)
class Until:
    """Whichever comes first ends a replay; so does the end of the file."""

    labels: int | None = None
    accuracy: float | None = None
    rows: int | None = None
    minutes: float | None = None

    @classmethod
    def read(cls, text: str) -> Until:
        """Read such as `accuracy=0.85,labels=1100`. Raise NotUnderstood."""
        found: dict[str, Any] = {}
        for part in filter(None, (each.strip() for each in text.split(","))):
            name, _, value = part.partition("=")
            try:
                number = float(value)
            except ValueError:
                number = -1.0
            if name not in CONDITIONS or not 0 < number < 1e9:
                raise NotUnderstood(
                    f"{part} says no end. Write one or more of labels=1100, accuracy=0.85, "
                    "rows=5000 and minutes=20, with commas between."
                )
            found[name] = int(number) if name in ("labels", "rows") else number
        if (found.get("accuracy") or 0) > 1:
            raise NotUnderstood("An accuracy lies between 0 and 1, as in accuracy=0.85.")
        return cls(**found)

    def reached(
        self, *, labels: int, accuracy: float | None, rows: int, seconds: float
    ) -> str | None:
        """Which condition holds, in words; None while none does."""
        if self.accuracy is not None and accuracy is not None and accuracy >= self.accuracy:
            return f"what is live answers {100 * accuracy:.1f} % of the test rightly"
        if self.labels is not None and labels >= self.labels:
            return f"{labels:,} labels were given"
        if self.rows is not None and rows >= self.rows:
            return f"{rows:,} turns came by"
        if self.minutes is not None and seconds >= 60 * self.minutes:
            return f"{self.minutes:g} minutes were over"
        return None
