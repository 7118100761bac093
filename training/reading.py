"""What a version holds, in its order and in bounded memory.

Rows point to turns: of conversations that were deleted since, nothing is left to read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.redacting import compile_patterns, redact
from ingest.senders import settings_of
from training.choosing import run
from training.models import DatasetIntent, DatasetVersion, Fate

AT_ONCE = 5000

# Marks and better answers are of the turn that was on screen, not of those alike.
READ = """
SELECT kept.place, called.verdict, called.name, kept.side, kept.turn_id, turn.conversation_id,
    kept.text_id, turn.text, turn.response, gold.policy, gold.chance, gold.seconds,
    gold.guess_shown, gold.by_likeness, kept.opinions::json,
    CASE WHEN gold.by_likeness THEN '' ELSE said.better_answer END,
    CASE WHEN gold.by_likeness THEN NULL ELSE (
        SELECT json_agg(json_build_array(type_id, start, "end", text))
        FROM annotation_entityspan WHERE annotation_id = gold.annotation_id
    ) END
FROM training_datasetrow kept
JOIN training_datasetintent called ON called.id = kept.dataset_intent_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id
JOIN annotation_annotation said ON said.id = gold.annotation_id
JOIN ingest_turn turn ON turn.event_id = kept.turn_id
WHERE kept.version_id = %(version)s AND kept.place > %(after)s AND kept.place <= %(last)s
    AND kept.fate = %(fate)s AND kept.side = ANY(%(sides)s)
ORDER BY kept.place LIMIT %(most)s
"""
LEARN = """
SELECT kept.place, kept.dataset_intent_id, turn.text, uuid_send(kept.text_id),
    uuid_send(turn.conversation_id)
FROM training_datasetrow kept JOIN ingest_turn turn ON turn.event_id = kept.turn_id
WHERE kept.version_id = %(version)s AND kept.place > %(after)s
    AND kept.fate = %(fate)s AND kept.side = %(side)s
ORDER BY kept.place LIMIT %(most)s
"""
MARKS = """
SELECT kept.place, span.type_id, span.start, span."end"
FROM training_datasetrow kept
JOIN ingest_turn turn ON turn.event_id = kept.turn_id
JOIN annotation_goldlabel gold ON gold.id = kept.gold_label_id AND NOT gold.by_likeness
JOIN annotation_entityspan span ON span.annotation_id = gold.annotation_id
WHERE kept.version_id = %(version)s AND kept.fate = %(fate)s AND kept.side = %(side)s
"""
LAST = 2**31 - 1
SIDES = ("train", "audit")


class Span(NamedTuple):
    """A marked part of the text, in code points; `end` is excluded."""

    start: int
    end: int
    type: str
    text: str


@dataclass(slots=True)
class Row:
    """One gold label that a version keeps."""

    place: int
    verdict: str  # "intent" or "oos"
    intent: str  # as it was called then; empty out of scope
    side: str
    turn: UUID
    conversation: UUID
    text_id: UUID
    text: str
    response: str  # what the bot had answered
    policy: str
    chance: float | None  # inclusion probability, in (0, 1]
    seconds: float | None  # that the answer took
    guess_shown: bool
    by_likeness: bool
    opinions: list[dict[str, str]] = field(default_factory=list)  # {verdict, intent} of others
    better_answer: str = ""
    spans: list[Span] = field(default_factory=list)


Mark = tuple[int, int, str]  # start, end, type; of a text's code points, `end` is excluded


@dataclass(frozen=True)
class Columns:
    """What can be learned of one side, each as long as the others and in the same order.

    text_ids : ndarray of shape (n_rows,), 16 bytes each
        As in UUID.bytes. On the audit side some stand twice.
    intents : ndarray of shape (n_rows,) of str
        Empty out of scope.
    groups : ndarray of shape (n_rows,), int64
        Half of the key of each conversation. No two keyed hashes begin alike.
    marks : dict
        What is marked in a text, by its row, of those that have marks.
    """

    texts: list[str]
    text_ids: NDArray[np.void]
    intents: NDArray[np.str_]
    groups: NDArray[np.int64]
    marks: dict[int, list[Mark]]

    def __len__(self) -> int:
        return len(self.texts)


def rows_of(version: DatasetVersion, *, side: str) -> Iterator[Row]:
    """The rows that `version` keeps on `side` ("train" or "audit"), by intent and text."""
    return _rows(version, after=0, last=LAST, sides=[_checked(side)])


def rows_of_intent(version: DatasetVersion, called: DatasetIntent, *, side: str) -> Iterator[Row]:
    """The same of one intent of the version."""
    after = max(called.first_row - 1, 0)
    return _rows(version, after=after, last=called.last_row, sides=[_checked(side)])


def columns_of(version: DatasetVersion, *, side: str) -> Columns:
    """The rows of `side` as columns, in the order of `rows_of`.

    Reads no more than training needs: by `rows_of`, a million rows took longer than learning from
    them again. Vectors are read by `text_ids` (ingest.vector_copy).
    """
    values = {"version": version.pk, "fate": Fate.KEPT.value, "side": _checked(side)}
    places: list[int] = []
    called: list[int] = []
    texts: list[str] = []
    keys: tuple[list[bytes], list[bytes]] = ([], [])
    while found := run(LEARN, values | {"after": places[-1] if places else 0, "most": AT_ONCE}):
        for place, intent, text, text_id, conversation in found:
            places.append(place)
            called.append(intent)
            texts.append(text)
            keys[0].append(text_id)
            keys[1].append(conversation)
    names = dict(version.intents.values_list("pk", "name"))
    numbers, codes = np.unique(np.array(called, np.int64), return_inverse=True)
    return Columns(
        texts,
        np.frombuffer(b"".join(keys[0]), "V16"),
        np.array([names[number] for number in numbers.tolist()], np.str_)[codes],
        np.frombuffer(b"".join(keys[1]), ">i8")[::2].astype(np.int64),
        _marks(version, values, np.array(places, np.int64)),
    )


def _marks(
    version: DatasetVersion, values: dict[str, Any], places: NDArray[np.int64]
) -> dict[int, list[Mark]]:
    types: dict[str, str] = version.entity_types
    found: dict[int, list[Mark]] = {}
    if types:
        for place, type_id, start, end in run(MARKS, values):
            row = int(np.searchsorted(places, place))
            found.setdefault(row, []).append((start, end, types.get(str(type_id), "")))
    return {row: sorted(marks) for row, marks in found.items()}


def _checked(side: str) -> str:
    if side not in SIDES:
        raise ValueError(f"A side is train or audit, not {side}.")
    return side


def _rows(version: DatasetVersion, *, after: int, last: int, sides: Sequence[str]) -> Iterator[Row]:
    pen = _Pen(version)
    values = {"version": version.pk, "last": last, "fate": Fate.KEPT.value, "sides": list(sides)}
    while found := run(READ, {**values, "after": after, "most": AT_ONCE}):
        for row in found:
            yield pen.row(row)
        after = found[-1][0]


class _Pen:
    """Makes rows of what was read. What people wrote themselves nobody has redacted before."""

    def __init__(self, version: DatasetVersion) -> None:
        self._types: dict[str, str] = version.entity_types
        self._own_ids = compile_patterns(settings_of(version.bot).own_ids)

    def row(self, found: Sequence[Any]) -> Row:
        *said, opinions, better_answer, spans = found
        row = Row(*said)  # in the order of READ
        row.opinions.extend(opinions or ())
        row.spans.extend(sorted(self._span(*span) for span in spans or ()))
        if better_answer:
            row.better_answer = redact(better_answer, patterns=self._own_ids).text
        return row

    def _span(self, type_id: int, start: int, end: int, text: str) -> Span:
        return Span(start, end, self._types.get(str(type_id), ""), text)
