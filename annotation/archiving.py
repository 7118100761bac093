"""Taking intents and entity types out of use, and back. Nothing that has them is touched."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.security_log import record
from annotation.clashes import NotStored, Word, clashes_told, locked, refuse_a_sixth_critical
from annotation.models import Intent, IntentAlias, IntentChange

MOVING = (
    "“{name}” is being changed in this moment. Look under Changes how far that is, and try again."
)


@transaction.atomic
def archive(word: Word, *, by: User) -> None:
    """Let nobody choose `word` from now on. Harmless if it was archived before."""
    in_use = type(word).objects.in_use().filter(pk=word.pk)
    if in_use.update(archived_at=timezone.now()):
        _record("archived", word, by=by)


@transaction.atomic
def bring_back(word: Word, *, by: User) -> None:
    """Let people choose `word` again; raise NotStored if its key or its mark was given away."""
    word = locked(word)
    if isinstance(word, Intent):
        _part_from_another(word)
    archived = type(word).objects.archived().filter(pk=word.pk)
    with clashes_told(type(word), word.bot, name=word.name, key=word.key):
        changed = archived.update(archived_at=None)
    if changed:
        _record("brought_back", word, by=by)


def _part_from_another(intent: Intent) -> None:
    """Let the name of a merged intent be its own again. Labels stay where they are."""
    if intent.critical:
        refuse_a_sixth_critical(intent.bot, besides=intent)
    if IntentChange.objects.of(intent.bot).under_way().about(intent).exists():
        raise NotStored(MOVING.format(name=intent.name))
    IntentAlias.objects.filter(merged=intent).delete()


def _record(what: str, word: Word, *, by: User) -> None:
    kind = "intent" if isinstance(word, Intent) else "entity_type"
    record(f"{kind}_{what}", by=by, bot_id=word.bot_id, **{f"{kind}_id": word.pk})
