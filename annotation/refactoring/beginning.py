"""Renaming, merging and splitting intents: what is done at once, before a job moves labels.

Nobody can choose what is merged away from the moment on in which that is stored; those who were
just choosing it are waited for. So a job that comes later finds all labels there will ever be.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Bot, User
from accounts.security_log import record
from annotation import aliases, spelling
from annotation.clashes import (
    ChangedMeanwhile,
    NotStored,
    clashes_told,
    lock_words,
    locked,
    name_taken,
)
from annotation.models import Intent, IntentChange
from annotation.refactoring import examples, previewing
from jobs import requesting

Kind, State = IntentChange.Kind, IntentChange.State

CHANGE = "change_intents"

ITSELF = "“{name}” cannot be merged into itself. Choose another intent."
IS_ARCHIVED = "“{name}” is archived, so nobody can choose it. Bring it back first, or take another."
SAME_NAME = "It is called “{name}” already. Take another name."
NO_INTENT = "There is no intent in use that is called “{name}”. Choose one from the list."
UNDER_WAY = (
    "Nothing was changed: the {kind} of “{name}” that {who} began is not over yet. Wait until it "
    "is, or look at it under Changes, then try again."
)


class UnderWay(NotStored):
    """Another change of intents is not over yet."""

    field = "__all__"


@transaction.atomic
def rename(intent: Intent, name: str, *, by: User, seen: str | None = None) -> IntentChange:
    """Call an intent otherwise; the old name goes on meaning it.

    Raise NotStored, or ChangedMeanwhile if `seen` is the fingerprint of something else.
    """
    intent = locked(intent)
    _refuse_changed(seen, intent)
    refuse_under_way(intent.bot)
    aliases.refuse_merged(intent)
    check_name(intent, name)
    old = intent.name
    before = {"was_alias": [each.name for each in aliases.let_go(intent.bot, name)]}
    with clashes_told(Intent, intent.bot, name=name, key=""):
        Intent.objects.filter(pk=intent.pk).update(name=name)
    change = _begun(Kind.RENAME, intent, names=(old, name), by=by, before=before, done=True)
    if old.lower() != name.lower():
        aliases.remember(change, intent, old, merged=None)
    return change


def check_name(intent: Intent, name: str) -> None:
    """Raise NotStored if `intent` cannot be called `name`."""
    if name == intent.name:
        raise NotStored(SAME_NAME.format(name=name))
    found = Intent.objects.of(intent.bot).called(name).exclude(pk=intent.pk).first()
    if found:
        raise name_taken(found)
    aliases.refuse_taken(intent.bot, name, besides=intent)


@transaction.atomic
def merge(intent: Intent, into: Intent, *, by: User, seen: str | None = None) -> IntentChange:
    """Give all that `intent` has to `into`, and archive it. A job moves the labels.

    Raise NotStored or ChangedMeanwhile, as above.
    """
    intent, into = locked(intent), locked(into)
    _refuse_changed(seen, intent, into)
    refuse_under_way(intent.bot)
    aliases.refuse_merged(intent)
    check_target(intent, into)
    had, own = examples.rows_of(into), examples.rows_of(intent)
    after = examples.joined(had, own)
    before = {
        "archived_at": _told(intent.archived_at),
        "aliases": aliases.hand_on(intent, into),
        "critical": into.critical,
        "examples": [[into.pk, had, after]],
    }
    Intent.objects.in_use().filter(pk=intent.pk).update(archived_at=timezone.now())
    Intent.objects.filter(pk=into.pk).update(critical=into.critical or intent.critical)
    examples.put(into, after)
    names = (intent.name, into.name)
    change = _begun(Kind.MERGE, intent, into=into, names=names, by=by, before=before)
    aliases.remember(change, into, intent.name, merged=intent)
    start_job(change, by=by)
    return change


def check_target(intent: Intent, into: Intent) -> None:
    """Raise NotStored if labels of `intent` cannot go to `into`."""
    if intent.pk == into.pk:
        raise NotStored(ITSELF.format(name=intent.name))
    if into.archived_at:
        raise NotStored(IS_ARCHIVED.format(name=into.name))


def target_called(bot: Bot, name: str) -> Intent:
    """The intent in use that is, or was, called `name`. Raise NotStored without one."""
    try:
        spelt = spelling.name(name)
    except spelling.Misspelt as sentence:
        raise NotStored(str(sentence)) from sentence
    found = aliases.meant(bot, spelt) or Intent.objects.of(bot).called(spelt).first()
    if found is None:
        raise NotStored(NO_INTENT.format(name=spelt))
    if found.archived_at:
        raise NotStored(IS_ARCHIVED.format(name=found.name))
    return found


@transaction.atomic
def go_on(change: IntentChange, *, by: User) -> None:
    """Have a job do what is left of a change that was stopped. Twice does no harm."""
    lock_words(change.bot)
    change = IntentChange.objects.select_related("job", "bot").get(pk=change.pk)
    if change.was_stopped:
        start_job(change, by=by)


# ── what they share ───────────────────────────────────────────────────────────────────


def refuse_under_way(bot: Bot) -> None:
    """Raise UnderWay while labels of another change move. Asks under the lock of `lock_words`."""
    other = IntentChange.objects.of(bot).under_way().select_related("created_by").first()
    if other is not None:
        kind, who = other.get_kind_display().lower(), other.created_by.shown_name
        raise UnderWay(UNDER_WAY.format(kind=kind, name=other.old_name, who=who))


def start_job(change: IntentChange, *, by: User) -> None:
    """Have a job do what is left of `change`."""
    job = requesting.request(CHANGE, object_id=change.pk, bot=change.bot, by=by)
    IntentChange.objects.filter(pk=change.pk).update(job=job)
    change.job = job


def _begun(
    kind: IntentChange.Kind,
    intent: Intent,
    *,
    names: tuple[str, str],
    by: User,
    before: dict[str, Any],
    into: Intent | None = None,
    done: bool = False,
) -> IntentChange:
    now = timezone.now()
    change = IntentChange.objects.create(
        bot=intent.bot,
        kind=kind,
        state=State.DONE if done else State.WORKING,
        intent=intent,
        into=into,
        old_name=names[0],
        new_name=names[1],
        before=before,
        created_by=by,
        began_at=now,
        done_at=now if done else None,
    )
    record_change(change, by=by)
    return change


def record_change(change: IntentChange, *, by: User, undone: bool = False) -> None:
    ids = {"bot_id": change.bot_id, "intent_id": change.intent_id, "change_id": change.pk}
    record(f"intent_{change.kind}{'_undone' if undone else ''}", by=by, **ids)


def _refuse_changed(seen: str | None, *intents: Intent) -> None:
    if seen is not None and previewing.fingerprint(*intents) != seen:
        raise ChangedMeanwhile


def _told(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
