"""A job that cannot be stopped is stopped (promise 5), and a cancelled one lets go."""

import time

import psutil

from jobs import requesting
from jobs.models import Job


def test_a_fit_that_heeds_no_signal_is_killed_at_its_limit_and_says_so(machine):
    job = requesting.request("deaf")
    assert machine.until(lambda: Job.objects.running().exists(), within=20)

    machine.until_all_ended(within=20)

    job.refresh_from_db()
    print(f"\nlimit 2 s, stopped after {job.took.total_seconds():.1f} s")
    assert job.state == "failed"
    assert job.error.startswith("Stopped: it ran longer than its limit of 2 seconds.")
    assert job.took.total_seconds() < 12
    assert machine.until(lambda: not machine.horses(), within=5)


def test_a_cancelled_job_that_asks_stops_at_once(machine):
    job = requesting.request("patient")
    assert machine.until(lambda: Job.objects.running().exists(), within=20)

    requesting.cancel(job)

    assert machine.until_all_ended(within=10)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_cancelled_job_that_never_asks_is_killed(machine):
    job = requesting.request("never_ending")
    assert machine.until(lambda: Job.objects.running().exists(), within=20)
    cancelled_at = time.monotonic()

    requesting.cancel(job)

    assert machine.until_all_ended(within=15)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert time.monotonic() - cancelled_at < 10


def test_a_worker_that_is_told_to_stop_gives_its_job_back_uncounted(machine):
    job = requesting.request("never_ending")
    assert machine.until(lambda: Job.objects.running().exists(), within=20)
    began = time.monotonic()

    machine.parent().terminate()

    assert machine.until(lambda: Job.objects.filter(pk=job.pk, state="queued").exists(), within=5)
    assert time.monotonic() - began < 3
    requesting.cancel(job)


def test_a_work_horse_ends_with_its_worker(machine):
    requesting.request("never_ending")
    assert machine.until(lambda: bool(machine.horses()), within=20)
    horses = machine.horses()

    machine.kill_parent()

    _, alive = psutil.wait_procs(horses, timeout=5)
    assert alive == []


def test_a_limit_of_its_own_goes_before_that_of_the_kind(machine):
    job = requesting.request("never_ending", time_limit=1.5)

    assert machine.until_all_ended(within=30)

    job.refresh_from_db()
    assert job.error.startswith("Stopped: it ran longer than its limit of 1.5 seconds.")
    assert job.took.total_seconds() < 11.5
