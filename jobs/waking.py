"""RQ carries one number: which job a worker should look at. Losing it costs time, not work."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.db.models.functions import Now
from redis import Redis, RedisError
from rq import Queue
from rq.job import Job as Message
from rq.serializers import JSONSerializer

from jobs.kinds import KINDS
from jobs.models import Job

logger = structlog.get_logger(__name__)

RUN = "jobs.work.run"  # the one function that a message may name
QUICK, SLOW = "quick", "slow"

FORGET_FAILED_AFTER = 60  # seconds


class Forbidden(Exception):
    """A message named something else than the one allowed function."""


class WakeUp(Message):
    """A message that can run one function of ours, whatever is written in Redis.

    RQ would import and call any name it reads there, also as a callback, and post to any
    address as a webhook.
    """

    def _execute(self) -> None:
        from jobs import work  # only a work horse needs it

        if self.func_name != RUN or self.instance is not None or self.kwargs:
            raise Forbidden(f"{self.func_name} is not {RUN}.")
        (job_id,) = self.args
        work.run(int(job_id))

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, status: Any, *, exc_string: str | None = None) -> None:
        """Never."""


@cache
def redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)  # seconds


def queue(name: str) -> Queue:
    return Queue(name, connection=redis(), serializer=JSONSerializer, job_class=WakeUp)


def wake(job_id: int, *, kind: str) -> None:
    """Tell the workers of one job. If the queue is away the sweeper does it later."""
    try:
        _send([job_id], queue_of(kind))
    except RedisError as error:
        logger.warning("queue_away", job_id=job_id, reason=str(error))
        return
    Job.objects.filter(pk=job_id).update(woken_at=Now())


def wake_many(jobs: Iterable[Job]) -> int:
    """Tell the workers of many; raises RedisError if the queue is away.

    What was begun before goes to the front of its line: whoever waits for it has waited.
    """
    lines: dict[tuple[str, bool], list[int]] = {}
    for job in jobs:
        lines.setdefault((queue_of(job.kind), job.attempt > 0), []).append(job.pk)
    for (name, begun), ids in lines.items():
        _send(ids, name, at_front=begun)
        Job.objects.filter(pk__in=ids).update(woken_at=Now())
    return sum(map(len, lines.values()))


def queue_of(kind: str) -> str:
    known = KINDS.get(kind)
    return SLOW if known and known.slow else QUICK


def messages() -> int:
    """How many wait in both lines."""
    return sum(queue(name).count for name in (QUICK, SLOW))


def _send(job_ids: list[int], name: str, *, at_front: bool = False) -> None:
    # No time-out and no result of RQ's: our lease, limit and row take their place.
    queue(name).enqueue_many(
        Queue.prepare_data(
            RUN,
            (job_id,),
            timeout=-1,
            result_ttl=0,
            failure_ttl=FORGET_FAILED_AFTER,
            description=f"job {job_id}",
            at_front=at_front,
        )
        for job_id in job_ids
    )
