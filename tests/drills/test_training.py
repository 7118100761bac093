"""A run makes one model version, whoever is killed meanwhile (promises 4 and 5)."""

import random
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from jobs.models import Job
from tests.factories import make_bot, make_intent, make_member
from tests.training.filling import fill, texts_about, vectors_about
from training import artifact_store, starting
from training.models import ModelVersion, RunLine, TrainingRun, TrainingSettings

DIMENSIONS = 512
HAND = TrainingRun.Trigger.HAND


@pytest.fixture
def artifacts_folder(machine, settings):
    """Where the machine's workers store what they make."""
    folder = machine.folder / "artifacts"
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": folder}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}
    return folder


def bot_with_labels(number, *, rows, intents):
    chance = np.random.default_rng(number)
    bot = make_bot(f"Bot {number}")
    names = [f"intent_{place}" for place in range(intents)]
    keys = {name: make_intent(bot, name).pk for name in names}
    texts, named = texts_about(names, rows, chance=chance)
    vectors = vectors_about(named, dimensions=DIMENSIONS, chance=chance)
    fill(bot, make_member(bot), texts, vectors, intents=[keys[name] for name in named])
    return bot


def test_each_run_makes_one_version_while_its_workers_are_killed(
    machine, artifacts_folder, full_size
):
    kills = 50 if full_size else 3
    bots = [bot_with_labels(number, rows=600, intents=12) for number in range(3)]
    rng, began, waits, harms = random.Random(7), time.monotonic(), [], []

    for number in range(kills):
        run = starting.start(bots[number % len(bots)], trigger=HAND, seed=number)
        harm, at = kill_in_the_middle(machine, run, rng)
        harms.append(harm)
        assert machine.until(lambda run=run: is_over(run), within=240)
        waits.append(recovery(run, at))

    report(kills, harms, waits, time.monotonic() - began)
    assert set(Job.objects.filter(kind="train").values_list("state", flat=True)) == {"done"}
    assert ModelVersion.objects.count() == TrainingRun.objects.count() == kills
    assert np.percentile(waits, 95) <= 120
    all_artifacts_are_whole(artifacts_folder)


def kill_in_the_middle(machine, run, rng):
    """Kill something while the run learns; what it was, and when."""
    lines = rng.choice([1, 2, 3, 5])
    assert machine.until(lambda: has_said(run, lines), within=120)
    pause = time.monotonic() + rng.uniform(0, 0.3)
    machine.until(lambda: time.monotonic() > pause, within=5)
    harm = rng.choice([machine.kill_horse, machine.kill_worker_of_horse, machine.kill_parent])
    at = timezone.now()
    assert machine.until(lambda: harm() or is_over(run), within=30)
    return harm.__name__, at


def has_said(run, lines):
    return RunLine.objects.filter(run=run).count() >= lines or is_over(run)


def is_over(run):
    return not Job.objects.live().filter(pk=run.job_id).exists()


def recovery(run, at):
    """Seconds from the kill to when its last attempt began; 0 if it was over by then."""
    job = Job.objects.get(pk=run.job_id)
    return max((job.started_at - at) / timedelta(seconds=1), 0.0)


def report(kills, harms, waits, seconds):
    print(f"\n{kills} runs, {kills} kills in {seconds:.0f} s:", end=" ")
    print({name: harms.count(name) for name in sorted(set(harms))})
    again = Job.objects.filter(kind="train", attempt__gt=1).count()
    p50, p95 = np.percentile(waits, [50, 95])
    print(
        f"{again} tried again; recovery p50 {p50:.1f} s, p95 {p95:.1f} s, most {max(waits):.1f} s"
    )


def all_artifacts_are_whole(folder: Path):
    """Each version's file is what was written, and what else lies there is swept away."""
    for version in ModelVersion.objects.all():
        assert artifact_store.read(version).intents.rows_ > 0
    swept = artifact_store.sweep(at=timezone.now() + timedelta(hours=2))
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert left == set(ModelVersion.objects.values_list("artifact", flat=True))
    print(f"{len(left)} artifacts whole; {swept} left behind by killed runs were swept")


def test_a_run_over_its_limit_is_stopped_within_ten_seconds(machine, artifacts_folder):
    bot = bot_with_labels(1, rows=8000, intents=77)
    TrainingSettings.objects.create(bot=bot, budget=10, time_limit=10)
    run = starting.start(bot, trigger=HAND)

    assert machine.until(lambda: is_over(run), within=120)

    job = Job.objects.get(pk=run.job_id)
    print(f"\nlimit 10 s, stopped after {job.took.total_seconds():.1f} s")
    assert job.state == "failed"
    assert job.error.startswith("Stopped: it ran longer than its limit of 10 seconds.")
    assert job.took.total_seconds() < 20
    assert not ModelVersion.objects.exists()
    assert machine.until(lambda: not machine.horses(), within=5)


def test_a_cancelled_run_stops_and_keeps_nothing(machine, artifacts_folder):
    from jobs import requesting

    bot = bot_with_labels(1, rows=3000, intents=40)
    run = starting.start(bot, trigger=HAND)
    assert machine.until(lambda: RunLine.objects.filter(run=run).exists(), within=60)

    requesting.cancel(run.job)

    assert machine.until(lambda: is_over(run), within=20)
    assert Job.objects.get(pk=run.job_id).state == "cancelled"
    assert not ModelVersion.objects.exists()
