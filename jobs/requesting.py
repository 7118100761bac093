"""Asking for work, and changing one's mind about it."""

from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs import waking
from jobs.kinds import KINDS
from jobs.models import Job

State = Job.State


class AlreadyEnded(Exception):
    """The job ended before it could be cancelled."""


class NotFailed(Exception):
    """Only a job that failed or was cancelled can be tried again."""


def request(
    kind: str,
    *,
    object_id: int | None = None,
    bot: Any = None,
    by: Any = None,
    run_after: Any = None,
    key: str = "",
    time_limit: float | None = None,
) -> Job:
    """Record that work is wanted, and wake a worker once that is stored.

    Call it in the transaction of the cause: both are stored, or neither. With a `key`, the
    live job of that key is returned where there is one. `time_limit`: seconds, for this job alone.
    """
    if kind not in KINDS:
        raise ValueError(f"No room has registered the kind {kind}.")
    job = Job(kind=kind, object_id=object_id, bot=bot, created_by=by, key=key)
    job.time_limit = time_limit
    if run_after is not None:
        job.run_after = run_after
    while not _stored(job):
        if live := Job.objects.live().filter(key=key).first():
            return live
        # It ended between the two statements, so the key is free now.
    _wake_when_stored(job)
    return job


def ensure(kind: str, *, key: str, bot_id: int) -> None:
    """See to it that a job with `key` looks for work again after this transaction is stored.

    A live one will do: until then its row is held in a way that lets it work, but not end in
    `Task.finishing()`. So its handler looks there for the last time.
    """
    job = Job(kind=kind, bot_id=bot_id, key=key)
    while not _kept_from_ending(key):
        if _stored(job):
            _wake_when_stored(job)
            return


# While its row is held like this, a live job works on but does not end.
KEEP = "SELECT 1 FROM jobs_job WHERE key = %s AND state IN ('queued', 'running') FOR KEY SHARE"


def _kept_from_ending(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [key])
        return cursor.fetchone() is not None


def _wake_when_stored(job: Job) -> None:
    if job.run_after <= timezone.now():  # else the sweeper wakes it when its time comes
        transaction.on_commit(partial(waking.wake, job.pk, kind=job.kind), robust=True)


def _stored(job: Job) -> bool:
    """Insert the row; False if a live job has its key."""
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        if not job.key:
            raise
        return False
    return True


def cancel(job: Job) -> None:
    """End a waiting job at once; ask a running one to stop. Raise AlreadyEnded if too late."""
    mine = Job.objects.filter(pk=job.pk)
    if mine.filter(state=State.QUEUED).update(
        state=State.CANCELLED, ended_at=Now(), cancel_asked_at=Now()
    ):
        return
    if not mine.filter(state=State.RUNNING).update(cancel_asked_at=Now()):
        raise AlreadyEnded


def retry(job: Job) -> None:
    """Queue an ended job again with three fresh attempts. Raise NotFailed if it is not one."""
    again = Job.objects.filter(pk=job.pk, state__in=[State.FAILED, State.CANCELLED])
    with transaction.atomic():
        try:
            with transaction.atomic():
                queued = again.update(
                    state=State.QUEUED,
                    attempt=0,
                    run_after=Now(),
                    woken_at=None,
                    started_at=None,
                    ended_at=None,
                    cancel_asked_at=None,
                    error="",
                    message="",
                    done=0,
                    total=0,
                )
        except IntegrityError:  # another with the same key is live, which does this one's work
            queued = 0
        if not queued:
            raise NotFailed
        transaction.on_commit(partial(waking.wake, job.pk, kind=job.kind), robust=True)
