"""What an import would do, before it is done: nothing is stored in here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import prefetch_related_objects

from accounts.models import Bot
from annotation import aliases, spelling
from annotation.clashes import MOST_CRITICAL, Word
from annotation.exchange.entries import Entry, Pile, Refusal
from annotation.exchange.exporting import examples_of
from annotation.models import EntityType, Intent

MODELS: dict[str, type[Word]] = {"intent": Intent, "entity_type": EntityType}

EXAMPLES = {"good", "bad"}
KINDS = {"intent": "Intent", "entity_type": "Entity type"}
IN_WORDS = {"good": "texts that belong", "bad": "texts that do not"}

ARCHIVED = "It is archived. Bring it back on its page first, then send the file again."
OLD_NAME = "It is called “{name}” by now. Give it that name in the file, then send it again."
STANDS_TWICE = "It stands on line {line} already, capitals aside. Only that one counts."
SAME_KEY = "The key {key} would choose {names}. Give it to one of them, in the file or on its page."
CRITICAL = (
    "{number} intents would be critical, and five can be at most. Take the mark from the others, "
    "in the file or on their pages."
)


@dataclass(frozen=True)
class Step:
    """What becomes of one entry. `word` is what stands now, None if it is made."""

    entry: Entry
    word: Word | None
    changes: tuple[str, ...] = ()  # names of fields; `good` and `bad` are examples

    @property
    def is_new(self) -> bool:
        return self.word is None

    @property
    def kind_in_words(self) -> str:
        return KINDS[self.entry.kind]

    @property
    def what(self) -> list[str]:
        """What the file says of it, or what of that is new."""
        said = [name for name, value in self.entry.fields.items() if value]
        return [IN_WORDS.get(name, name) for name in (said if self.is_new else self.changes)]

    @property
    def examples(self) -> int:
        return len(self.entry.good or []) + len(self.entry.bad or [])

    @property
    def before(self) -> list[object]:
        """What stands now in the fields that change."""
        stands = [getattr(self.word, name) for name in self.changes if name not in EXAMPLES]
        if self.changes_examples and isinstance(self.word, Intent):
            stands += examples_of(self.word)
        return [*self.changes, *stands]

    @property
    def changes_examples(self) -> bool:
        return bool(EXAMPLES & set(self.changes))


@dataclass
class Plan:
    steps: list[Step]
    refusals: list[Refusal]
    notes: list[str]
    # Why nothing at all can be stored, although each entry is in order.
    obstacles: list[str] = field(default_factory=list)

    @property
    def new(self) -> list[Step]:
        return [step for step in self.steps if step.is_new]

    @property
    def changed(self) -> list[Step]:
        return [step for step in self.steps if step.changes]

    @property
    def unchanged(self) -> int:
        return len(self.steps) - len(self.new) - len(self.changed)

    @property
    def does_something(self) -> bool:
        return bool(self.new or self.changed) and not self.obstacles

    @property
    def fingerprint(self) -> str:
        """Stands for what would be done, and to what: the same until somebody changes that."""
        told = [(each.entry.kind, each.entry.name, each.is_new, each.before) for each in self.steps]
        return sha256(repr((told, self.obstacles)).encode()).hexdigest()


def plan(bot: Bot, pile: Pile) -> Plan:
    """Compare what a file says with what stands."""
    made = Plan([], list(pile.refusals), pile.notes)
    for kind in MODELS:
        entries = [entry for entry in pile.entries if entry.kind == kind]
        if entries:
            _plan_kind(bot, kind, entries, made)
    made.refusals.sort(key=lambda refusal: refusal.line)
    return made


def _plan_kind(bot: Bot, kind: str, entries: Sequence[Entry], made: Plan) -> None:
    entries = _without_old_names(bot, kind, entries, made)
    words: Any = MODELS[kind].objects.of(bot).comparable()
    standing: dict[str, Any] = {word.compared_name: word for word in words}
    first = _first_of_each(entries, made)
    if kind == "intent":
        prefetch_related_objects([standing[c] for c in first if c in standing], "examples")
    steps = [
        step
        for called, entry in first.items()
        if (step := _step(entry, standing.get(called), made))
    ]
    made.steps += steps
    made.obstacles += [*_same_keys(steps, standing), *_too_critical(steps, standing)]


def _without_old_names(
    bot: Bot, kind: str, entries: Sequence[Entry], made: Plan
) -> Sequence[Entry]:
    """Refuse what is called otherwise by now: else a second intent would come of it."""
    if kind != "intent":
        return entries
    known = aliases.names_now(bot)
    if not known:
        return entries
    kept = []
    for called, entry in zip(_in_lower_case([e.name for e in entries]), entries, strict=True):
        if called in known:
            made.refusals.append(Refusal(entry.line, "name", OLD_NAME.format(name=known[called])))
        else:
            kept.append(entry)
    return kept


def _first_of_each(entries: Sequence[Entry], made: Plan) -> dict[str, Entry]:
    """Entries by their name as the database compares it; a second one is refused."""
    first: dict[str, Entry] = {}
    for called, entry in zip(_in_lower_case([e.name for e in entries]), entries, strict=True):
        if called in first:
            sentence = STANDS_TWICE.format(line=first[called].line)
            made.refusals.append(Refusal(entry.line, "name", sentence))
        else:
            first[called] = entry
    return first


def _in_lower_case(names: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lower(name) FROM unnest(%s::text[]) WITH ORDINALITY AS t(name, place) "
            "ORDER BY place",
            [list(names)],
        )
        return [called for (called,) in cursor.fetchall()]


def _step(entry: Entry, word: Word | None, made: Plan) -> Step | None:
    if word is None:
        return Step(entry, None)
    if word.archived_at:
        made.refusals.append(Refusal(entry.line, "name", ARCHIVED))
        return None
    changes = [name for name, value in entry.fields.items() if getattr(word, name) != value]
    if isinstance(word, Intent):
        entry, examples = _with_all_examples(entry, word)
        if len(entry.good or []) + len(entry.bad or []) > spelling.MOST_EXAMPLES:
            number = len(entry.good or []) + len(entry.bad or [])
            sentence = spelling.TOO_MANY.format(number=number)
            made.refusals.append(Refusal(entry.line, "good", sentence))
            return None
        changes += examples
    return Step(entry, word, tuple(changes))


def _with_all_examples(entry: Entry, intent: Intent) -> tuple[Entry, list[str]]:
    """The entry with those that it is silent about, and which of the two kinds change."""
    good, bad = examples_of(intent)
    said = {*(entry.good or []), *(text for text, _ in entry.bad or [])}
    kept_good = [text for text in good if text not in said]
    kept_bad = [row for row in bad if row[0] not in said]
    wanted = replace(
        entry,
        good=kept_good if entry.good is None else entry.good,
        bad=kept_bad if entry.bad is None else entry.bad,
    )
    return wanted, ["good"] * (wanted.good != good) + ["bad"] * (wanted.bad != bad)


def _same_keys(steps: Sequence[Step], standing: dict[str, Any]) -> Iterator[str]:
    holders: dict[str, list[str]] = {}
    for name, key in _afterwards("key", steps, standing, default=""):
        holders.setdefault(key, []).append(name)
    for key, names in sorted(holders.items()):
        if key and len(names) > 1:
            yield SAME_KEY.format(key=key, names=" and ".join(f"“{name}”" for name in names[:5]))


def _too_critical(steps: Sequence[Step], standing: dict[str, Any]) -> Iterator[str]:
    number = sum(is_so for _, is_so in _afterwards("critical", steps, standing, default=False))
    if number > MOST_CRITICAL:
        yield CRITICAL.format(number=number)


def _afterwards(
    field: str, steps: Sequence[Step], standing: dict[str, Any], *, default: Any
) -> Iterator[tuple[str, Any]]:
    """Name and `field` of each word that would be in use."""
    changed = {step.word.pk: step for step in steps if step.word}
    for word in standing.values():
        if not word.archived_at:
            said = changed[word.pk].entry.fields if word.pk in changed else {}
            yield word.name, said.get(field, getattr(word, field, default))
    for step in steps:
        if step.word is None:
            yield step.entry.name, step.entry.fields.get(field, default)
