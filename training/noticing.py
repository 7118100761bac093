"""Sentences that rooms above this one have about the versions of a bot.

A room that finds out something while versions are in use registers who says it:

@notices
def cannot_answer(bot: Bot) -> list[str]: ...
"""

from collections.abc import Callable

from accounts.models import Bot

Notice = Callable[[Bot], list[str]]
NOTICES: list[Notice] = []


def notices(function: Notice) -> Notice:
    """Register what is asked when a page about the versions of a bot is shown."""
    NOTICES.append(function)
    return function


def notices_of(bot: Bot) -> list[str]:
    return [sentence for function in NOTICES for sentence in function(bot)]
