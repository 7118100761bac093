"""The queue may be emptied at any moment: nothing is lost, only later (promise 3)."""

import time

from jobs import requesting
from jobs.models import Job
from tests.made_up.models import Effect


def test_jobs_outlive_an_emptied_queue(machine, full_size):
    jobs = 500 if full_size else 40
    for _ in range(jobs):
        requesting.request("slow", object_id=20)
    assert machine.until(lambda: Effect.objects.count() > jobs // 4, within=60)

    emptied_at = time.monotonic()
    machine.empty_queue()
    left = Job.objects.live().count()
    machine.until_all_ended(within=240 if full_size else 40)

    print(f"\n{left} of {jobs} jobs left when the queue was emptied; ", end="")
    print(f"all done {time.monotonic() - emptied_at:.1f} s later")
    assert left > 0
    # Every minute the schedule asks for others as well.
    assert Job.objects.filter(kind="slow", state="done").count() == jobs
    assert Effect.objects.count() == jobs


def test_jobs_asked_for_while_the_queue_is_away_are_done_when_it_is_back(machine):
    assert machine.until(lambda: bool(machine.redis.exists("rq:workers")), within=20)
    machine.kill_queue()
    asked = [requesting.request("instant").pk for _ in range(5)]

    assert machine.until_all_ended(within=40)

    assert set(Effect.objects.values_list("job_id", flat=True)) == set(asked)
