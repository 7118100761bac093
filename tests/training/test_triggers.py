"""training/triggers.py: what starts a run by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import scheduling, work
from jobs.models import Job, Schedule
from tests.training.saying import label, withdraw
from training import starting, triggers
from training.configuring import change_training
from training.models import TrainingRun

HAND = TrainingRun.Trigger.HAND


def configure(bot, by, **fields):
    defaults = {"schedule": "off", "weekday": 1, "hour": 3, "after_labels": None,
                "budget": 60, "time_limit": 600, "encoder": "use"}  # fmt: skip
    change_training(bot, by=by, **(defaults | fields))


def look():
    work.run(Job.objects.create(kind="watch_training").pk)


def end(run):
    Job.objects.filter(pk=run.job_id).update(state="done", ended_at=timezone.now())


def test_a_schedule_starts_a_run_at_its_hour(bot, engineer, lisbon):
    configure(bot, engineer, schedule="daily", hour=5)
    due = Schedule.objects.get(bot=bot).next_at

    assert scheduling.fire_due(at=due - timedelta(seconds=1)) == 0
    scheduling.fire_due(at=due)
    work.run(Job.objects.get(kind="train_on_schedule").pk)

    run = TrainingRun.objects.get()
    assert (run.trigger, run.created_by, run.job.time_limit) == ("schedule", None, 600)


def test_the_clock_starts_nothing_where_nothing_is_new(bot, engineer, lost, lisbon):
    end(starting.start(bot, trigger=HAND))
    assert triggers.on_schedule(bot) is None

    gold = label(bot, engineer, "another card is lost", lost)
    run = triggers.on_schedule(bot)
    assert run is not None
    end(run)

    withdraw(gold)
    type(gold).objects.filter(pk=gold.pk).update(withdrawn_at=timezone.now())
    assert triggers.on_schedule(bot) is not None


def test_a_run_that_is_live_will_do(bot, lisbon):
    starting.start(bot, trigger=HAND)

    assert triggers.on_schedule(bot) is None
    assert TrainingRun.objects.count() == 1


def test_enough_new_labels_start_a_run_once(bot, engineer, lost):
    configure(bot, engineer, after_labels=10)
    for number in range(9):
        label(bot, engineer, f"text {number}", lost)
    look()
    assert not TrainingRun.objects.exists()

    label(bot, engineer, "the tenth", lost)
    look()
    look()

    run = TrainingRun.objects.get()
    assert run.trigger == "labels"
    end(run)
    look()
    assert TrainingRun.objects.count() == 1


def test_labels_count_from_the_last_run_whatever_started_it(bot, engineer, lost):
    configure(bot, engineer, after_labels=10)
    for number in range(12):
        label(bot, engineer, f"text {number}", lost)
    end(starting.start(bot, trigger=HAND))

    look()

    assert TrainingRun.objects.count() == 1


def test_a_bot_that_does_not_want_it_is_left_alone(bot, engineer, lost):
    configure(bot, engineer)
    for number in range(12):
        label(bot, engineer, f"text {number}", lost)

    look()

    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize("labels", [1, 40])
def test_counting_stops_where_it_is_enough(bot, engineer, lost, labels):
    for number in range(labels):
        label(bot, engineer, f"text {number}", lost)

    assert triggers.new_labels(bot, most=10) == min(labels, 10)
