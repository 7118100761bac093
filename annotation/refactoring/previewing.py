"""What a change of intents would touch, before it is begun: nothing is stored in here."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.db.models.functions import Lower

from annotation import aliases, carrying, spelling
from annotation.models import Annotation, GoldLabel, Intent, IntentChange, ReviewItem
from annotation.refactoring import examples

Kind = IntentChange.Kind

CRITICAL = "“{into}” becomes critical, as “{name}” is."
GUIDELINE = "The guideline of “{into}” stays as it is. That of “{name}” is still on its page."
KEY = "The key {key} chooses nothing from then on."
CUT = "“{into}” gets {kept:,} examples and no more; {lost:,} stay with “{name}”."
HELD = "Who is answering “{name}” in this moment is told to choose another; nothing typed is lost."
ALSO = "Bots and model versions that still answer “{name}” are understood as “{into}”."
RENAMED = "Bots and model versions that still answer “{old}” are understood as “{new}”."
SAME_NAME = "Only capitals change: for bots it is the same name."


@dataclass(frozen=True)
class Figure:
    label: str
    number: int


@dataclass(frozen=True)
class Preview:
    figures: list[Figure]
    notes: list[str]
    seen: str  # stands for what was shown: see `fingerprint`


def of_rename(intent: Intent, name: str) -> Preview:
    same = name.casefold() == intent.name.casefold()
    note = SAME_NAME if same else RENAMED.format(old=intent.name, new=name)
    return Preview(_figures(intent), [note, *_notes_of_carriers(intent)], fingerprint(intent))


def of_merge(intent: Intent, into: Intent) -> Preview:
    notes = [*_notes_of_merge(intent, into), *_notes_of_carriers(intent)]
    return Preview(_figures(intent), notes, fingerprint(intent, into))


def fingerprint(*intents: Intent) -> str:
    """Stands for what people decide by: the same until somebody renames or archives one."""
    told = [(each.pk, each.name, each.archived_at is None) for each in intents]
    return sha256(repr(told).encode()).hexdigest()


def _figures(intent: Intent) -> list[Figure]:
    current = GoldLabel.objects.of(intent.bot).current().filter(intent=intent)
    return [
        Figure("Labels", current.count()),
        Figure("Waiting with this guess", _guessed(intent)),
        Figure("Waiting with this answer", _answered(intent)),
        Figure("Examples", intent.examples.count()),
        *(Figure(each.label, each.count(intent)) for each in carrying.CARRIERS),
    ]


def _guessed(intent: Intent) -> int:
    """Open items whose best guess is the intent, by any of its names."""
    names = [intent.name.lower(), *aliases.old_names([intent]).get(intent.pk, [])]
    waiting = ReviewItem.objects.of(intent.bot).open().annotate(guessed=Lower("guess"))
    return waiting.filter(guessed__in=names).count()


def _answered(intent: Intent) -> int:
    """Open items of which somebody has said it, and that wait for somebody else."""
    said = Annotation.objects.standing().filter(intent=intent).values("item")
    waiting = ReviewItem.objects.of(intent.bot).open()
    lanes = [ReviewItem.Lane.SECOND, ReviewItem.Lane.REVIEWER]
    return waiting.filter(lane__in=lanes, pk__in=said).count()


def _notes_of_merge(intent: Intent, into: Intent) -> Iterator[str]:
    names = {"name": intent.name, "into": into.name}
    yield ALSO.format(**names)
    if intent.guideline:
        yield GUIDELINE.format(**names)
    if intent.critical and not into.critical:
        yield CRITICAL.format(**names)
    if intent.key and not intent.archived_at:
        yield KEY.format(key=intent.key)
    both = examples.everything_of(examples.rows_of(into), examples.rows_of(intent))
    if len(both) > spelling.MOST_EXAMPLES:
        lost = len(both) - spelling.MOST_EXAMPLES
        yield CUT.format(kept=spelling.MOST_EXAMPLES, lost=lost, **names)
    if not intent.archived_at:
        yield HELD.format(**names)


def _notes_of_carriers(intent: Intent) -> list[str]:
    return [note for each in carrying.CARRIERS for note in each.notes(intent)]
