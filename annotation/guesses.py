"""What the bot guessed of a turn, as an item keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 5
A_HAIR = 9  # decimals, as in ingest.signals.symptoms

# What bots call a text that belongs to no intent. "" is none at all.
OUT_OF_SCOPE = frozenset({"", "oos", "out_of_scope", "none", "fallback", "nlu_fallback"})


@dataclass(frozen=True, slots=True)
class Guesses:
    """The surest intents, best first, 5 at most, each with its confidence if the bot said one."""

    best_first: Sequence[Mapping[str, Any]]  # {intent, confidence}
    margin: float | None  # best minus second-best, from 0 to 1; None with fewer than two

    @property
    def best(self) -> str:
        return self.best_first[0]["intent"] if self.best_first else ""

    @property
    def confidence(self) -> float | None:
        return self.best_first[0]["confidence"] if self.best_first else None


def is_out_of_scope(intent: str) -> bool:
    return intent.strip().casefold() in OUT_OF_SCOPE


def guesses_of(
    intent: str, confidence: float | None, alternatives: Sequence[Mapping[str, Any]]
) -> Guesses:
    """Put together what a turn says: its intent, and the alternatives, which may name it again."""
    sure = {
        each["intent"]: float(each["confidence"])
        for each in alternatives
        if each.get("intent") and each.get("confidence") is not None
    }
    if intent and confidence is not None:
        sure[intent] = confidence
    # By name where they are equally sure, so that the order is always the same.
    in_order = sorted(sure.items(), key=lambda guess: (-guess[1], guess[0]))
    found: list[dict[str, Any]] = [
        {"intent": name, "confidence": share} for name, share in in_order
    ]
    if intent and intent not in sure:  # said without a number: it is what the bot went by
        found.insert(0, {"intent": intent, "confidence": None})
    return Guesses(found[:MOST], _margin([share for _, share in in_order]))


def _margin(best_first: Sequence[float]) -> float | None:
    if len(best_first) < 2:
        return None
    return min(max(round(best_first[0] - best_first[1], A_HAIR), 0.0), 1.0)
