"""Every hot query finds its rows by an index, in a record of many ended jobs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone

from jobs import listing
from jobs.models import Job
from tests.factories import make_bot

ENDED = 20_000

FILL = """
    INSERT INTO jobs_job (kind, bot_id, key, state, attempt, run_after, worker, done, total,
                          message, error, created_at, ended_at)
    SELECT 'instant', %s, '', CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'done' END, 1, now(), '',
           0, 0, '', '', now(), now() - n * interval '1 minute'
    FROM generate_series(1, %s) n
"""


@pytest.fixture
def many_jobs(db):
    quiet, busy = make_bot(), make_bot()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [quiet.pk, 200])
        cursor.execute(FILL, [busy.pk, ENDED])
        Job.objects.create(kind="instant", bot=quiet)
        cursor.execute("ANALYZE jobs_job")
    return quiet


def index_of(jobs):
    plan = jobs.explain()
    assert "Seq Scan" not in plan, plan
    return plan


def test_what_is_due(many_jobs):
    due = Job.objects.due(at=timezone.now()).order_by("run_after", "id")[:100]

    assert "job_due" in index_of(due)


def test_whose_lease_ran_out(many_jobs):
    expired = Job.objects.running().filter(lease_until__lt=timezone.now())

    assert "job_leased" in index_of(expired)


def test_what_waits_and_runs(many_jobs):
    live = Job.objects.live().values("kind", "state").annotate(Count("id"), Min("run_after"))

    assert "job_not_done" in index_of(live)


def test_a_page_of_a_bots_jobs(many_jobs, operator):
    newest = Job.objects.of(many_jobs).newest_first()[: listing.PAGE + 1]

    assert "job_of_bot" in index_of(newest)


def test_what_may_be_forgotten(many_jobs):
    old = Job.objects.ended().filter(ended_at__lt=timezone.now() - timedelta(days=13))

    assert "job_ended" in index_of(old.order_by("ended_at")[:100])
