"""Anchors of the audit log: its end, written down where nobody who writes to the database writes.

A chain proves that nothing in it was changed, and not that nothing was cut off its end, or that
all of it was not made anew. Whoever has its end from outside can tell.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from accounts import auditing, calling
from accounts.auditing import Anchor
from accounts.calling import NotDelivered

__all__ = ["NotDelivered", "NotAnAnchor", "anchor", "read"]


class NotAnAnchor(Exception):
    """A line of a file is none. `str()` of it says which, to a person."""


def anchor() -> Anchor | None:
    """Write the end of the log down outside, wherever settings say; None while it is empty.

    A file gets a line for each new end. A webhook is sent the end whether it is new or not, so
    that whoever listens notices silence. Raise NotDelivered if it was not taken; by then the file
    is written.
    """
    end = auditing.head()
    if end is None:
        return None
    number, digest = end
    made = Anchor(number, digest, datetime.now(UTC).isoformat(timespec="seconds"))
    if not _ends_with(settings.AUDIT_ANCHOR_FILE, made):
        _append(settings.AUDIT_ANCHOR_FILE, made)
    if settings.AUDIT_ANCHOR_WEBHOOK:
        _send(made)
    return made


def read(path: Path) -> Iterator[Anchor]:
    """The anchors of a file, one JSON object a line; none if there is no file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, start=1):
            if line.strip():
                yield _parsed(line, f"{path}, line {place}")


def _parsed(line: str, where: str) -> Anchor:
    try:
        said = json.loads(line)
        return Anchor(int(said["number"]), str(said["digest"]), str(said["at"]))
    except (ValueError, KeyError, TypeError):
        raise NotAnAnchor(
            f"{where} is not an anchor: it needs a number, a digest and a time."
        ) from None


def _append(path: Path, made: Anchor) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write to a file opened for appending: lines of two who do it at once stay whole.
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(place, _as_json(made) + b"\n")
        os.fsync(place)
    finally:
        os.close(place)


TAIL = 4096  # bytes, more than a line has


def _ends_with(path: Path, made: Anchor) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        last = file.read().splitlines()[-1:]
    if not last:
        return False
    kept = _parsed(last[0].decode(), str(path))
    return (kept.number, kept.digest) == (made.number, made.digest)


def _send(made: Anchor) -> None:
    body = _as_json(made)
    calling.post(
        settings.AUDIT_ANCHOR_WEBHOOK,
        body,
        headers=calling.signed(body, secret=settings.AUDIT_ANCHOR_SECRET),
        allow_private=settings.AUDIT_ANCHOR_PRIVATE,
    )


def _as_json(made: Anchor) -> bytes:
    return json.dumps(asdict(made), separators=(",", ":")).encode()
