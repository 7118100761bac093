"""annotation/jobs.py: the queue fills by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Membership
from annotation import jobs
from annotation.models import QueueDue, ReviewItem
from ingest.models import IntakeSettings
from jobs import sweeping, work
from jobs.models import Job
from learnloop.sample import loading
from tests.annotation.saying import DOWN, say
from tests.factories import make_gold, make_item, make_review_settings
from tests.ingest.sending import an_event, send

State = Job.State


def run(kind):
    job = Job.objects.live().get(kind=kind)
    work.Delivery.token = uuid4()
    work.run(job.pk)
    job.refresh_from_db()
    assert job.state in (State.DONE, State.QUEUED), job.error
    return job


def watch():
    Job.objects.create(kind="watch_queue")
    run("watch_queue")


@pytest.fixture
def none_at_random(bot):
    make_review_settings(bot, random_stock=0, second_opinion_percent=0)


def test_events_become_items_through_the_jobs(anonymous, secret, bot, none_at_random):
    IntakeSettings.objects.create(bot=bot, audit_percent=0)
    events = [
        an_event(conversation_id=f"c-{n}", user_input=f"text {n % 2}", confidence=0.2)
        for n in range(4)
    ]
    send(anonymous, {"events": events}, secret=secret)

    run("find_signals")
    run("queue_turns")

    assert sorted(item.alike_count for item in ReviewItem.objects.open()) == [1, 1]
    assert not QueueDue.objects.exists()


def test_the_lane_is_filled_up_at_random(bot):
    for n in range(3):
        say(bot, f"text {n}", *([DOWN] if n == 0 else []))

    run("queue_turns")

    assert sorted(ReviewItem.objects.values_list("policy", flat=True)) == [
        "random",
        "random",
        "signals",
    ]


def test_a_job_whose_turn_is_over_lets_others_go_first(bot, none_at_random, monkeypatch):
    monkeypatch.setattr(jobs, "TURN", -1.0)
    say(bot, "a", DOWN)

    assert run("queue_turns").state == State.QUEUED
    assert ReviewItem.objects.exists()  # what was done is kept


class TestWatching:
    def test_what_was_left_over_is_woken(self, bot, none_at_random):
        say(bot, "a", DOWN)
        Job.objects.all().delete()

        watch()

        assert Job.objects.live().get().kind == "queue_turns"

    def test_what_people_use_up_is_filled_up(self, bot):
        say(bot, "a")

        watch()

        assert ReviewItem.objects.get().policy == "random"

    def test_what_people_label_is_looked_up(self, annotator, bot, none_at_random):
        make_gold(make_item(bot).turn, annotator)
        make_item(bot)

        watch()

        assert Job.objects.live().get().kind == "find_neighbours"

    def test_what_is_in_order_is_left(self, annotator, bot, none_at_random):
        make_item(bot)

        watch()

        assert not Job.objects.live().exists()

    def test_items_of_people_who_left_are_for_others(self, annotator, ben, bot, operator):
        for person in (annotator, ben, operator):
            make_item(bot, assigned_to=person)
        Membership.objects.filter(user=annotator).delete()

        watch()

        assert set(ReviewItem.objects.values_list("assigned_to", flat=True)) == {
            None,
            ben.pk,
            operator.pk,
        }


def test_the_sweeper_frees_what_was_held_for_too_long(annotator, bot):
    past = timezone.now() - timedelta(seconds=1)
    make_item(bot, holder=annotator, held_until=past)

    sweeping.sweep_rooms()

    assert ReviewItem.objects.free().exists()


def test_turns_are_looked_at_again_by_a_job(bot, none_at_random):
    turn = say(bot, "a", DOWN)
    conversation = type(turn.conversation).objects.filter(pk=turn.conversation_id)
    conversation.update(started_at=timezone.now(), weight=0.8)
    QueueDue.objects.all().delete()
    Job.objects.all().delete()

    Job.objects.create(kind="queue_again", bot=bot)
    run("queue_again")
    run("queue_turns")

    assert ReviewItem.objects.get().turn == turn


@pytest.mark.slow
def test_the_queue_of_the_sample_bank_fills_by_itself(db):
    loading.load(now=timezone.now())

    while job := Job.objects.live().order_by("pk").first():
        run(job.kind)

    lanes = set(ReviewItem.objects.open().values_list("lane", flat=True))
    assert lanes == {"selection", "audit"}  # its bot always names an intent
    assert ReviewItem.objects.open().count() > 100
    assert ReviewItem.objects.filter(alike_count__gt=0).exists()
    assert ReviewItem.objects.exclude(reasons=[]).count() == ReviewItem.objects.count()
