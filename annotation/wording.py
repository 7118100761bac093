"""Making and changing intents and entity types: the words that people choose from."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.models import Bot, User
from accounts.security_log import record
from annotation import aliases, spelling
from annotation.clashes import (
    Archived,
    ChangedMeanwhile,
    NameTaken,
    NotStored,
    Word,
    clashes_told,
    lock_words,
    locked,
    refuse_a_sixth_critical,
)
from annotation.models import EntityType, Intent, IntentExample

# A text that looks as if it belonged, and the reason why it does not.
Bad = tuple[str, str]

CANNOT_BE_CHOSEN = (
    "“{name}” is archived, so it cannot be chosen. A reviewer can bring it back on its page."
)


@transaction.atomic
def create_intent(
    bot: Bot,
    *,
    name: str,
    by: User | None,
    good: Sequence[str] = (),
    bad: Sequence[Bad] = (),
    **fields: Any,
) -> Intent:
    """Make an intent of fields in order (annotation/spelling.py); raise NotStored."""
    lock_words(bot)
    aliases.refuse_taken(bot, name)
    if fields.get("critical"):
        refuse_a_sixth_critical(bot)
    with clashes_told(Intent, bot, name=name, key=fields.get("key", "")):
        intent = Intent.objects.create(bot=bot, name=name, created_by=by, **fields)
    IntentExample.objects.bulk_create(examples(intent, good, bad))
    record("intent_created", by=by, bot_id=bot.pk, intent_id=intent.pk)
    return intent


@transaction.atomic
def change_intent(
    intent: Intent,
    *,
    by: User,
    good: Sequence[str],
    bad: Sequence[Bad],
    seen: str | None = None,
    **fields: Any,
) -> None:
    """Store fields other than the name, and all examples; raise NotStored.

    `seen` is the `fingerprint` of what was changed: raise ChangedMeanwhile if it is another now.
    """
    intent = locked(intent)
    _refuse_changed(intent, seen)
    if fields.get("critical") and not intent.archived_at:
        refuse_a_sixth_critical(intent.bot, besides=intent)
    with clashes_told(Intent, intent.bot, name=intent.name, key=fields.get("key", "")):
        Intent.objects.filter(pk=intent.pk).update(**fields)
    intent.examples.all().delete()
    IntentExample.objects.bulk_create(examples(intent, good, bad))
    record("intent_changed", by=by, bot_id=intent.bot_id, intent_id=intent.pk)


@transaction.atomic
def create_entity_type(bot: Bot, *, name: str, by: User | None, **fields: Any) -> EntityType:
    """Make an entity type of fields in order (annotation/spelling.py); raise NotStored."""
    lock_words(bot)
    with clashes_told(EntityType, bot, name=name, key=fields.get("key", "")):
        made = EntityType.objects.create(bot=bot, name=name, created_by=by, **fields)
    record("entity_type_created", by=by, bot_id=bot.pk, entity_type_id=made.pk)
    return made


@transaction.atomic
def change_entity_type(
    entity_type: EntityType, *, by: User, seen: str | None = None, **fields: Any
) -> None:
    """Store fields other than the name; raise NotStored, or ChangedMeanwhile as above."""
    entity_type = locked(entity_type)
    _refuse_changed(entity_type, seen)
    key = fields.get("key", "")
    with clashes_told(EntityType, entity_type.bot, name=entity_type.name, key=key):
        EntityType.objects.filter(pk=entity_type.pk).update(**fields)
    ids = {"bot_id": entity_type.bot_id, "entity_type_id": entity_type.pk}
    record("entity_type_changed", by=by, **ids)


def find_or_create_intent(bot: Bot, name: str, *, by: User) -> Intent:
    """The intent in use that is, or was, called so, whatever the capitals; made if there is none.

    Raise Archived if it is there and nobody may choose it, NotStored if no intent can be
    called so. Both say in words what to do.
    """
    try:
        spelt = spelling.name(name)
    except spelling.Misspelt as sentence:
        raise NotStored(str(sentence)) from sentence
    found = aliases.meant(bot, spelt) or Intent.objects.of(bot).called(spelt).first()
    if found is None:
        try:
            return create_intent(bot, name=spelt, by=by)
        except NameTaken:  # at the same moment
            found = Intent.objects.of(bot).called(spelt).get()
    if found.archived_at:
        raise Archived(CANNOT_BE_CHOSEN.format(name=found.name))
    return found


def examples(intent: Intent, good: Sequence[str], bad: Sequence[Bad]) -> list[IntentExample]:
    """Rows in the order in which they were typed, those that belong first."""
    told = [(text, True, "") for text in good] + [(text, False, reason) for text, reason in bad]
    return [
        IntentExample(intent=intent, text=text, belongs=belongs, reason=reason, place=place)
        for place, (text, belongs, reason) in enumerate(told)
    ]


def fingerprint(word: Word) -> str:
    """Stands for all that can be changed of `word`, as it is stored now."""
    said: list[object] = [word.title, word.guideline, word.colour, word.key]
    if isinstance(word, Intent):
        rows = word.examples.values_list("text", "belongs", "reason")
        said += [word.critical, *rows]
    return sha256(repr(said).encode()).hexdigest()


def _refuse_changed(word: Word, seen: str | None) -> None:
    if seen is not None and fingerprint(word) != seen:
        raise ChangedMeanwhile
