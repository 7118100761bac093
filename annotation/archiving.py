"""Taking intents and entity types out of use, and back. Nothing that has them is touched."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.security_log import record
from annotation.clashes import Word, clashes_told, locked, refuse_a_sixth_critical
from annotation.models import Intent


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
    if isinstance(word, Intent) and word.critical:
        refuse_a_sixth_critical(word.bot, besides=word)
    archived = type(word).objects.archived().filter(pk=word.pk)
    with clashes_told(type(word), word.bot, name=word.name, key=word.key):
        changed = archived.update(archived_at=None)
    if changed:
        _record("brought_back", word, by=by)


def _record(what: str, word: Word, *, by: User) -> None:
    kind = "intent" if isinstance(word, Intent) else "entity_type"
    record(f"{kind}_{what}", by=by, bot_id=word.bot_id, **{f"{kind}_id": word.pk})
