"""Counts requests against a rate. In memory: the library for it started thread after thread."""

from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
class _Bucket:
    """What is left at a moment. It fills at the rate, up to a second's worth."""

    left: float
    at: float


class Meter:
    """A token bucket for each sender."""

    def __init__(self) -> None:
        self._buckets: dict[int, _Bucket] = {}
        self._lock = Lock()

    def takes(self, sender: int, *, most: int, at: float) -> bool:
        """Count one request of `sender`; False if it had `most` within a second.

        `at` is in seconds, on a clock that never goes back.
        """
        with self._lock:
            bucket = self._buckets.setdefault(sender, _Bucket(most, at))
            bucket.left = min(most, bucket.left + (at - bucket.at) * most)
            bucket.at = at
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True
