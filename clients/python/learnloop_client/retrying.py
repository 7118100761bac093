"""When a request is sent again, and after how long."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from learnloop_client.answers import Unreachable

# The server took nothing in, and will later.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Retry:
    """How patient a client is. Delays double from `first` to `longest`, in seconds.

    Each is drawn between nothing and that, so that many clients do not come back at once;
    a Retry-After of the server is waited for in full, up to `most_asked`.
    """

    attempts: int = 6
    first: float = 0.2
    longest: float = 20.0
    most_asked: float = 120.0
    sleep: Callable[[float], object] = time.sleep

    def send(self, attempt: Callable[[], httpx.Response]) -> httpx.Response:
        """The first answer that is not a passing trouble. Raise Unreachable without one."""
        trouble = "nothing was tried"
        for number in range(self.attempts):
            asked: float | None = None
            try:
                response = attempt()
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
            else:
                if response.status_code not in PASSING:
                    return response
                trouble = f"the server answered {response.status_code}"
                asked = seconds_asked(response)
            if number + 1 < self.attempts:
                self.sleep(self.delay(number, asked))
        raise Unreachable(f"Given up after {self.attempts} attempts: {trouble}.")

    def delay(self, number: int, asked: float | None) -> float:
        """Seconds before the attempt after the one with this number, counted from 0."""
        drawn = random.uniform(0, min(self.longest, self.first * 2**number))  # noqa: S311
        return drawn if asked is None else min(asked, self.most_asked) + drawn


def seconds_asked(response: httpx.Response) -> float | None:
    """What Retry-After asks for: seconds, or a date."""
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
