"""The sweeper finds what the queue forgot."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from jobs import sweeping, waking
from jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_queue():
    waking.redis().flushdb()
    yield
    waking.redis().flushdb()


def waiting():
    return [message.args[0] for message in waking.queue(waking.QUICK).jobs]


def test_a_job_that_was_never_woken_is_woken():
    job = Job.objects.create(kind="instant")

    assert sweeping.sweep() == 1
    assert waiting() == [job.pk]


def test_a_job_whose_time_has_not_come_sleeps_on():
    Job.objects.create(kind="instant", run_after=timezone.now() + timedelta(hours=1))

    assert sweeping.sweep() == 0


def test_a_woken_job_is_left_in_its_line():
    Job.objects.create(kind="instant")
    sweeping.sweep()

    assert sweeping.sweep() == 0
    assert len(waiting()) == 1


def test_an_emptied_queue_is_filled_again_at_once():
    job = Job.objects.create(kind="instant")
    sweeping.sweep()
    waking.redis().flushdb()

    sweeping.sweep()

    assert waiting() == [job.pk]


def test_a_job_whose_message_was_lost_beside_others_is_woken_after_a_minute():
    lost = Job.objects.create(kind="instant", woken_at=timezone.now() - timedelta(seconds=61))
    waking.wake(Job.objects.create(kind="instant").pk, kind="instant")

    sweeping.sweep()

    assert lost.pk in waiting()


def test_messages_of_a_long_line_do_not_multiply():
    for _ in range(20):
        Job.objects.create(kind="instant")
    sweeping.sweep()

    for _ in range(30):
        Job.objects.update(woken_at=timezone.now() - timedelta(seconds=61))
        sweeping.sweep()

    assert len(waiting()) == 20


def test_a_job_that_was_begun_goes_to_the_front_of_its_line():
    first = Job.objects.create(kind="instant")
    sweeping.sweep()
    begun = Job.objects.create(kind="instant", attempt=1)

    sweeping.sweep()

    assert waiting() == [begun.pk, first.pk]


class TestRooms:
    @pytest.fixture
    def registered(self, monkeypatch):
        monkeypatch.setattr(sweeping, "REGISTRY", [])

    def test_what_rooms_registered_is_done_though_one_fails(self, registered):
        done = []

        @sweeping.each_sweep
        def broken():
            raise RuntimeError("of that room")

        sweeping.each_sweep(lambda: done.append("other"))

        sweeping.sweep_rooms()

        assert done == ["other"]

    def test_a_database_that_is_away_is_not_their_fault(self, registered):
        @sweeping.each_sweep
        def asks():
            raise OperationalError("away")

        with pytest.raises(OperationalError):
            sweeping.sweep_rooms()
