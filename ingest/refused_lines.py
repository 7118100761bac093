"""The file that says which lines could not be used. Never what they hold: that may be personal."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


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


@contextmanager
def _troubles_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritable((error.strerror or str(error)).lower()) from error
