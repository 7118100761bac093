"""jobs.requesting.ensure: work that is stored is looked at by a job that begins or ends later."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction

from jobs import leasing, work
from jobs.models import Job
from jobs.requesting import ensure
from tests.made_up.models import Effect

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 20  # seconds


def ensure_one(bot):
    with transaction.atomic():
        ensure("instant", key="k", bot_id=bot.pk)


def a_running_job(bot):
    job = Job.objects.create(kind="instant", key="k", bot=bot)
    token = uuid4()
    return work.Task(leasing.claim(job.pk, token=token, worker="w"), token=token)


def test_a_job_is_asked_for_where_there_is_none(bot):
    ensure_one(bot)

    assert Job.objects.live().filter(key="k", kind="instant", bot=bot).count() == 1


def test_a_live_job_is_enough(bot):
    a_running_job(bot)

    ensure_one(bot)

    assert Job.objects.count() == 1


def test_an_ended_job_is_not_enough(bot):
    with a_running_job(bot).finishing():
        pass

    ensure_one(bot)

    assert Job.objects.live().count() == 1


def waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0] > 0


def in_its_own_connection(function, *args):
    try:
        return function(*args)
    finally:
        connection.close()


def test_a_job_that_ends_waits_for_those_who_store_work_and_sees_it(bot):
    """And one that writes does not wait."""
    task = a_running_job(bot)
    stored, may_commit = Event(), Event()

    def store():
        with transaction.atomic():
            Effect.objects.create(job_id=task.id, attempt=1)
            ensure("instant", key="k", bot_id=bot.pk)
            stored.set()
            assert may_commit.wait(WITHIN)

    def end():
        with task.finishing():
            return Effect.objects.exists()

    with ThreadPoolExecutor(2) as threads:
        storing = threads.submit(in_its_own_connection, store)
        assert stored.wait(WITHIN)
        with task.fenced():
            seen_while_writing = Effect.objects.exists()
        ending = threads.submit(in_its_own_connection, end)
        while not waiting_for_a_lock():
            assert not ending.done()
        may_commit.set()
        storing.result(WITHIN)
        saw_it = ending.result(WITHIN)

    assert (seen_while_writing, saw_it) == (False, True)


def test_of_many_at_once_one_job_comes(bot):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: in_its_own_connection(ensure_one, bot), range(40)))

    assert Job.objects.live().count() == 1
