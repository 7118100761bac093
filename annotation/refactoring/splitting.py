"""Splitting an intent: labels are picked from a list, and go to another intent that is new or not.

What is picked is kept with a draft, so that picking can take as long as it takes.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from annotation import aliases, wording
from annotation.clashes import NotStored, locked, name_taken
from annotation.models import GoldLabel, Intent, IntentChange, SplitPick
from annotation.models.answers import GoldLabelQuerySet
from annotation.refactoring import examples
from annotation.refactoring.beginning import (
    IS_ARCHIVED,
    ITSELF,
    record_change,
    refuse_under_way,
    start_job,
)
from annotation.refactoring.moving import run
from ingest.models import Text
from ml.normalising import normalised

Kind, State = IntentChange.Kind, IntentChange.State

MOST_AT_ONCE = 100_000  # labels that are picked by words with one click

NOTHING_PICKED = "No label is picked yet. Pick those that go to “{name}”, then split."


PICK = """
INSERT INTO annotation_splitpick (change_id, gold_label_id) SELECT %s, unnest(%s::bigint[])
ON CONFLICT DO NOTHING
"""


class NoDraft(Exception):
    """Somebody has begun, or dropped, this split meanwhile."""


@transaction.atomic
def draft(intent: Intent, name: str, *, by: User) -> IntentChange:
    """Begin to pick labels of `intent` that go to the intent called `name`. Raise NotStored."""
    intent = locked(intent)
    if intent.archived_at:
        raise NotStored(IS_ARCHIVED.format(name=intent.name))
    into = _target(intent, name)
    return IntentChange.objects.create(
        bot=intent.bot,
        kind=Kind.SPLIT,
        state=State.DRAFT,
        intent=intent,
        into=into,
        old_name=intent.name,
        new_name=into.name if into else name,
        created_by=by,
    )


def _target(intent: Intent, name: str) -> Intent | None:
    """The intent of that name; None if it has to be made. Raise NotStored."""
    found = aliases.meant(intent.bot, name) or Intent.objects.of(intent.bot).called(name).first()
    if found is None:
        return None
    if found.pk == intent.pk:
        raise NotStored(ITSELF.format(name=name).replace("merged", "split"))
    if found.archived_at:
        raise name_taken(found)
    return found


def labels_of(change: IntentChange, *, words: str = "") -> GoldLabelQuerySet:
    """The labels that can be picked, of turns that say each of `words`."""
    found = GoldLabel.objects.current().filter(bot=change.bot, intent=change.intent)
    for word in words.split():
        found = found.filter(turn__text__icontains=word)
    return found


def picked(change: IntentChange) -> GoldLabelQuerySet:
    """Those that are picked, and have not been answered anew since."""
    return labels_of(change).filter(pk__in=_picks(change))


def _picks(change: IntentChange) -> QuerySet[SplitPick, int]:
    return SplitPick.objects.filter(change=change).values_list("gold_label", flat=True)


@transaction.atomic
def pick(change: IntentChange, labels: Sequence[int], *, shown: Sequence[int]) -> None:
    """Of the labels that were `shown`, pick those, and no others. Raise NoDraft."""
    _hold(change)
    keys = labels_of(change).filter(pk__in=labels).values_list("pk", flat=True)
    SplitPick.objects.filter(change=change, gold_label__in=set(shown) - set(labels)).delete()
    _add(change, list(keys))


@transaction.atomic
def pick_all(change: IntentChange, *, words: str) -> int:
    """Pick all that say each of `words`, 100,000 at once; how many were new. Raise NoDraft."""
    _hold(change)
    others = labels_of(change, words=words).exclude(pk__in=_picks(change)).order_by("pk")
    keys = list(others.values_list("pk", flat=True)[:MOST_AT_ONCE])
    _add(change, keys)
    return len(keys)


@transaction.atomic
def pick_none(change: IntentChange) -> None:
    _hold(change)
    SplitPick.objects.filter(change=change).delete()


@transaction.atomic
def drop(change: IntentChange) -> None:
    """Forget a draft. Raise NoDraft."""
    _hold(change)
    IntentChange.objects.filter(pk=change.pk).delete()


@transaction.atomic
def split(change: IntentChange, *, by: User, ask_again: bool) -> None:
    """Carry out a draft: a job moves what was picked. Raise NotStored or NoDraft."""
    intent = locked(change.intent)
    _hold(change)
    refuse_under_way(change.bot)
    if intent.archived_at:
        raise NotStored(IS_ARCHIVED.format(name=intent.name))
    if not picked(change).exists():
        raise NotStored(NOTHING_PICKED.format(name=change.new_name))
    # Somebody may have made, or renamed, an intent so that it is called like that by now.
    into = locked(change.into) if change.into else _target(intent, change.new_name)
    if into and into.archived_at:
        raise NotStored(IS_ARCHIVED.format(name=into.name))
    made = into or wording.create_intent(
        change.bot, name=change.new_name, by=by, colour=intent.colour
    )
    before = {"made": into is None, "examples": _part_examples(change, intent, made)}
    mine = IntentChange.objects.filter(pk=change.pk)
    mine.update(
        state=State.WORKING, into=made, ask_again=ask_again, before=before, began_at=Now(),
        old_name=intent.name, new_name=made.name, created_by=by,
    )  # fmt: skip
    change.refresh_from_db()
    record_change(change, by=by)
    start_job(change, by=by)


def _part_examples(
    change: IntentChange, intent: Intent, into: Intent
) -> list[tuple[int, list[examples.Row], list[examples.Row]]]:
    """Let examples that belong go along whose text is picked; what stood, and stands."""
    had, theirs = examples.rows_of(intent), examples.rows_of(into)
    said = {normalised(text): text for text, belongs, _ in had if belongs}
    texts = Text.objects.filter(text__in=list(said), pk__in=picked(change).values("text"))
    gone = {said[text] for text in texts.values_list("text", flat=True)}
    if not gone:
        return []
    stays = [row for row in had if row[0] not in gone]
    comes = examples.joined(theirs, [row for row in had if row[0] in gone])
    examples.put(intent, stays)
    examples.put(into, comes)
    return [(intent.pk, had, stays), (into.pk, theirs, comes)]


def _add(change: IntentChange, labels: Sequence[int]) -> None:
    run(PICK, [change.pk, list(labels)])


def _hold(change: IntentChange) -> None:
    """Keep others from beginning it until the transaction ends. Raise NoDraft."""
    mine = IntentChange.objects.select_for_update().filter(pk=change.pk, state=State.DRAFT)
    if not mine.exists():
        raise NoDraft
