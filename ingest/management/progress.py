"""How far a long piece of work is, on a terminal or in a log."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

WIDTH = 24  # of the bar
CLEAR = "\r\033[K"
EVERY = {True: 0.5, False: 10.0}  # seconds, on a terminal and elsewhere


class Out(Protocol):
    """Where it is written: Django's wrapper of standard output."""

    def write(self, msg: str = "", style_func: None = None, ending: str | None = None) -> None: ...

    def flush(self) -> None: ...

    def isatty(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """How far it was at some moment."""

    at: float
    position: int
    events: int


class Progress:
    """One line that changes on a terminal, and one from time to time elsewhere.

    `total` is in bytes; without one nothing is said of what is left.
    """

    def __init__(
        self, out: Out, *, total: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out, self._total, self._clock = out, total, clock
        self._terminal = out.isatty()
        self._first: _Seen | None = None
        self._said = clock()

    def show(self, *, position: int, events: int) -> None:
        """Say it, unless it was said a moment ago.

        The first time only counts: what an earlier run did is passed over faster than it was
        done, and says nothing of what is left.
        """
        seen = _Seen(self._clock(), position, events)
        if self._first is None:
            self._first = seen
        elif seen.at - self._said >= EVERY[self._terminal]:
            self._said = seen.at
            line = self._line(self._first, seen)
            self._write(CLEAR + line if self._terminal else f"{line}\n")

    def end(self) -> None:
        """Leave an empty line behind."""
        if self._terminal:
            self._write(CLEAR)

    def _write(self, text: str) -> None:
        self._out.write(text, ending="")
        self._out.flush()

    def _line(self, first: "_Seen", now: "_Seen") -> str:
        seconds = max(now.at - first.at, 0.001)
        rate = (now.events - first.events) / seconds
        parts = [f"{now.events:,} events, {rate:,.0f} a second"]
        if self._total:
            share = min(now.position / self._total, 1.0)
            parts.insert(0, f"{share:4.0%} {_bar(share)}" if self._terminal else f"{share:.0%}")
            if read := now.position - first.position:
                left = (self._total - now.position) / read * seconds
                parts.append(f"{in_words(left)} left")
        return " · ".join(parts)


def _bar(share: float) -> str:
    full = int(share * WIDTH)
    return "█" * full + "░" * (WIDTH - full)


def in_words(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
