"""A copy of a bot's vectors in files, which many readers map into memory at once.

The table is the truth; a copy is made from it at any time, and again when it does not fit.
A folder per encoder version and bot holds:

- `copy.json`: which two files count, and how much of them. It is replaced as a whole, last.
- `<build>.ids`: 16 bytes a row. `<build>.vectors`: half-precision numbers, little-endian.
- `lock`: one process at a time brings the copy up to date.

Rows are only ever added behind those that copy.json speaks of; whoever mapped those goes on
unharmed. What does not fit is made anew under other names.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Protocol, Self
from uuid import UUID, uuid4

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from accounts.models import Bot
from ingest.models import IntakeSettings, TextVector

ID_SIZE = 16
CHUNK = 10_000  # rows that are read at once: 10 MB

# One row for many: row by row, 100,000 vectors took four times the CPU, and so did COPY.
READ = """
    SELECT max(id), string_agg(uuid_send(text_id), '' ORDER BY id),
           string_agg(vector, '' ORDER BY id)
    FROM (
        SELECT id, text_id, vector FROM ingest_textvector
        WHERE bot_id = %s AND encoder = %s AND id > %s ORDER BY id LIMIT %s
    ) AS next
"""


class Maker(Protocol):
    """What vectors are of: an encoder, or one that this install once had."""

    @property
    def version(self) -> str: ...

    @property
    def dimensions(self) -> int: ...


@dataclass(frozen=True)
class VectorCopy:
    """Row n of `vectors`, of shape (n_texts, dimensions), is the vector of text `ids[n]`."""

    ids: NDArray[np.void]  # 16 bytes each, as in UUID.bytes
    vectors: NDArray[np.float16]

    def rows_of(self, texts: Sequence[UUID]) -> NDArray[np.intp]:
        """The row of each of `texts`; -1 for one without a vector."""
        return self.rows_of_ids(np.frombuffer(b"".join(text.bytes for text in texts), "V16"))

    def rows_of_ids(self, wanted: NDArray[np.void]) -> NDArray[np.intp]:
        """The same of keys of 16 bytes each."""
        # Half of each is quick to sort; what is found is compared in full.
        beginnings, first, of_each = np.unique(
            _beginning(wanted), return_index=True, return_inverse=True
        )
        found = np.full(len(beginnings), -1, dtype=np.intp)
        if len(wanted) and len(self.ids):
            place = np.searchsorted(beginnings, _beginning(self.ids))
            place = np.minimum(place, len(beginnings) - 1)
            same = np.flatnonzero(wanted[first[place]] == self.ids)
            found[place[same]] = same
        return found[of_each]


def _beginning(ids: NDArray[np.void]) -> NDArray[np.uint64]:
    """Half of each id. No two keyed hashes begin alike."""
    return np.ascontiguousarray(ids).view(">u8")[::2].astype(np.uint64)


@dataclass(frozen=True)
class State:
    """What copy.json says."""

    build: str
    dimensions: int
    generation: int  # how often vectors of this bot had been deleted
    rows: int = 0
    last_id: int = 0  # of the TextVector in the last row

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        try:
            return cls(**json.loads((folder / "copy.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        fresh = folder / "copy.json.new"
        with fresh.open("w") as file:
            json.dump(asdict(self), file)
            _to_disk(file)
        fresh.replace(folder / "copy.json")


def open_copy(bot: Bot, encoder: Maker) -> VectorCopy:
    """Bring the copy of `bot`'s vectors by `encoder` up to date, and map it."""
    folder = _folder(bot, encoder.version)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        # Read before any vector: one that is deleted meanwhile makes the next call start anew.
        generation = _generation(bot)
        state = State.read(folder)
        if state is None or not _fits(state, folder, bot, encoder, generation):
            state = State(uuid4().hex, encoder.dimensions, generation)
        state = _brought_up_to_date(state, folder, bot, encoder)
        _remove_others(folder, keep=state.build)
        return _mapped(state, folder)


def delete_copies(bot: Bot) -> None:
    """Delete this machine's copies of `bot`'s vectors. The next `open_copy` makes them anew."""
    for folder in (Path(settings.DATA) / "vectors").glob(f"*/{bot.pk}"):
        with _locked(folder):
            (folder / "copy.json").unlink(missing_ok=True)
            _remove_others(folder, keep="")


def _folder(bot: Bot, version: str) -> Path:
    return Path(settings.DATA) / "vectors" / version / str(bot.pk)


def _generation(bot: Bot) -> int:
    found = IntakeSettings.objects.filter(bot=bot).values_list("vector_generation", flat=True)
    return found.first() or 0


# ── whether it fits ───────────────────────────────────────────────────────────────────


def _fits(state: State, folder: Path, bot: Bot, encoder: Maker, generation: int) -> bool:
    return (
        (state.generation, state.dimensions) == (generation, encoder.dimensions)
        and _size(folder / f"{state.build}.ids") >= state.rows * ID_SIZE
        and _size(folder / f"{state.build}.vectors") >= state.rows * _row_size(state)
        and _last_row_is_in_the_table(state, folder, bot, encoder)
    )


def _last_row_is_in_the_table(state: State, folder: Path, bot: Bot, encoder: Maker) -> bool:
    """After a backup was restored the same numbers stand for other rows."""
    if state.rows == 0:
        return state.last_id == 0
    with (folder / f"{state.build}.ids").open("rb") as file:
        file.seek((state.rows - 1) * ID_SIZE)
        text_id = UUID(bytes=file.read(ID_SIZE))
    last = TextVector.objects.filter(bot=bot, encoder=encoder.version, pk=state.last_id)
    return last.filter(text_id=text_id).exists()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _row_size(state: State) -> int:
    return 2 * state.dimensions


# ── bringing it up to date ────────────────────────────────────────────────────────────


def _brought_up_to_date(state: State, folder: Path, bot: Bot, encoder: Maker) -> State:
    """Append what the table has behind the last row. copy.json is written when all is on disk."""
    with (
        _appending(folder / f"{state.build}.ids", state.rows * ID_SIZE) as ids,
        _appending(folder / f"{state.build}.vectors", state.rows * _row_size(state)) as vectors,
    ):
        before = state
        for last_id, some_ids, some_vectors in _chunks(bot, encoder, after=state.last_id):
            rows = len(some_ids) // ID_SIZE
            if len(some_vectors) != rows * _row_size(state):
                raise ValueError(f"Vectors of {bot} by {encoder.version} differ in length.")
            ids.write(some_ids)
            vectors.write(some_vectors)
            state = replace(state, rows=state.rows + rows, last_id=last_id)
        if state != before or state.rows == 0:
            _to_disk(ids)
            _to_disk(vectors)
            state.write(folder)
    return state


def _chunks(bot: Bot, encoder: Maker, *, after: int) -> Iterator[tuple[int, bytes, bytes]]:
    connection.ensure_connection()
    # Django's own cursor has bytes written out in letters.
    with psycopg.Cursor(connection.connection) as cursor:
        while True:
            cursor.execute(READ, [bot.pk, encoder.version, after, CHUNK], binary=True)
            chunk = cursor.fetchone()
            if chunk is None or chunk[0] is None:
                return
            after, ids, vectors = chunk
            yield after, ids, vectors


@contextmanager
def _appending(path: Path, size: int) -> Iterator[IO[bytes]]:
    """Open `path` to write behind `size`. What lies there is of somebody who did not finish."""
    path.touch()
    with path.open("r+b") as file:
        file.truncate(size)
        file.seek(size)
        yield file


def _to_disk(file: IO[bytes] | IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove_others(folder: Path, *, keep: str) -> None:
    """Files of other builds. Who has them mapped keeps them until they let go."""
    for path in (*folder.glob("*.ids"), *folder.glob("*.vectors")):
        if path.stem != keep:
            path.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _mapped(state: State, folder: Path) -> VectorCopy:
    ids = np.dtype((np.void, ID_SIZE))
    if state.rows == 0:  # no bytes cannot be mapped
        return VectorCopy(np.empty(0, ids), np.empty((0, state.dimensions), "<f2"))
    path = folder / state.build
    return VectorCopy(
        np.memmap(f"{path}.ids", ids, "r", shape=(state.rows,)),
        np.memmap(f"{path}.vectors", "<f2", "r", shape=(state.rows, state.dimensions)),
    )
