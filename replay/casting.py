"""Who is in a replay: its bot, the people who label, the admin who decides, the bot's keys.

Passwords and keys are made anew each time, are known to this process alone, and are taken back at
the end.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from django.utils import timezone

from accounts import bots, keys, people, webhook_secrets
from accounts.models import ApiKey, Bot, Membership, User, WebhookSecret
from accounts.roles import Role
from annotation import configuring as review_configuring
from annotation import wording
from annotation.clashes import NotStored
from annotation.models import Intent
from ingest.configuring import change_intake
from ingest.embedding import encoder_of
from ingest.models import Conversation
from replay.models import Replay
from replay.wishing import Wishes
from training import configuring as training_configuring

KEY_NAME = "replay"
SPARE = 1.25  # picks that wait, for each label until the next training


class NotPossible(Exception):
    """`str()` of it says why there can be no replay, and what to do."""


@dataclass(frozen=True)
class Login:
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Cast:
    """The bot of a replay, and all who act in it."""

    bot: Bot
    admin: Login
    annotators: list[Login]
    token: str = field(repr=False)
    secret: str = field(repr=False)
    intents: dict[str, int]  # keys by name


def bot_for(slug: str) -> Bot:
    """The bot of that slug, made if there is none. Raise NotPossible if it has a life of its own.

    What is replayed stays: it would be mixed with what real users said.
    """
    bot = Bot.objects.filter(slug=slug).first()
    if bot is None:
        made = bots.create(name=slug, by=_operator())
        if made.slug != slug:
            raise NotPossible(
                f"No bot can be called {slug} in addresses: write small letters, digits and "
                f"hyphens, such as {made.slug}, which was made now."
            )
        return made
    is_own = Replay.objects.of(bot).exists()
    if not is_own and Conversation.objects.of(bot).exists():
        raise NotPossible(
            f"{bot.name} has conversations of its own, and a replay would mix with them. Name a "
            "bot that is not there yet: it is made."
        )
    return bot


def _operator() -> User:
    operator: User | None = User.objects.operators().order_by("pk").first()
    if operator is None:
        raise NotPossible("Nobody runs this install yet: start ./loop up once, then replay.")
    return operator


def cast(bot: Bot, *, wishes: Wishes, intents: list[str]) -> Cast:
    """Make all that a replay needs, or give it new passwords. Raise NotPossible."""
    operator = _operator()
    admin = _person(bot, f"{bot.slug}-admin", Role.ADMIN, by=operator)
    annotators = [
        _person(bot, f"{bot.slug}-annotator-{number}", Role.ANNOTATOR, by=operator)
        for number in range(1, wishes.annotators + 1)
    ]
    take_keys_back(bot)
    _configure(bot, wishes, by=operator)
    return Cast(
        bot,
        admin,
        annotators,
        token=keys.issue(bot, name=KEY_NAME, scopes=["predict", "feedback"], by=operator).token,
        secret=webhook_secrets.issue(bot, by=operator).text,
        intents={name: _intent(bot, name, by=operator).pk for name in intents},
    )


def take_keys_back(bot: Bot) -> None:
    operator = _operator()
    for key in ApiKey.objects.of(bot).live(at=timezone.now()).filter(name=KEY_NAME):
        keys.revoke(key, by=operator)
    for secret in WebhookSecret.objects.of(bot).live():
        webhook_secrets.revoke(secret, by=operator)


def _person(bot: Bot, username: str, role: Role, *, by: User) -> Login:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = people.create(username=username, by=by).user
    elif not Membership.objects.of(bot).filter(user=user).exists():
        raise NotPossible(f"There is somebody called {username}, who does not work on {bot.name}.")
    Membership.objects.get_or_create(bot=bot, user=user, defaults={"role": role})
    password = secrets.token_urlsafe(24)
    people.change_own_password(user, password=password)
    return Login(username, password)


def _intent(bot: Bot, name: str, *, by: User) -> Intent:
    try:
        return wording.find_or_create_intent(bot, name, by=by)
    except NotStored as sentence:
        raise NotPossible(f"No intent can be called {name}. {sentence}") from sentence


def _configure(bot: Bot, wishes: Wishes, *, by: User) -> None:
    """The trigger, and a queue that holds what is labelled until it strikes."""
    training_configuring.change_training(
        bot,
        by=by,
        encoder=encoder_of(bot).name,
        after_labels=wishes.per_training,
        budget=wishes.budget,
    )
    stock = round(wishes.per_training * (3 if wishes.at_random else SPARE))
    review_configuring.change_review(
        bot,
        by=by,
        random_stock=stock,
        audit_percent=wishes.audit,
        novelty_percent=wishes.novelty,
        second_opinion_percent=0,  # two who read from the same file agree
    )
    if wishes.at_random:
        change_intake(bot, by=by, audit_percent=wishes.audit)
