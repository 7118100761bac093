"""What a run learns from: the rows of its dataset, with vectors of one encoder version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Bot
from ingest.embedding import encoder_of
from ingest.vector_copy import Maker, VectorCopy, open_copy
from ml.examples import Examples
from training.deploying import leading_version
from training.models import DatasetVersion, TrainingRun
from training.reading import Columns, columns_of

FEWEST_ROWS = 10
FEWEST_OF_AN_INTENT = 2

TOO_FEW = (
    "There {are} only {rows} to train on, and {fewest} is the least. Answer {missing} more turns "
    "under Review, then train again."
)
TOO_SPREAD = (
    "Only {number} of the intents {has} two labels or more to train on, and it takes two such "
    "intents. Answer more turns under Review, then train again."
)


class TooLittle(Exception):
    """There is not enough to train on. `str()` of it says what is missing and where to get it."""


class VectorsMissing(Exception):
    """Some texts have no vector yet."""

    def __init__(self, missing: int, *, total: int) -> None:
        super().__init__(f"{missing} of {total} texts have no vector")
        self.missing, self.total = missing, total


@dataclass(frozen=True)
class Made:
    """An encoder version of which there are vectors, whether or not this install can make more."""

    version: str
    dimensions: int


@dataclass(frozen=True)
class Material:
    """Both sides of a dataset. Rows without an intent are known to be out of scope."""

    encoder: str  # version
    inside: Examples
    outside: Examples
    audit_inside: Examples
    audit_outside: Examples
    spans: Sequence[Sequence[tuple[int, int, str]]]  # of `inside`, and then of `outside`


def collect(run: TrainingRun, dataset: DatasetVersion) -> Material:
    """Read what `run` learns from. Raise TooLittle or VectorsMissing."""
    train, audit = columns_of(dataset, side="train"), columns_of(dataset, side="audit")
    refuse_too_little(train.intents)
    maker, copy = _vectors(run, np.concatenate([train.text_ids, audit.text_ids]))
    inside, outside = _parted(train)
    marks = [train.marks.get(row, ()) for row in (*inside.tolist(), *outside.tolist())]
    return Material(
        maker.version,
        _examples(train, inside, copy),
        _examples(train, outside, copy),
        *_examples_of_both(audit, copy),
        marks,
    )


def refuse_too_little(intents: NDArray[np.str_]) -> None:
    """Raise TooLittle where nothing could be learned. Empty names are of no intent."""
    labelled = intents[intents != ""]
    _, counts = np.unique(labelled, return_counts=True)
    often = int((counts >= FEWEST_OF_AN_INTENT).sum())
    if len(labelled) < FEWEST_ROWS:
        rows = "1 label" if len(labelled) == 1 else f"{len(labelled)} labels"
        are = "is" if len(labelled) == 1 else "are"
        missing = FEWEST_ROWS - len(labelled)
        raise TooLittle(TOO_FEW.format(are=are, rows=rows, fewest=FEWEST_ROWS, missing=missing))
    if often < 2:
        number, has = ("one", "has") if often else ("none", "has")
        raise TooLittle(TOO_SPREAD.format(number=number, has=has))


def _examples_of_both(columns: Columns, copy: VectorCopy) -> tuple[Examples, Examples]:
    inside, outside = _parted(columns)
    return _examples(columns, inside, copy), _examples(columns, outside, copy)


def _parted(columns: Columns) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows that have an intent, and rows that have none."""
    has = columns.intents != ""
    return np.flatnonzero(has), np.flatnonzero(~has)


def _examples(columns: Columns, rows: NDArray[np.intp], copy: VectorCopy) -> Examples:
    return Examples(
        [columns.texts[row] for row in rows.tolist()],
        copy.vectors[copy.rows_of_ids(columns.text_ids[rows])],
        columns.intents[rows],
        columns.groups[rows],
    )


# ── vectors ───────────────────────────────────────────────────────────────────────────


def _vectors(run: TrainingRun, ids: NDArray[np.void]) -> tuple[Maker, VectorCopy]:
    """The first encoder version of which all texts have vectors.

    While a new one is still at work, that is the one before it.
    """
    missing = total = len(np.unique(ids))
    for maker in makers_of(run.bot, only=run.encoder):
        copy = open_copy(run.bot, maker)
        lacking = np.unique(ids[copy.rows_of_ids(ids) < 0])
        if not len(lacking):
            return maker, copy
        missing = min(missing, len(lacking))
    raise VectorsMissing(missing, total=total)


def makers_of(bot: Bot, *, only: str = "") -> Iterator[Maker]:
    """The bot's encoder, and then that of its newest version; or the one that is named."""
    wanted = encoder_of(bot)
    if only in ("", wanted.version):
        yield wanted
    serving = leading_version(bot)
    for version in {only or (serving.encoder if serving else "")} - {"", wanted.version}:
        if made := _made(bot, version):
            yield made


def _made(bot: Bot, version: str) -> Made | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT octet_length(vector) / 2 FROM ingest_textvector "
            "WHERE bot_id = %s AND encoder = %s ORDER BY id LIMIT 1",
            [bot.pk, version],
        )
        row = cursor.fetchone()
    return Made(version, row[0]) if row else None
