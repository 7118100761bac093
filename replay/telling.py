"""What a replay says at a terminal: how far it is, each version, and at the end a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from replay.models import Replay
from replay.summing import Row, summary_of

CLEAR = "\r\033[K"
HEAD = " labels   audit  version      test  verdict    live, test   right"


class Out(Protocol):
    """Django's wrapper of standard output."""

    def write(self, msg: str = "", style_func: None = None, ending: str | None = None) -> None: ...

    def flush(self) -> None: ...

    def isatty(self) -> bool: ...


class Teller:
    """Lines as they come. Progress is shown on a terminal only: a log has the versions."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._has_head = False
        self._before: dict[str, Any] = {}

    def say(self, text: str) -> None:
        self._clear()
        self._out.write(text)
        self._out.flush()

    def begin(self, *, before: dict[str, Any]) -> None:
        """Tell of another replay, whose last point so far was this."""
        self._has_head, self._before = False, before

    def progress(self, text: str) -> None:
        if self._terminal:
            self._out.write(f"{CLEAR}{text} …", ending="")
            self._out.flush()

    def point(self, point: dict[str, Any]) -> None:
        if not self._has_head:
            self.say(HEAD)
            self._has_head = True
        self.say(line_of(point, before=self._before))
        self._before = point

    def table(self, row: Replay) -> None:
        self._clear()
        for part in summary_of(row):
            self.say(f"{part.name:<34}{part.value}")

    def compare(self, rows: Sequence[Row]) -> None:
        for part in rows:
            self.say(f"{part.name:<34}{part.value}")

    def _clear(self) -> None:
        if self._terminal:
            self._out.write(CLEAR, ending="")


def line_of(point: dict[str, Any], *, before: dict[str, Any]) -> str:
    sent = point["sent"] - before.get("sent", 0)
    right = point["right"] - before.get("right", 0)
    verdict = {"promote": "promoted", "reject": "rejected"}.get(point["verdict"], "not judged")
    return (
        f"{point['labels']:>7,} {point['audit']:>7,} {point['version']:>8} "
        f"{share(point['accuracy']):>9}  {verdict:<10} {share(point['live_accuracy']):>10} "
        f"{share(right / sent if sent else None):>7}"
    )


def share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
