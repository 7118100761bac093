"""Lets rooms above this one take along what they hold of an intent when intents are changed.

A room that holds something registers it (this one does not import it):

CARRIERS.append(Carrier("Golden cases", count, carry, bring_back, notes))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from annotation.models import Intent, IntentChange


@dataclass(frozen=True)
class Carrier:
    """What one room holds of intents. What it has done is JSON, which it gets back to undo it."""

    label: str  # of a number: "Golden cases"
    count: Callable[[Intent], int]
    carry: Callable[[IntentChange], Any]  # after labels have moved; of a merge or a split
    bring_back: Callable[[IntentChange, Any, User], list[str]]  # sentences: what stays
    notes: Callable[[Intent], list[str]]  # sentences that a preview shows


CARRIERS: list[Carrier] = []
