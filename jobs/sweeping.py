"""The sweeper: what the queue forgot is found in the record."""

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone
from redis import RedisError

from jobs import leasing, waking
from jobs.models import Job

logger = structlog.get_logger(__name__)

AT_ONCE = 2000  # jobs woken in one round
WAKE_AGAIN_AFTER = timedelta(seconds=60)


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
