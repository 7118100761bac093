"""Answers as they come from the screen: perhaps late, perhaps with an intent that is new."""

from dataclasses import replace

from django.db import transaction

from accounts.models import Bot, User
from annotation import answering, holding, scoring, wording
from annotation.answering import Answer
from annotation.answering_together import GroupSaid, answer_group
from annotation.holding import HoldLost
from annotation.models import GroupAnswer, Intent


def hand_in(item_id: int, user: User, said: Answer, *, bot: Bot) -> None:
    """Store an answer; one that comes when its time was over too, if nobody else has the item.

    Of a known turn that they were asked about nothing is labelled.
    """
    try:
        answering.answer(item_id, user, said, bot=bot)
    except HoldLost:
        if scoring.answer(item_id, user, said, bot=bot):
            return
        holding.take(item_id, user, bot=bot)
        answering.answer(item_id, user, said, bot=bot)


@transaction.atomic
def hand_in_naming(name: str, item_id: int, user: User, said: Answer, *, bot: Bot) -> Intent:
    """The same for an answer that names its intent, which is returned. It is made if need be.

    An intent that is made for an answer goes with it where that is refused.
    """
    named = wording.find_or_create_intent(bot, name, by=user)
    hand_in(item_id, user, replace(said, intent_id=named.pk), bot=bot)
    return named


@transaction.atomic
def hand_in_group_naming(name: str, user: User, said: GroupSaid, *, bot: Bot) -> GroupAnswer:
    """Give a group the intent that the answer names. It is made if need be, and goes with an
    answer that is refused."""
    named = wording.find_or_create_intent(bot, name, by=user)
    return answer_group(user, replace(said, intent_id=named.pk), bot=bot)
