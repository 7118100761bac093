"""Events gathered while a bot talks, and sent together: a twentieth of the cost for each."""

from __future__ import annotations

import time
from threading import Lock
from types import TracebackType

from learnloop_client.answers import Receipt
from learnloop_client.client import MOST_EVENTS, Client
from learnloop_client.events import Event


class Batch:
    """Keeps events until there are `most`, or the oldest is `seconds` old, then sends them.

    The clock is only looked at when something is added; `send` sends what is there, and so does
    leaving a `with` block. What could not be sent stays, and goes with the next attempt.
    """

    def __init__(self, client: Client, *, most: int = 200, seconds: float = 2.0) -> None:
        self._client = client
        self._most = min(most, MOST_EVENTS)
        self._seconds = seconds
        self._kept: list[Event] = []
        self._since = 0.0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, *events: Event) -> Receipt:
        with self._lock:
            if not self._kept:
                self._since = time.monotonic()
            self._kept += events
            is_old = time.monotonic() - self._since >= self._seconds
            if len(self._kept) < self._most and not is_old:
                return Receipt()
            return self._send()

    def send(self) -> Receipt:
        with self._lock:
            return self._send()

    def _send(self) -> Receipt:
        receipt = self._client.send_all(self._kept)
        self._kept = []
        return receipt

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.send()
