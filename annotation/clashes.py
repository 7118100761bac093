"""What keeps an intent or entity type from being stored, in words for whoever wanted it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from django.db import IntegrityError, transaction

from accounts.models import Bot
from annotation.models import EntityType, Intent

MOST_CRITICAL = 5

NAME_CONSTRAINTS = {"one_intent_per_bot_and_name", "one_entity_type_per_bot_and_name"}
KEY_CONSTRAINTS = {"one_intent_per_bot_and_key", "one_entity_type_per_bot_and_key"}

IN_USE = "“{name}” is there already. Open that one, or take another name."
IS_ARCHIVED = (
    "“{name}” is archived. Bring it back instead of making it again, or take another name."
)
KEY_TAKEN = "The key {key} chooses “{name}” already. Take another, or leave it out."
SIX_CRITICAL = (
    f"{MOST_CRITICAL} intents are critical already, and each of them can hold up a new model "
    "version. Take the mark from one of them first."
)
CHANGED = (
    "Nothing was saved: somebody changed this since you opened it. What you typed is still here. "
    "Look at their version in a second tab, then save again to replace it with yours."
)

Word = Intent | EntityType
Kind = TypeVar("Kind", bound=Intent | EntityType)


class NotStored(Exception):
    """Nothing was stored. `str()` of it says what to do, and `field` where."""

    field = "name"


class NameTaken(NotStored):
    """Another of this bot is called so, capitals aside."""


class Archived(NotStored):
    """It is there, but nobody may choose it any more."""


class KeyTaken(NotStored):
    field = "key"


class TooManyCritical(NotStored):
    field = "critical"


class ChangedMeanwhile(Exception):
    """Somebody else changed the same intent or entity type after it was shown."""


def lock_words(bot: Bot) -> None:
    """Make those who change the words of `bot` wait for each other until their transaction ends."""
    Bot.objects.select_for_update(no_key=True).get(pk=bot.pk)


def locked(word: Kind) -> Kind:
    """`word` as it is stored now, and stays until the transaction ends."""
    lock_words(word.bot)
    return cast(Kind, type(word).objects.select_related("bot").get(pk=word.pk))


@contextmanager
def clashes_told(kind: type[Word], bot: Bot, *, name: str, key: str) -> Iterator[None]:
    """Raise NameTaken or KeyTaken where a constraint refuses what is written inside."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if broken in NAME_CONSTRAINTS:
            raise name_taken(kind.objects.of(bot).called(name).get()) from error
        if broken in KEY_CONSTRAINTS:
            holder = kind.objects.of(bot).in_use().get(key=key)
            raise KeyTaken(KEY_TAKEN.format(key=key, name=holder.name)) from error
        raise


def name_taken(word: Word) -> NameTaken:
    sentence = IS_ARCHIVED if word.archived_at else IN_USE
    return NameTaken(sentence.format(name=word.name))


def refuse_a_sixth_critical(bot: Bot, *, besides: Intent | None = None) -> None:
    """Raise TooManyCritical if five others are. Asks under the lock of `lock_words`."""
    critical = Intent.objects.of(bot).critical()
    others = critical.exclude(pk=besides.pk) if besides else critical
    if others.count() >= MOST_CRITICAL:
        raise TooManyCritical(SIX_CRITICAL)
