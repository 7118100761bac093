"""Jobs that are requested again and again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import scheduling
from jobs.models import Job, Schedule

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def hourly():
    return Schedule.objects.create(name="hourly", kind="instant", cron="0 * * * *", next_at=NOON)


def test_the_next_time_is_read_from_five_fields():
    assert scheduling.next_time("17 3 * * *", after=NOON) == datetime(2026, 3, 2, 3, 17, tzinfo=UTC)


def test_nothing_is_requested_before_its_time(hourly):
    assert scheduling.fire_due(at=NOON - timedelta(seconds=1)) == 0


def test_a_due_schedule_requests_its_job_and_moves_on(hourly):
    assert scheduling.fire_due(at=NOON) == 1

    hourly.refresh_from_db()
    assert hourly.next_at == NOON + timedelta(hours=1)
    assert Job.objects.get().kind == "instant"


def test_many_missed_times_are_one_job(hourly):
    scheduling.fire_due(at=NOON + timedelta(days=3, minutes=5))

    hourly.refresh_from_db()
    assert hourly.next_at == NOON + timedelta(days=3, hours=1)
    assert Job.objects.count() == 1


def test_a_job_that_still_runs_is_not_doubled(hourly):
    scheduling.fire_due(at=NOON)
    scheduling.fire_due(at=NOON + timedelta(hours=1))

    assert Job.objects.count() == 1


def test_a_disabled_schedule_rests(hourly):
    Schedule.objects.update(enabled=False)

    assert scheduling.fire_due(at=NOON) == 0


def test_kinds_bring_their_own_schedules():
    scheduling.ensure_schedules()
    scheduling.ensure_schedules()

    row = Schedule.objects.get(name="forget_old_jobs")
    assert row.cron == "17 3 * * *"
    assert row.next_at > timezone.now()


def test_a_changed_schedule_takes_effect(hourly):
    scheduling.ensure_schedules()
    Schedule.objects.filter(name="forget_old_jobs").update(cron="0 0 1 1 *")

    scheduling.ensure_schedules()

    assert Schedule.objects.get(name="forget_old_jobs").cron == "17 3 * * *"


@pytest.mark.django_db(transaction=True)
def test_while_another_process_fires_this_one_does_nothing(hourly):
    from concurrent.futures import ThreadPoolExecutor

    def fire():
        try:
            return scheduling.fire_due(at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        fired = [each.result() for each in [threads.submit(fire) for _ in range(4)]]

    assert sum(fired) == 1


def test_a_schedule_of_a_kind_that_is_gone_does_not_stop_the_others(hourly):
    Schedule.objects.create(name="gone", kind="gone", cron="0 * * * *", next_at=NOON)

    assert scheduling.fire_due(at=NOON) == 1
