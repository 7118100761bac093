"""A worker that comes back from the dead writes nothing (promise 4)."""

from django.conf import settings

from jobs import requesting
from jobs.models import Job
from tests.made_up.models import Effect


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing(machine, full_size):
    work_ms = 8_000 if full_size else 1_500
    lease = settings.JOB_LEASE if full_size else 2
    job = requesting.request("slow", object_id=work_ms)
    assert machine.until(lambda: Job.objects.running().exists(), within=20)

    with machine.frozen():
        taken_over = machine.until(
            lambda: Job.objects.filter(pk=job.pk, attempt=2).exists(), within=lease + 15
        )
    machine.until_all_ended(within=60)

    assert taken_over
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)
    assert list(Effect.objects.values_list("attempt", flat=True)) == [2]
