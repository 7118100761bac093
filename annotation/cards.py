"""What the review screen shows of one item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from accounts.models import Bot
from accounts.pipelining import rows
from annotation import opinions
from annotation.drafting import AUDIT, RANDOM, SIGNALS
from annotation.models import Annotation, EntityType, Intent, ReviewItem
from annotation.models.intents import LONGEST_NAME
from annotation.opinions import Opinion
from ingest import marks
from ingest.pieces import Shown, shown
from ingest.signals.symptoms import rounded_down

BEFORE, AFTER = 8, 4  # turns around the one in question
MOST_CHOICES = 9  # they have keys of one digit
MOST_SHOWN = 1000  # turns of a whole conversation
ABOUT_GUESSES = frozenset({"low_confidence", "small_margin"})


@dataclass(frozen=True, slots=True)
class Choice:
    """An intent that is offered with a key. Without an `id` the bot alone has named it so far."""

    key: str
    name: str
    title: str
    id: int | None
    confidence: float | None

    @property
    def sure(self) -> str:
        """As the reasons write it."""
        return "" if self.confidence is None else rounded_down(self.confidence)

    @property
    def value(self) -> str:
        return f"i:{self.id}" if self.id else f"n:{self.name}"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A text that is alike and labelled."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Why somebody gets a turn once more that they had answered."""

    by: str
    note: str
    before: list[Opinion]  # what they said


class Row(NamedTuple):
    event: UUID
    at: datetime
    text: str
    response: str
    error: str
    entities: list[dict[str, Any]] | str
    place: int
    total: int
    this: int
    name: str
    channel: str
    language: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: Shown
    response: Shown
    error: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """The turns around the one in question, and how many lie before and after these."""

    lines: list[Line]
    earlier: int
    later: int
    name: str
    channel: str
    language: str
    outcome: marks.Mark


@dataclass(frozen=True, slots=True)
class Card:
    item: ReviewItem
    submission: UUID
    chat: Chat
    said: str  # the turn's text
    spans: str  # JSON of the spans that are marked at first
    reasons: list[str]
    choices: list[Choice]
    neighbours: list[Neighbour]
    opinions: list[Opinion]  # for who decides between them
    asked: Asked | None  # of whoever is to answer it anew

    @property
    def said_as_json(self) -> str:
        """For an attribute: a parser of HTML would make one line break of another."""
        return json.dumps(self.said)


def card(item: ReviewItem, *, bot: Bot) -> Card | None:
    """Read what there is to show of `item`, in three statements; None if it was erased just now.

    What others said is for reviewers, and what their holder said for those who answer anew.
    """
    turns = _around(item)
    this = next((row for row in turns if row.event == item.turn_id), None)
    if this is None:
        return None
    named = [] if item.guess_hidden else list(item.guesses)
    near = item.neighbours if not item.guess_hidden else []
    said = _said(item)
    asked = _asked(item, said)
    known = intents_named(bot, names=[each["intent"] for each in named], ids=_intents_of(near))
    return Card(
        item=item,
        submission=uuid4(),
        chat=_chat(turns, item),
        said=this.text,
        spans=json.dumps(_spans(item, this, said)),
        reasons=_reasons(item),
        choices=choices_of(named, near, known),
        neighbours=_neighbours(near, known),
        opinions=[] if asked else said,
        asked=asked,
    )


# ── the conversation ──────────────────────────────────────────────────────────────────

AROUND = """
WITH numbered AS MATERIALIZED (
    SELECT event_id, at, text, response, error, entities,
        row_number() OVER (ORDER BY at, event_id) AS place, count(*) OVER () AS total
    FROM ingest_turn WHERE conversation_id = %s
), this AS MATERIALIZED (SELECT place FROM numbered WHERE event_id = %s)
SELECT numbered.*, this.place, c.name, c.channel, c.language, c.outcome
FROM numbered, this, ingest_conversation c
WHERE c.id = %s AND numbered.place BETWEEN this.place - %s AND this.place + %s
ORDER BY numbered.place
"""


def _around(item: ReviewItem, *, before: int = BEFORE, after: int = AFTER) -> list[Row]:
    values = [item.conversation_id, item.turn_id, item.conversation_id, before, after]
    return [Row(*row) for row in rows(AROUND, values)]


def whole_chat(item: ReviewItem) -> Chat:
    """The whole conversation of `item`, so far as a page can bear it."""
    return _chat(_around(item, before=MOST_SHOWN, after=MOST_SHOWN), item)


def _chat(turns: Sequence[Row], item: ReviewItem) -> Chat:
    first, last = turns[0], turns[-1]
    return Chat(
        lines=[_line(row, is_this=row.event == item.turn_id) for row in turns],
        earlier=first.place - 1,
        later=first.total - last.place,
        name=first.name,
        channel=first.channel,
        language=first.language,
        outcome=marks.outcome(first.outcome),
    )


def _line(row: Row, *, is_this: bool) -> Line:
    return Line(row.at, shown(row.text), shown(row.response), row.error, is_this)


def _found(row: Row) -> Iterator[Mapping[str, Any]]:
    """Entities that the bot found, where they stand in the text."""
    found = json.loads(row.entities) if isinstance(row.entities, str) else row.entities
    for each in found:
        start, end = each.get("start"), each.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(row.text):
            yield {"type": str(each.get("type") or ""), "start": start, "end": end}


# ── what is offered ───────────────────────────────────────────────────────────────────

# By their own names and keys, and by those of what was merged into them.
INTENTS = """
SELECT id, name, title, archived_at IS NULL, ARRAY[]::text[], ARRAY[]::bigint[]
FROM annotation_intent
WHERE bot_id = %(bot)s AND (lower(name) = ANY(%(names)s) OR id = ANY(%(ids)s))
UNION ALL
SELECT intent.id, intent.name, title, archived_at IS NULL, array_agg(lower(alias.name)),
    array_agg(alias.merged_id) FILTER (WHERE alias.merged_id IS NOT NULL)
FROM annotation_intentalias alias JOIN annotation_intent intent ON intent.id = alias.intent_id
WHERE alias.bot_id = %(bot)s
    AND (lower(alias.name) = ANY(%(names)s) OR alias.merged_id = ANY(%(ids)s))
GROUP BY intent.id
"""


class Named(NamedTuple):
    id: int
    name: str
    title: str
    in_use: bool
    also: list[str]  # old names, in lower case
    merged: list[int] | None  # keys of what was merged into it


class Known:
    """Intents by any name and key that an item may have for them."""

    def __init__(self, found: Iterable[Named] = ()) -> None:
        self.by_name: dict[str, Named] = {}
        self.by_id: dict[int, Named] = {}
        for each in found:  # what was merged comes after what it had been
            self.by_name.setdefault(each.name.lower(), each)
            self.by_id.setdefault(each.id, each)
            self.by_name.update(dict.fromkeys(each.also, each))
            self.by_id.update(dict.fromkeys(each.merged or [], each))


def intents_named(bot: Bot, *, names: list[str], ids: list[int]) -> Known:
    if not names and not ids:
        return Known()
    values = {"bot": bot.pk, "names": [name.strip().lower() for name in names], "ids": ids}
    return Known(Named(*row) for row in rows(INTENTS, values))


def choices_of(
    named: Iterable[Mapping[str, Any]], near: Iterable[Mapping[str, Any]], known: Known
) -> list[Choice]:
    """The bot's guesses, best first, then what texts alike were taken for; each once."""
    wanted: dict[str, tuple[Named | None, str, float | None]] = {}
    for guess in named:
        name = str(guess["intent"]).strip()
        found = known.by_name.get(name.lower())
        if _can_be_chosen(name, found):
            called = found.name.lower() if found else name.lower()
            wanted.setdefault(called, (found, name, guess.get("confidence")))
    for each in near:
        found = known.by_id.get(each.get("intent") or 0)
        if found and found.in_use:
            wanted.setdefault(found.name.lower(), (found, found.name, None))
    return [
        Choice(
            key=str(place),
            name=found.name if found else name,
            title=found.title if found else "",
            id=found.id if found else None,
            confidence=confidence,
        )
        for place, (found, name, confidence) in enumerate(
            list(wanted.values())[:MOST_CHOICES], start=1
        )
    ]


def _can_be_chosen(name: str, found: Named | None) -> bool:
    return found.in_use if found else 0 < len(name) <= LONGEST_NAME


def _reasons(item: ReviewItem) -> list[str]:
    """The sentences; none of them where one could give away a guess that is hidden."""
    picked = item.policy not in (SIGNALS, AUDIT, RANDOM) and item.guess
    tells = picked or ABOUT_GUESSES & set(item.kinds) or item.lane == ReviewItem.Lane.NOVELTY
    return [] if item.guess_hidden and tells else list(item.reasons)


# ── what is alike ─────────────────────────────────────────────────────────────────────

TEXTS = "SELECT id, text FROM ingest_text WHERE id = ANY(%s)"


def _intents_of(near: Iterable[Mapping[str, Any]]) -> list[int]:
    return [each["intent"] for each in near if each.get("intent")]


def _neighbours(near: Sequence[Mapping[str, Any]], known: Known) -> list[Neighbour]:
    if not near:
        return []
    keys = [UUID(each["text"]) for each in near]
    texts = dict(rows(TEXTS, [keys]))
    return [
        Neighbour(texts[key], _label_of(each, known))
        for key, each in zip(keys, near, strict=True)
        if key in texts
    ]


def _label_of(near: Mapping[str, Any], known: Known) -> str:
    found = known.by_id.get(near.get("intent") or 0)
    return found.name if found else label_of(near["verdict"])


def label_of(verdict: str) -> str:
    return Annotation.Verdict(verdict).label


def _said(item: ReviewItem) -> list[Opinion]:
    """What was said of an item that somebody decides about, or answers anew."""
    if item.lane not in (ReviewItem.Lane.REVIEWER, ReviewItem.Lane.RETURNED):
        return []
    said = opinions.of_items([item.pk])[item.pk]
    if item.lane == ReviewItem.Lane.REVIEWER:
        return said
    return [each for each in said if each.said.annotator_id == item.holder_id]


def _asked(item: ReviewItem, said: list[Opinion]) -> Asked | None:
    if item.lane != ReviewItem.Lane.RETURNED:
        return None
    last = item.sent_back.standing().select_related("by").newest_first().first()
    return Asked(last.by.shown_name, last.note, said) if last else None


def _spans(item: ReviewItem, this: Row, said: Iterable[Opinion]) -> list[Mapping[str, Any]]:
    """What is marked at first: what people marked, else what the bot found."""
    marked = [each.said for each in said if each.said.spans.all()]
    if marked:
        return [
            {"type": span.type.name, "start": span.start, "end": span.end}
            for span in marked[0].spans.all()
        ]
    # What the bot marked is a guess too.
    return [] if item.guess_hidden else list(_found(this))


# ── what the page offers beside the card ──────────────────────────────────────────────


def words(bot: Bot) -> dict[str, Any]:
    """All intents and entity types in use, for the search and the marking on the page."""
    intents = Intent.objects.of(bot).in_use().by_name()
    types = EntityType.objects.of(bot).in_use().by_name()
    return {
        "intents": list(intents.values("id", "name", "title", "key")),
        "types": list(types.values("id", "name", "title", "key", "colour")),
    }
