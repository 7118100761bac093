"""Putting back what stood before a change of intents. What was changed since stays, and is said."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from annotation import aliases, carrying
from annotation.clashes import (
    MOST_CRITICAL,
    NotStored,
    clashes_told,
    lock_words,
    locked,
    name_taken,
)
from annotation.models import AskedAgain, GoldLabel, Intent, IntentAlias, IntentChange, SplitPick
from annotation.refactoring import examples
from annotation.refactoring.beginning import record_change, refuse_under_way, start_job

Kind, State = IntentChange.Kind, IntentChange.State

TOO_LATE = "It cannot be undone any more: 30 days have passed since."
NOT_STANDING = "There is nothing to undo: it was undone already, or never begun."
AT_WORK = "It is still at work. Wait until it is done, or cancel its job, then undo it."
LATER_FIRST = "Undo the {kind} of “{name}” first: it went on with what this one left."
RENAMED_SINCE = "It is called “{name}” by now, so there is nothing to undo."

LABELS_STAY = "{number:,} {labels} stood on this were answered anew since, and stay as they are."
GIVEN_SINCE = "{number:,} {labels} given to “{name}” since then, and {stay} with it."
ITEMS_STAY = "{number:,} {turns} answered, or joined by others, since then, and {stay} as they are."
EXAMPLES_STAY = "The examples of “{name}” were changed since, and stay as they are."
WITHOUT_KEY = "“{name}” came back without its key {key}, which chooses “{holder}” by now."
WITHOUT_MARK = "“{name}” came back without its mark: five other intents are critical by now."
MADE_STAYS = "“{name}” stays in use, because it has labels of its own by now."


class NotUndone(Exception):
    """Nothing was changed. `str()` of it says why."""


@transaction.atomic
def undo(change: IntentChange, *, by: User) -> None:
    """Have a change undone: of a rename at once, else by a job. Raise NotUndone or NotStored."""
    lock_words(change.bot)
    change = IntentChange.objects.select_related("job", "bot").get(pk=change.pk)
    _refuse(change)
    mine = IntentChange.objects.filter(pk=change.pk)
    mine.update(state=State.UNDOING, undone_by=by, undone_at=timezone.now())
    record_change(change, by=by, undone=True)
    if change.kind == Kind.RENAME:
        put_back(change)
    else:
        start_job(change, by=by)


def _refuse(change: IntentChange) -> None:
    if change.is_at_work:
        raise NotUndone(AT_WORK)
    if change.state not in (State.DONE, State.WORKING):
        raise NotUndone(NOT_STANDING)
    if timezone.now() > change.undone_until:
        raise NotUndone(TOO_LATE)
    if change.state == State.DONE:
        refuse_under_way(change.bot)
    later = _later(change)
    if later is not None:
        kind = later.get_kind_display().lower()
        raise NotUndone(LATER_FIRST.format(kind=kind, name=later.old_name))


def _later(change: IntentChange) -> IntentChange | None:
    """A standing change that went on with what this one left."""
    touched = Q(intent=change.intent_id) | Q(into=change.intent_id)
    if change.into_id:
        touched |= Q(intent=change.into_id) | Q(into=change.into_id)
    found = IntentChange.objects.of(change.bot).standing().filter(touched, pk__gt=change.pk)
    if change.kind != Kind.RENAME:
        found = found.exclude(kind=Kind.RENAME)
    return found.newest_first().first()


@transaction.atomic
def put_back(change: IntentChange) -> None:
    """Put back all but labels and items, and say what stays. Raise NotStored."""
    lock_words(change.bot)
    change = IntentChange.objects.select_related("bot", "undone_by").get(pk=change.pk)
    told = list(RESTORERS[Kind(change.kind)](change))
    IntentChange.objects.filter(pk=change.pk).update(state=State.UNDONE, told=told)


# ── each kind ─────────────────────────────────────────────────────────────────────────


def _rename_back(change: IntentChange) -> Iterator[str]:
    intent = locked(change.intent)
    if intent.name != change.new_name:
        raise NotStored(RENAMED_SINCE.format(name=intent.name))
    found = Intent.objects.of(change.bot).called(change.old_name).exclude(pk=intent.pk).first()
    if found:
        raise name_taken(found)
    aliases.refuse_taken(change.bot, change.old_name, besides=intent)
    aliases.let_go(change.bot, change.old_name)
    with clashes_told(Intent, change.bot, name=change.old_name, key=""):
        Intent.objects.filter(pk=intent.pk).update(name=change.old_name)
    for name in change.before["was_alias"]:
        aliases.remember(change, intent, name, merged=None)
    yield from ()


def _part_again(change: IntentChange) -> Iterator[str]:
    source, into = locked(change.intent), locked(_into(change))
    before = change.before
    IntentAlias.objects.filter(merged=source).delete()
    IntentAlias.objects.filter(pk__in=before["aliases"], intent=into).update(intent=source)
    yield from _told_of_labels(change)
    if into.critical == (before["critical"] or source.critical):
        Intent.objects.filter(pk=into.pk).update(critical=before["critical"])
    if before["archived_at"] is None and source.archived_at:
        yield from _bring_back(source)
    yield from _put_back_examples(change)
    yield from _bring_back_carried(change)


def _join_again(change: IntentChange) -> Iterator[str]:
    into = locked(_into(change))
    yield from _told_of_labels(change)
    stays = AskedAgain.objects.filter(change=change).count()
    if stays:
        turns = "turn was" if stays == 1 else "turns were"
        yield ITEMS_STAY.format(number=stays, turns=turns, stay=_stay(stays))
    yield from _put_back_examples(change)
    yield from _bring_back_carried(change)
    SplitPick.objects.filter(change=change).delete()
    if change.before["made"]:
        if GoldLabel.objects.of(change.bot).current().filter(intent=into).exists():
            yield MADE_STAYS.format(name=into.name)
        else:
            in_use = Intent.objects.in_use().filter(pk=into.pk)
            in_use.update(archived_at=timezone.now())


RESTORERS = {Kind.RENAME: _rename_back, Kind.MERGE: _part_again, Kind.SPLIT: _join_again}


# ── what they share ───────────────────────────────────────────────────────────────────


def _into(change: IntentChange) -> Intent:
    assert change.into is not None  # noqa: S101  # for the types: of a merge or a split
    return change.into


def _told_of_labels(change: IntentChange) -> Iterator[str]:
    """Labels that were answered anew, and those that the other intent got since."""
    answered = GoldLabel.objects.filter(replaced_by__change=change).count()
    if answered:
        labels = "label that" if answered == 1 else "labels that"
        yield LABELS_STAY.format(number=answered, labels=labels)
    into, since = _into(change), change.began_at or change.created_at
    current = GoldLabel.objects.of(change.bot).current().filter(intent=into)
    given = current.filter(change=None, created_at__gte=since).count()
    if given:
        labels = "label was" if given == 1 else "labels were"
        yield GIVEN_SINCE.format(number=given, labels=labels, name=into.name, stay=_stay(given))


def _stay(number: int) -> str:
    return "stays" if number == 1 else "stay"


def _bring_back(intent: Intent) -> Iterator[str]:
    """Let people choose it again, without what was given away meanwhile."""
    in_use = Intent.objects.of(intent.bot).in_use()
    fields: dict[str, str | bool | datetime | None] = {"archived_at": None}
    holder = in_use.filter(key=intent.key).first() if intent.key else None
    if holder:
        fields["key"] = ""
        yield WITHOUT_KEY.format(name=intent.name, key=intent.key, holder=holder.name)
    if intent.critical and in_use.filter(critical=True).count() >= MOST_CRITICAL:
        fields["critical"] = False
        yield WITHOUT_MARK.format(name=intent.name)
    Intent.objects.filter(pk=intent.pk).update(**fields)


def _put_back_examples(change: IntentChange) -> Iterator[str]:
    for key, had, after in change.before["examples"]:
        intent = Intent.objects.get(pk=key)
        if [list(row) for row in examples.rows_of(intent)] == after:
            examples.put(intent, had)
        else:
            yield EXAMPLES_STAY.format(name=intent.name)


def _bring_back_carried(change: IntentChange) -> Iterator[str]:
    by = change.undone_by or change.created_by
    for each, what in zip(carrying.CARRIERS, change.before.get("carried", []), strict=False):
        yield from each.bring_back(change, what, by)
