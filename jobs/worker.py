"""An RQ worker that watches over the process it forked.

RQ takes messages and forks a work horse for each; we keep the horse's lease, and kill it when
its time is over, when it was cancelled, or when the job is not ours any more. The watching is
done from outside because C code that runs for minutes heeds no signal but SIGKILL.
"""

import os
import signal
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connections
from redis import RedisError
from rq import Worker as RQWorker
from rq.job import Job as Message
from rq.serializers import JSONSerializer

from jobs import leasing, waking
from jobs.kinds import KINDS, LIMIT
from jobs.leash import die_with_parent
from jobs.models import Job
from jobs.work import Delivery

logger = structlog.get_logger(__name__)

LOOK_EVERY = 1  # seconds between two looks at the horse
GRACE = 5.0  # seconds a cancelled handler has to notice
TELL_REDIS_EVERY = 15.0  # seconds

OVER_LIMIT = (
    "Stopped: it ran longer than its limit of {limit:g} seconds. Nothing half done was kept. "
    "Make the task smaller, or try again when the machine is less busy."
)
KILLED = (
    "Its process was ended from outside ({how}), which is what happens when memory runs out. "
    "Nothing half done was kept."
)


class Worker(RQWorker):
    """Takes wake-up calls from its queues, one at a time."""

    max_connection_wait_time = 2.0  # seconds; the sweeper finds us as soon as Valkey is back

    def __init__(self, queues: list[str], *, name: str) -> None:
        super().__init__(
            [waking.queue(queue) for queue in queues],
            name=name,
            connection=waking.redis(),
            job_class=waking.WakeUp,
            serializer=JSONSerializer,
            job_monitoring_interval=LOOK_EVERY,
            log_job_description=False,
        )
        self._exit_status: int | None = None
        self._renewed_at = self._told_redis_at = 0.0
        self._cancel_seen_at: float | None = None
        self._stopping = False

    # ── the horse's side of the fork ──────────────────────────────────────────────────

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        die_with_parent(signal.SIGKILL, parent=self.pid)

    # ── the worker's side ─────────────────────────────────────────────────────────────

    def execute_job(self, job: Message, queue: Any) -> None:
        # A connection must not live through the fork: both sides would talk on one socket.
        connections.close_all()
        Delivery.worker, Delivery.token = self.name, uuid4()
        self._exit_status, self._cancel_seen_at = None, None
        self._renewed_at = self._told_redis_at = time.monotonic()
        try:
            super().execute_job(job, queue)
        except RedisError as error:
            logger.warning("queue_away", reason=str(error))
        finally:
            self._settle(int(job.args[0]))

    def wait_for_horse(self) -> Any:
        result = super().wait_for_horse()
        self._exit_status = result[1]
        return result

    def maintain_heartbeats(self, job: Message, execution: Any) -> None:
        """Called once a second while the horse runs."""
        self._watch(int(job.args[0]))
        if time.monotonic() - self._told_redis_at < TELL_REDIS_EVERY:
            return
        self._told_redis_at = time.monotonic()
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            logger.warning("queue_away", reason=str(error))

    def handle_warm_shutdown_request(self) -> None:
        """Stop now: the job goes back and counts as not tried."""
        self._stopping = True
        if self.horse_pid:
            self.kill_horse()

    def _watch(self, job_id: int) -> None:
        try:
            lease = leasing.renew(job_id, token=Delivery.token)
        except leasing.LeaseLost:
            self._lost(job_id)
        except DatabaseTrouble as error:
            logger.warning("lease_not_renewed", job_id=job_id, reason=str(error))
            connections.close_all()
            self._kill_if_lease_is_over()
        else:
            self._renewed_at = time.monotonic()
            self._stop_if_wanted(job_id, lease)

    def _lost(self, job_id: int) -> None:
        """Either the horse just ended its job, or the job went to somebody else."""
        if Job.objects.live().filter(pk=job_id).exists():
            logger.warning("job_lease_lost", job_id=job_id)
            self.kill_horse()

    def _kill_if_lease_is_over(self) -> None:
        if time.monotonic() - self._renewed_at > settings.JOB_LEASE:
            self.kill_horse()

    def _stop_if_wanted(self, job_id: int, lease: leasing.Lease) -> None:
        limit = lease.time_limit or (KINDS[lease.kind].limit if lease.kind in KINDS else LIMIT)
        if lease.age > limit:
            sentence = OVER_LIMIT.format(limit=limit)
            leasing.finish(job_id, token=Delivery.token, state=Job.State.FAILED, error=sentence)
            self.kill_horse()
        elif lease.cancel_asked:
            self._cancel_seen_at = self._cancel_seen_at or time.monotonic()
            if time.monotonic() - self._cancel_seen_at > GRACE:
                leasing.finish(job_id, token=Delivery.token, state=Job.State.CANCELLED)
                self.kill_horse()

    def _settle(self, job_id: int) -> None:
        """Give the job back at once if its horse died with it, rather than wait for the lease."""
        try:
            if self._exit_status:
                self._give_back(job_id, self._exit_status)
        except (DatabaseTrouble, RedisError) as error:
            # The lease runs out by itself, and the sweeper wakes what is due.
            logger.warning("job_not_given_back", job_id=job_id, reason=str(error))
        finally:
            connections.close_all()

    def _give_back(self, job_id: int, status: int) -> None:
        how = f"exit code {os.waitstatus_to_exitcode(status)}"
        if os.WIFSIGNALED(status):
            how = f"signal {os.WTERMSIG(status)}"
        given_back = leasing.give_back(
            job_id,
            token=Delivery.token,
            wait=timedelta(),
            error="" if self._stopping else KILLED.format(how=how),
            counted=not self._stopping,
        )
        if given_back:
            waking.wake_many(Job.objects.filter(pk=job_id, state=Job.State.QUEUED))
