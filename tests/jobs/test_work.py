"""Carrying out one job."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from jobs import leasing, work
from jobs.models import Job
from tests.made_up.models import Effect

pytestmark = pytest.mark.django_db
State = Job.State


def run(kind, **fields):
    job = Job.objects.create(kind=kind, **fields)
    work.Delivery.token = uuid4()
    work.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_runs_and_is_done():
    job = run("instant")

    assert (job.state, job.error) == (State.DONE, "")
    assert Effect.objects.filter(job_id=job.pk, finished=True).count() == 1


def test_a_message_delivered_twice_runs_the_job_once():
    job = run("instant")

    work.run(job.pk)

    assert Effect.objects.filter(job_id=job.pk).count() == 1


def test_an_unexpected_error_waits_and_tries_again():
    job = run("broken")

    assert (job.state, job.attempt) == (State.QUEUED, 1)
    assert job.run_after > timezone.now()


def test_the_third_unexpected_error_is_the_last():
    job = run("broken", attempt=2)

    assert (job.state, job.attempt) == (State.FAILED, 3)
    assert "RuntimeError" in job.error
    assert f"job {job.pk}" in job.error


def test_what_the_error_said_stays_inside():
    assert "secret" not in run("broken", attempt=2).error


def test_a_handler_that_says_why_is_not_tried_again():
    job = run("stopped")

    assert job.state == State.FAILED
    assert job.error.startswith("The dataset holds only one intent.")


def test_a_kind_that_nobody_registered_fails_with_a_sentence():
    job = run("from_the_future")

    assert job.state == State.FAILED
    assert "does not know the kind from_the_future" in job.error


def test_progress_learns_that_the_job_was_cancelled():
    job = run("patient", cancel_asked_at=timezone.now())

    assert job.state == State.CANCELLED


def test_nothing_is_written_behind_the_fence_once_the_lease_is_lost():
    job = Job.objects.create(kind="instant")
    token = uuid4()
    task = work.Task(leasing.claim(job.pk, token=token, worker="w"), token=token)
    Job.objects.update(token=uuid4())

    with pytest.raises(leasing.LeaseLost), task.fenced():
        Effect.objects.create(job_id=job.pk, attempt=1)

    assert not Effect.objects.exists()


def test_what_is_written_while_finishing_is_kept_with_the_end_of_the_job_or_not_at_all():
    job = Job.objects.create(kind="instant")
    token = uuid4()
    task = work.Task(leasing.claim(job.pk, token=token, worker="w"), token=token)

    with pytest.raises(ZeroDivisionError), task.finishing():
        Effect.objects.create(job_id=job.pk, attempt=1)
        1 / 0  # noqa: B018

    job.refresh_from_db()
    assert (job.state, Effect.objects.count()) == (State.RUNNING, 0)

    with task.finishing():
        Effect.objects.create(job_id=job.pk, attempt=1)

    job.refresh_from_db()
    assert (job.state, Effect.objects.count()) == (State.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_nobody_can_take_a_job_over_while_it_writes_behind_the_fence():
    job = Job.objects.create(kind="instant")
    token = uuid4()
    task = work.Task(leasing.claim(job.pk, token=token, worker="w"), token=token)

    def take_over():
        try:
            with transaction.atomic():
                Job.objects.select_for_update(nowait=True).get(pk=job.pk)
        finally:
            connection.close()

    with task.fenced(), ThreadPoolExecutor(1) as other:
        attempt = other.submit(take_over)
        with pytest.raises(OperationalError, match="could not obtain lock"):
            attempt.result()


def test_what_waits_for_something_comes_again_later_and_uncounted():
    job = run("waiting")

    assert (job.state, job.attempt, job.message) == (State.QUEUED, 0, "waiting for the rest")
    assert 15 < (job.run_after - timezone.now()).total_seconds() <= 20
