"""Asking for work, and changing one's mind about it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import requesting, waking
from jobs.models import Job

State = Job.State


@pytest.fixture(autouse=True)
def empty_queue():
    waking.redis().flushdb()
    yield
    waking.redis().flushdb()


def waiting(queue):
    return [message.args for message in waking.queue(queue).jobs]


@pytest.mark.django_db(transaction=True)
def test_a_request_wakes_a_worker_once_it_is_stored():
    with transaction.atomic():
        job = requesting.request("instant")
        assert waiting(waking.QUICK) == []

    assert waiting(waking.QUICK) == [[job.pk]]
    job.refresh_from_db()
    assert job.woken_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_rolled_back_leaves_nothing():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        requesting.request("instant")
        1 / 0  # noqa: B018

    assert not Job.objects.exists()
    assert waiting(waking.QUICK) == []


@pytest.mark.django_db(transaction=True)
def test_slow_kinds_wait_in_a_line_of_their_own():
    job = requesting.request("deaf")

    assert waiting(waking.SLOW) == [[job.pk]]
    assert waiting(waking.QUICK) == []


@pytest.mark.django_db
def test_two_requests_with_one_key_are_one_job():
    first = requesting.request("instant", key="rescore:1")

    assert requesting.request("instant", key="rescore:1") == first
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_key_is_free_again_once_its_job_has_ended():
    first = requesting.request("instant", key="rescore:1")
    requesting.cancel(first)

    assert requesting.request("instant", key="rescore:1") != first


@pytest.mark.django_db
def test_a_kind_that_no_room_registered_cannot_be_asked_for():
    with pytest.raises(ValueError, match="No room has registered the kind hoover"):
        requesting.request("hoover")


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_at_once():
    job = requesting.request("instant")

    requesting.cancel(job)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    with pytest.raises(requesting.AlreadyEnded):
        requesting.cancel(job)


@pytest.mark.django_db
def test_a_failed_job_gets_three_fresh_attempts():
    job = requesting.request("instant")
    end(job, State.FAILED, attempt=3, error="It stopped.")

    requesting.retry(job)

    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == (State.QUEUED, 0, "")


@pytest.mark.django_db
def test_a_done_job_is_not_tried_again():
    job = requesting.request("instant")
    end(job, State.DONE)

    with pytest.raises(requesting.NotFailed):
        requesting.retry(job)


@pytest.mark.django_db
def test_a_failed_job_is_not_tried_again_beside_one_that_does_its_work():
    job = requesting.request("instant", key="rescore:1")
    end(job, State.FAILED)
    requesting.request("instant", key="rescore:1")

    with pytest.raises(requesting.NotFailed):
        requesting.retry(job)


@pytest.mark.django_db
def test_a_running_job_without_a_lease_cannot_be_stored():
    with pytest.raises(IntegrityError, match="only_a_running_job_is_leased"):
        Job.objects.create(kind="instant", state=State.RUNNING)


def end(job, state, **fields):
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=job.created_at, **fields)


@pytest.mark.django_db(transaction=True)
def test_a_job_for_later_wakes_nobody_now():
    requesting.request("instant", run_after=timezone.now() + timedelta(hours=1))

    assert waiting(waking.QUICK) == []
