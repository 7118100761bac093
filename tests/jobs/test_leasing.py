"""Who may work on a job, and until when."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from jobs import leasing
from jobs.models import Job

pytestmark = pytest.mark.django_db
State = Job.State


@pytest.fixture
def job():
    return Job.objects.create(kind="instant")


def claim(job, token=None):
    return leasing.claim(job.pk, token=token or uuid4(), worker="w1")


def let_lease_run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_due_job_is_claimed_once(job):
    assert claim(job).attempt == 1
    assert claim(job) is None


def test_a_job_is_not_claimed_before_its_time(job):
    Job.objects.update(run_after=timezone.now() + timedelta(minutes=1))

    assert claim(job) is None


def test_finishing_needs_the_token(job):
    token = uuid4()
    claim(job, token)

    assert not leasing.finish(job.pk, token=uuid4(), state=State.DONE)
    assert leasing.finish(job.pk, token=token, state=State.DONE)
    job.refresh_from_db()
    assert (job.state, job.token, job.lease_until) == (State.DONE, None, None)
    assert job.ended_at is not None


def test_an_ended_job_stays_as_it_ended(job):
    token = uuid4()
    claim(job, token)
    leasing.finish(job.pk, token=token, state=State.DONE)

    assert not leasing.finish(job.pk, token=token, state=State.FAILED, error="late")
    assert not leasing.give_back(job.pk, token=token, wait=timedelta(), error="", counted=True)
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")


def test_renewing_moves_the_end_of_the_lease(job):
    token = uuid4()
    claim(job, token)
    let_lease_run_out(job)

    lease = leasing.renew(job.pk, token=token)

    job.refresh_from_db()
    assert job.lease_until > timezone.now()
    assert (lease.kind, lease.cancel_asked) == ("instant", False)


def test_a_lost_lease_is_told(job):
    claim(job)

    with pytest.raises(leasing.LeaseLost):
        leasing.renew(job.pk, token=uuid4())


def test_an_expired_lease_frees_the_job_and_shuts_the_old_worker_out(job):
    stale = uuid4()
    claim(job, stale)
    let_lease_run_out(job)

    assert leasing.return_expired() == 1

    assert claim(job).attempt == 2
    assert not leasing.finish(job.pk, token=stale, state=State.DONE)


def test_a_job_that_loses_its_lease_three_times_has_failed_with_a_sentence(job):
    for _ in range(3):
        assert claim(job)
        let_lease_run_out(job)
        leasing.return_expired()

    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.FAILED, 3)
    assert job.error == leasing.GAVE_UP


def test_a_worker_that_is_told_to_stop_does_not_cost_an_attempt(job):
    token = uuid4()
    claim(job, token)

    leasing.give_back(job.pk, token=token, wait=timedelta(), error="", counted=False)

    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, 0)


def test_an_expired_job_that_was_to_be_cancelled_is_cancelled(job):
    claim(job)
    Job.objects.update(cancel_asked_at=timezone.now())
    let_lease_run_out(job)

    leasing.return_expired()

    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_job_that_was_to_be_cancelled_is_not_queued_again(job):
    token = uuid4()
    claim(job, token)
    Job.objects.update(cancel_asked_at=timezone.now())

    leasing.give_back(job.pk, token=token, wait=timedelta(), error="It broke.", counted=True)

    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_waiting_job_without_an_attempt_left_cannot_be_stored():
    with pytest.raises(IntegrityError, match="a_waiting_job_has_an_attempt_left"):
        Job.objects.create(kind="instant", attempt=3)


def test_a_clock_that_runs_ahead_a_little_does_not_cost_the_wake_up(job):
    Job.objects.update(run_after=timezone.now() + timedelta(seconds=2))

    assert claim(job) is not None


def test_a_renewed_lease_says_the_limit_of_its_job():
    job, token = Job.objects.create(kind="instant", time_limit=7.5), uuid4()
    leasing.claim(job.pk, token=token, worker="w")

    assert leasing.renew(job.pk, token=token).time_limit == 7.5
