"""Who may work on a job, and until when. Every function is one conditional UPDATE.

claim → (renew …) → finish, or give_back. A worker that lost its lease holds a token that no
row has any more, so whatever it still tries changes nothing. Times are the database's: the
clocks of two machines may differ by more than a lease.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Now

from jobs.kinds import ATTEMPTS
from jobs.models import Job

State = Job.State

# A web server whose clock runs ahead asks for a job that is due in the database's future.
CLOCKS_APART = timedelta(seconds=5)

GAVE_UP = (
    "Its worker stopped three times before it was done: killed, or out of memory. "
    "Nothing half done was kept. Look at the worker's log, then try again."
)


class LeaseLost(Exception):
    """The job belongs to somebody else now; nothing may be written for it."""


@dataclass(frozen=True)
class Lease:
    """What one renewal tells the process that watches over the work."""

    kind: str
    time_limit: float | None  # of this job alone
    age: float  # seconds since this attempt began
    cancel_asked: bool


def claim(job_id: int, *, token: UUID, worker: str) -> Job | None:
    """Take a due job for `worker`; None if it is not due, taken, or ended."""
    claimed = (
        Job.objects.filter(pk=job_id, state=State.QUEUED)
        .filter(run_after__lte=Now() + CLOCKS_APART)
        .update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            token=token,
            worker=worker[:100],
            lease_until=_lease_end(),
            started_at=Now(),
            done=0,
            total=0,
            message="",
        )
    )
    return Job.objects.get(pk=job_id) if claimed else None


RENEW = """
    UPDATE jobs_job SET lease_until = statement_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND token = %s AND state = 'running'
    RETURNING kind, time_limit, extract(epoch FROM statement_timestamp() - started_at)::float8,
              cancel_asked_at IS NOT NULL
"""


def renew(job_id: int, *, token: UUID) -> Lease:
    """Keep the job for another lease. Raise LeaseLost if it is not this token's any more."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [settings.JOB_LEASE, job_id, token])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost
    return Lease(*row)


def finish(job_id: int, *, token: UUID, state: Job.State, error: str = "") -> bool:
    """End the job. False if the token had lost it, and then nothing was changed."""
    return bool(
        _held(job_id, token).update(
            state=state, token=None, lease_until=None, ended_at=Now(), error=error
        )
    )


def give_back(job_id: int, *, token: UUID, wait: timedelta, error: str, counted: bool) -> bool:
    """Let another worker have it after `wait`, or end it if nobody wants it or can have it.

    `counted` is False where the work did nothing wrong, as when its worker was told to stop.
    """
    held = _held(job_id, token)
    return bool(_let_go(held, wait=wait, error=error, last_error=error, counted=counted))


def return_expired() -> int:
    """Free what lost its lease, fail what has lost it too often; how many rows that were."""
    expired = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    return _let_go(expired, wait=timedelta(), error="", last_error=GAVE_UP, counted=True)


def _let_go(
    jobs: models.QuerySet[Job], *, wait: timedelta, error: str, last_error: str, counted: bool
) -> int:
    """Queue them again, but end what was to be cancelled or has no attempt left.

    One statement: between two, another lease could run out and slip past the first.
    """
    cancelled = Q(cancel_asked_at__isnull=False)
    failed = ~cancelled & Q(attempt__gte=ATTEMPTS) if counted else Q(pk__in=())
    spent = F("attempt") if counted else Greatest(F("attempt") - 1, 0)
    return jobs.update(
        state=Case(
            When(cancelled, then=Value(State.CANCELLED)),
            When(failed, then=Value(State.FAILED)),
            default=Value(State.QUEUED),
        ),
        ended_at=Case(When(cancelled | failed, then=Now())),
        error=Case(When(failed, then=Value(last_error)), default=Value(error)),
        attempt=Case(When(cancelled, then=F("attempt")), default=spent),
        run_after=Now() + wait,
        token=None,
        lease_until=None,
        woken_at=None,
    )


def _held(job_id: int, token: UUID) -> models.QuerySet[Job]:
    return Job.objects.filter(Q(pk=job_id, token=token, state=State.RUNNING))


def _lease_end() -> models.expressions.CombinedExpression:
    return Now() + timedelta(seconds=settings.JOB_LEASE)
