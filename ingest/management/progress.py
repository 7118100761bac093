"""How far a long piece of work is, on a terminal or in a log."""

import time
from collections.abc import Callable
from typing import Protocol

WIDTH = 24  # of the bar
CLEAR = "\r\033[K"
EVERY = {True: 0.5, False: 10.0}  # seconds, on a terminal and elsewhere


class Out(Protocol):
    """Where it is written: Django's wrapper of standard output."""

    def write(self, msg: str = "", style_func: None = None, ending: str | None = None) -> None: ...

    def flush(self) -> None: ...

    def isatty(self) -> bool: ...


class Progress:
    """One line that changes on a terminal, and one from time to time elsewhere.

    `total` and `position` are bytes; without a total nothing is said of what is left.
    """

    def __init__(
        self,
        out: Out,
        *,
        total: int | None,
        position: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out, self._total, self._begun_at = out, total, position
        self._clock = clock
        self._terminal = out.isatty()
        self._began = self._said = clock()

    def show(self, *, position: int, events: int) -> None:
        """Say it, unless it was said a moment ago. `events` are those of this run."""
        now = self._clock()
        if now - self._said < EVERY[self._terminal]:
            return
        self._said = now
        line = self._line(position, events, now - self._began)
        self._write(CLEAR + line if self._terminal else f"{line}\n")

    def end(self) -> None:
        """Leave an empty line behind."""
        if self._terminal:
            self._write(CLEAR)

    def _write(self, text: str) -> None:
        self._out.write(text, ending="")
        self._out.flush()

    def _line(self, position: int, events: int, seconds: float) -> str:
        rate = f"{events:,} events, {events / seconds:,.0f} a second" if seconds else ""
        if not self._total:
            return rate
        share = min(position / self._total, 1.0)
        read = position - self._begun_at
        left = (self._total - position) / read * seconds if read > 0 else None
        parts = [f"{share:4.0%} {_bar(share)}" if self._terminal else f"{share:.0%}", rate]
        return " · ".join([*parts, *([f"{in_words(left)} left"] if left is not None else [])])


def _bar(share: float) -> str:
    full = int(share * WIDTH)
    return "█" * full + "░" * (WIDTH - full)


def in_words(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
