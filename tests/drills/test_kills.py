"""Jobs end exactly once while everything that carries them is killed (promises 3, 4 and 6)."""

import random
import time
from datetime import timedelta

import numpy as np
from django.db.models import Count
from django.utils import timezone

from jobs import requesting
from jobs.models import Job
from tests.made_up.models import Effect


def test_every_job_ends_exactly_once_while_everything_is_killed(machine, full_size):
    jobs, kills, work_ms = (2000, 60, 100) if full_size else (100, 6, 100)
    rng = random.Random(7)
    started = time.monotonic()
    for _ in range(jobs):
        requesting.request("slow", object_id=work_ms)

    hurt = hurt_at_random(machine, rng, kills=kills)
    machine.until_all_ended(within=1200 if full_size else 60)

    recoveries = recovery_seconds(hurt)
    report(jobs, hurt, recoveries, time.monotonic() - started)
    # Every minute the schedule asks for others as well.
    asked = Job.objects.filter(kind="slow")
    states = dict(asked.values_list("state").annotate(Count("id")))
    assert states == {"done": jobs}
    assert Effect.objects.count() == jobs
    assert not Effect.objects.values("job_id").annotate(n=Count("id")).filter(n__gt=1).exists()
    assert not recoveries or np.percentile(recoveries, 95) <= 120


def hurt_at_random(machine, rng, *, kills):
    """Do `kills` random harms while there is work; when each was done, and its name."""
    hurt = []
    while len(hurt) < kills and Job.objects.live().exists():
        machine.until(lambda: Job.objects.running().exists(), within=20)
        hurt.append((timezone.now(), machine.hurt(rng)))
        pause = time.monotonic() + rng.uniform(0.1, 1.0)
        machine.until(lambda end=pause: time.monotonic() > end, within=10)
    assert len(hurt) == kills, "the work was over before all kills were done"
    return hurt


def recovery_seconds(hurt):
    """For each job that was tried again: from the kill before it to its last attempt's start."""
    again = Job.objects.filter(attempt__gt=1).values_list("started_at", flat=True)
    waits = []
    for begun in again:
        before = [at for at, _ in hurt if at <= begun]
        if before:
            waits.append((begun - before[-1]) / timedelta(seconds=1))
    return waits


def report(jobs, hurt, recoveries, seconds):
    named = [name for _, name in hurt]
    print(f"\n{jobs} jobs, {len(hurt)} kills in {seconds:.0f} s:", end=" ")
    print({name: named.count(name) for name in sorted(set(named))})
    if recoveries:
        p50, p95 = np.percentile(recoveries, [50, 95])
        print(f"{len(recoveries)} tried again; wait p50 {p50:.1f} s, p95 {p95:.1f} s")
