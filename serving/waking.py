"""Asks for the job that takes predictions in: often enough, and not with every one of them."""

from threading import Lock

import structlog
from django.db import DatabaseError

from accounts.pipelining import rows
from jobs import requesting
from serving import taking_in

logger = structlog.get_logger(__name__)

EVERY = 0.5  # seconds; what comes between is found by the same job, or by the sweeper


class Waker:
    """Of this process. What it forgets is in the record, where the sweeper finds it."""

    def __init__(self) -> None:
        self._asked_at: dict[int, float] = {}
        self._lock = Lock()

    def something_waits(self, bot_id: int, *, at: float) -> None:
        """Hear that there is something to take in. `at` is on a clock that never goes back."""
        with self._lock:
            last = self._asked_at.get(bot_id)
            if last is not None and at - last < EVERY:
                return
            self._asked_at[bot_id] = at
        try:
            # What waits is stored by now, so whoever ends only after this statement sees it.
            if not rows(requesting.KEEP, [taking_in.job_key(bot_id)]):
                taking_in.ask_for_it(bot_id)
        except DatabaseError as error:
            # What was asked is stored and gets its answer all the same.
            logger.warning("not_woken", reason=type(error).__name__, bot_id=bot_id)


WAKER = Waker()
