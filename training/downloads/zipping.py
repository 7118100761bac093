"""A ZIP archive that leaves as it is made. Nothing of it is kept."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from zlib import Z_BEST_SPEED


class _Outlet(io.RawIOBase):
    """Takes what is written, and forgets it when it was handed on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        taken = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(taken)
        return len(taken)

    def taken(self) -> bytes:
        all_of_it, self._pieces = b"".join(self._pieces), []
        return all_of_it


def zipped(files: Iterable[tuple[str, Iterable[bytes]]], *, at: datetime) -> Iterator[bytes]:
    """An archive of `files`, each a name and its content in pieces, as of `at`."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=Z_BEST_SPEED) as archive:
        for name, pieces in files:
            about = zipfile.ZipInfo(name, at.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            with archive.open(about, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    yield outlet.taken()
    yield outlet.taken()
