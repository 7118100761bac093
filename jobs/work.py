"""Carrying out one job, inside the process that a worker forked for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pghistory
import structlog
from django.db import Error as DatabaseTrouble
from django.db import transaction

from jobs import leasing, waking
from jobs.kinds import ATTEMPTS, KINDS
from jobs.measuring import JOB_SECONDS
from jobs.models import Job

logger = structlog.get_logger(__name__)

State = Job.State

PROGRESS_EVERY = 1.0  # seconds
LEASE_LOST = "lease_lost"
LATER = "later"
WAIT_BEFORE = (timedelta(seconds=5), timedelta(seconds=30))  # the second and third attempt

UNEXPECTED = (
    "It stopped at something that nobody expected ({name}). Nothing half done was kept. "
    "The log has the details under job {id}. Try again, or tell the team."
)
UNKNOWN = (
    "This worker does not know the kind {kind}: it may be older than the web server. "
    "Restart the workers with the same version, then try again."
)


class Stopped(Exception):
    """The work cannot be done, and trying again would not help. The text says why, to a person."""


class Cancelled(Exception):
    """Somebody asked the job to stop. Handlers let it pass."""


class GoOnLater(Exception):
    """There is more to do than one should do at a time: others come first, then the job again.

    With `after`, not before that time is over: what the job needs is still being made.
    """

    def __init__(self, *, after: timedelta = timedelta()) -> None:
        super().__init__(after)
        self.after = after


class Delivery:
    """Which worker this process works for, and the token of its attempt.

    The worker sets both before it forks, so that it can watch over the attempt from outside.
    """

    worker = ""
    token = uuid4()


class Task:
    """A job as its handler sees it."""

    def __init__(self, job: Job, *, token: UUID) -> None:
        self.id = job.pk
        self.kind = job.kind
        self.object_id = job.object_id
        self.bot_id = job.bot_id
        self.created_by_id = job.created_by_id
        self.attempt = job.attempt
        self.finished = False
        self._token = token
        self._told_at = 0.0

    def progress(self, done: int, total: int, message: str = "", *, at_once: bool = False) -> None:
        """Say how far the work is, and learn whether it is still wanted.

        Cheap enough to call for every row: it is stored once a second, at the end, and `at_once`.
        Raises Cancelled or LeaseLost, which handlers let pass.
        """
        now = time.monotonic()
        if now - self._told_at < PROGRESS_EVERY and done < total and not at_once:
            return
        self._told_at = now
        lease = leasing.renew(self.id, token=self._token)
        if lease.cancel_asked:
            raise Cancelled
        Job.objects.filter(pk=self.id, token=self._token).update(
            done=done, total=total, message=message[:300]
        )

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction that is kept only if the job is still this attempt's at its end.

        The row stays locked until then, so nobody can take the job over in between. Those who
        store more work for the job (requesting.ensure) are not kept waiting.
        """
        with transaction.atomic():
            self._hold(no_key=True)
            yield

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """A fenced transaction that also ends the job: what it writes is kept exactly once.

        Between a fenced write and the end of its job a worker can still be killed, and the
        next attempt writes again. Use this where that would be wrong. It waits for those who
        are storing more work for the job, so what is read inside has all of theirs.
        """
        with transaction.atomic():
            self._hold(no_key=False)
            yield
            leasing.finish(self.id, token=self._token, state=State.DONE)
        self.finished = True

    def _hold(self, *, no_key: bool) -> None:
        """Lock the row until the transaction ends. Raise LeaseLost if it is somebody else's."""
        held = Job.objects.select_for_update(no_key=no_key).filter(
            pk=self.id, token=self._token, state=State.RUNNING
        )
        if not held.exists():
            raise leasing.LeaseLost


def run(job_id: int) -> None:
    """Do the job if it is due and free. Anything else is somebody else's business."""
    token = Delivery.token
    job = leasing.claim(job_id, token=token, worker=Delivery.worker)
    if job is None:
        return
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(job_id=job.pk, kind=job.kind, try_no=job.attempt):
        with pghistory.context(by=job.created_by_id, job=job.pk):
            outcome = _carry_out(job, token=token)
        seconds = time.perf_counter() - started
        JOB_SECONDS.labels(job.kind, outcome).observe(seconds)
        logger.info("job_attempt_ended", outcome=outcome, seconds=round(seconds, 3))


def _carry_out(job: Job, *, token: UUID) -> str:
    """Call the handler and write down how it ended; a word for that."""
    known = KINDS.get(job.kind)
    if known is None:
        return _end(job, State.FAILED, token=token, error=UNKNOWN.format(kind=job.kind))
    task = Task(job, token=token)
    try:
        known.handler(task)
    except Stopped as reason:
        return _end(job, State.FAILED, token=token, error=str(reason))
    except Cancelled:
        return _end(job, State.CANCELLED, token=token)
    except leasing.LeaseLost:
        return LEASE_LOST
    except GoOnLater as later:
        return _to_the_end_of_the_line(job, after=later.after, token=token)
    except Exception as error:  # noqa: BLE001  a handler may raise anything; the row must say so
        return _try_again(job, error, token=token)
    return State.DONE if task.finished else _end(job, State.DONE, token=token)


def _end(job: Job, state: Job.State, *, token: UUID, error: str = "") -> str:
    written = leasing.finish(job.pk, token=token, state=state, error=error)
    return state.value if written else LEASE_LOST


def _to_the_end_of_the_line(job: Job, *, after: timedelta, token: UUID) -> str:
    if not leasing.give_back(job.pk, token=token, wait=after, error="", counted=False):
        return LEASE_LOST
    if not after:  # else the sweeper wakes it when its time comes
        waking.wake(job.pk, kind=job.kind)
    return LATER


def _try_again(job: Job, error: Exception, *, token: UUID) -> str:
    logger.exception("job_attempt_failed", exc_info=error)
    sentence = UNEXPECTED.format(name=type(error).__name__, id=job.pk)
    if isinstance(error, DatabaseTrouble):
        # The connection may be in any state; the statement that follows wants a fresh one.
        transaction.get_connection().close()
    wait = WAIT_BEFORE[min(job.attempt, ATTEMPTS - 1) - 1]
    kept = leasing.give_back(job.pk, token=token, wait=wait, error=sentence, counted=True)
    return "error" if kept else LEASE_LOST
