"""A file, or what comes through standard input, packed or not."""

import gzip
import io
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast
from uuid import UUID, uuid4

from ingest.adapters.records import broken_files_told

MIB = 1024 * 1024
GZIP = b"\x1f\x8b"
STANDARD_INPUT = "-"


# mypy has a type for each thing that a BufferedReader may read from.
Buffered: TypeAlias = "io.BufferedReader[Any]"


class Source:
    """What is read in. `stream` gives its bytes, unpacked."""

    def __init__(self, path: str) -> None:
        """Raise OSError if it cannot be opened."""
        self.path = path
        self._raw = _opened(path)
        # A pipe has a name and no size, and is read once, like standard input.
        self.size = Path(path).stat().st_size if self._raw.seekable() and self._is_named else None
        self._is_packed = self._raw.peek(2).startswith(GZIP)
        self.stream = _unpacking(self._raw) if self._is_packed else self._raw

    @property
    def _is_named(self) -> bool:
        return self.path != STANDARD_INPUT

    @property
    def name(self) -> str:
        return Path(self.path).name if self._is_named else ""

    @property
    def position(self) -> int:
        """How many of its bytes, as they lie on the disk, were read."""
        return self._raw.tell() if self.size is not None else 0

    def beginning(self) -> bytes:
        """Some of the first bytes, which are still to be read. Raise BrokenFile."""
        with broken_files_told():
            return self.stream.peek(1)

    def rewound(self) -> BinaryIO:
        self.stream.seek(0)
        return self.stream

    def fingerprint(self, format: str) -> UUID:
        """The same for the same file. What comes through a pipe is always something new."""
        if self.size is None:
            return uuid4()
        with Path(self.path).open("rb") as file:
            digest = sha256(f"{format}\0{self.size}\0".encode() + file.read(MIB))
        return UUID(bytes=digest.digest()[:16])

    def close(self) -> None:
        if self._is_named:
            self.stream.close()
            self._raw.close()


def _opened(path: str) -> Buffered:
    if path == STANDARD_INPUT:
        return cast("Buffered", sys.stdin.buffer)
    return Path(path).open("rb")  # noqa: SIM115  closed with the source


def _unpacking(packed: Buffered) -> Buffered:
    # Its own buffer is small: what was unpacked before a broken place is not lost with it.
    return cast("Buffered", gzip.GzipFile(fileobj=packed))
