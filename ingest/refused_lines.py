"""The file that says which lines could not be used. Never what they hold: that may be personal."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

LONGEST_LINE = 10_000  # bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    line: int
    field: str | None
    reason: str


class NotWritable(Exception):
    """The file cannot be written; the text says why."""


class RefusedLines:
    """Its verbs raise NotWritable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def cut(self, size: int) -> None:
        """Take away what was written after the last batch that is stored."""
        with _troubles_told():
            if not size and not self._is_ours():
                raise NotWritable("it holds something else, which would be lost")
            if self.path.exists() and self.path.stat().st_size > size:
                os.truncate(self.path, size)

    def write(self, refusals: Sequence[Refusal], *, at: int) -> int:
        """Write behind the first `at` bytes; the size of the file afterwards."""
        if not refusals:
            return at
        self.cut(at)
        said = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in refusals)
        with _troubles_told(), self.path.open("ab") as file:
            file.write(said.encode())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _is_ours(self) -> bool:
        """Whether the file is new, empty, or what an import wrote."""
        if not self.path.exists() or not self.path.stat().st_size:
            return True
        with self.path.open("rb") as file:
            first = file.readline(LONGEST_LINE)
        try:
            return set(json.loads(first)) == {each.name for each in fields(Refusal)}
        except (ValueError, TypeError):
            return False


@contextmanager
def _troubles_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritable((error.strerror or str(error)).lower()) from error
