"""How useful an item is, and what is drawn for it. The same rows always give the same."""

from collections.abc import Collection
from hashlib import blake2b
from math import log2
from uuid import UUID

from ingest.models import Signal

Kind = Signal.Kind

# Somebody took the trouble to say that the bot was wrong, or had to be helped by a person.
COMPLAINTS = frozenset({Kind.THUMBS_DOWN, Kind.LOW_RATING, Kind.REPORT, Kind.ESCALATION})
RAISED = 1.5  # times the weight, for those
OF_MARGIN = 0.5  # at most: for two intents that are equally sure
OF_ALIKE = 0.25  # for each doubling of the turns that one answer may settle


def complains(kinds: Collection[str]) -> bool:
    return not COMPLAINTS.isdisjoint(kinds)


def priority_of(
    weight: float, *, kinds: Collection[str], margin: float | None, alike_count: int
) -> float:
    """Say how useful an item is: by its signals first, then how close a call it was, and how many
    turns it stands for."""
    signals = weight * (RAISED if complains(kinds) else 1)
    close = OF_MARGIN * (1 - margin) if margin is not None else 0
    return round(signals + close + OF_ALIKE * log2(1 + alike_count), 6)


def drawn(turn: UUID, what_for: str, *, salt: bytes) -> float:
    """A number from 0 to 1 that looks thrown, and is the same whenever it is asked for.

    With the bot's salt, so that nobody can tell beforehand what is drawn for a turn.
    """
    digest = blake2b(turn.bytes, digest_size=8, key=salt, person=what_for.encode()).digest()
    return int.from_bytes(digest) / 2**64
