"""The sweeper: what the queue forgot is found in the record.

A room that has something of its own to take back, again and again, registers it in its jobs.py:

@each_sweep
def free_expired_holds() -> None: ...
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import Error as DatabaseTrouble
from django.db.models import Q
from django.utils import timezone
from redis import RedisError

from jobs import leasing, waking
from jobs.models import Job

logger = structlog.get_logger(__name__)

Sweep = Callable[[], object]
REGISTRY: list[Sweep] = []

AT_ONCE = 2000  # jobs woken in one round
WAKE_AGAIN_AFTER = timedelta(seconds=60)


def each_sweep(function: Sweep) -> Sweep:
    """Register what the sweeper does besides. It takes milliseconds, and is safe to do twice."""
    REGISTRY.append(function)
    return function


def sweep_rooms() -> None:
    """Do what rooms have registered. What fails is in the log, and keeps nobody else from it."""
    for function in REGISTRY:
        try:
            function()
        except DatabaseTrouble:
            raise
        except Exception as error:  # noqa: BLE001  a room's fault must not stop the sweeper
            logger.exception("sweep_failed", exc_info=error)


def sweep() -> int:
    """Free what lost its lease and wake what is due; how many were woken.

    A job that was woken and not taken is usually just waiting in line. Only when the line
    holds fewer messages than there are due jobs has the queue lost some: then those woken
    more than a minute ago are woken again, or all of them if the line is empty.
    """
    freed = leasing.return_expired()
    if freed:
        logger.warning("leases_expired", jobs=freed)
    try:
        return waking.wake_many(_forgotten())
    except RedisError as error:
        logger.warning("queue_away", reason=str(error))
        return 0


def _forgotten() -> list[Job]:
    now = timezone.now()
    due = Job.objects.due(at=now)
    messages = waking.messages()
    if messages:
        never, long_ago = Q(woken_at=None), Q(woken_at__lt=now - WAKE_AGAIN_AFTER)
        due = due.filter(never | long_ago if messages < due.count() else never)
    return list(due.only("id", "kind", "attempt").order_by("run_after", "id")[:AT_ONCE])
