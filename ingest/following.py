"""Tells rooms above this one what was found, so that they can go on from there.

A room that follows registers in its own module, and does no more than remember what to look at:

@after_signals
def note_conversations(bot: Bot, conversations: Sequence[UUID]) -> None: ...
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from accounts.models import Bot

Follow = Callable[[Bot, Sequence[UUID]], None]
SIGNALS: list[Follow] = []
GROUPS: list[Follow] = []


def after_signals(function: Follow) -> Follow:
    """Register what is called in the transaction that stores what was found of conversations."""
    SIGNALS.append(function)
    return function


def after_groups(function: Follow) -> Follow:
    """Register what is called in the transaction in which texts come to stand for others."""
    GROUPS.append(function)
    return function


def tell_of_signals(bot: Bot, conversations: Sequence[UUID]) -> None:
    _tell(SIGNALS, bot, conversations)


def tell_of_groups(bot: Bot, texts: Sequence[UUID]) -> None:
    _tell(GROUPS, bot, texts)


def _tell(registered: list[Follow], bot: Bot, keys: Sequence[UUID]) -> None:
    if keys:
        for function in registered:
            function(bot, keys)
