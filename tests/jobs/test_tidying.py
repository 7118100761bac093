"""Keeping the record short."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import work
from jobs.models import Job, Process

pytestmark = pytest.mark.django_db


def ended(days_ago, state=Job.State.DONE):
    at = timezone.now() - timedelta(days=days_ago)
    return Job.objects.create(kind="instant", state=state, ended_at=at)


def test_jobs_are_forgotten_after_thirty_days_and_live_ones_never():
    ended(31)
    kept = ended(29)
    waiting = Job.objects.create(kind="instant", created_at=timezone.now() - timedelta(days=90))
    tidy = Job.objects.create(kind="forget_old_jobs")

    work.run(tidy.pk)

    assert set(Job.objects.all()) == {kept, waiting, tidy}


def test_processes_that_were_killed_are_forgotten_after_a_day():
    Process.objects.create(name="gone", role="worker", seen_at=timezone.now() - timedelta(hours=25))
    here = Process.objects.create(name="here", role="worker")

    work.run(Job.objects.create(kind="forget_old_jobs").pk)

    assert list(Process.objects.all()) == [here]


def test_jobs_that_something_points_to_are_kept():
    at = timezone.now() - timedelta(days=90)
    treasured = Job.objects.create(kind="treasured", state=Job.State.DONE, ended_at=at)

    work.run(Job.objects.create(kind="forget_old_jobs").pk)

    assert Job.objects.filter(pk=treasured.pk).exists()
