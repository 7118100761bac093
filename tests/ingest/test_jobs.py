"""ingest/jobs.py: what happens after the acknowledgement."""

from uuid import uuid4

import pytest
from django.utils import timezone

from ingest import jobs, signalling
from ingest.models import Conversation, Signal, Text, TextVector
from jobs import work
from jobs.models import Job
from tests.ingest.sending import an_event, send

State = Job.State


def run(kind):
    job = Job.objects.live().get(kind=kind)
    work.Delivery.token = uuid4()
    work.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def sent(anonymous, secret):
    events = [an_event(conversation_id=f"c-{n}", confidence=0.2) for n in range(3)]
    send(anonymous, {"events": events}, secret=secret)


def test_many_requests_ask_for_one_job(sent, anonymous, secret):
    send(anonymous, an_event(), secret=secret)

    assert Job.objects.filter(kind="find_signals").count() == 1


def test_signals_are_found_and_then_vectors_and_near_duplicates(sent, bot):
    found = run("find_signals")
    embedded, compared = run("embed"), run("compare_texts")

    assert {found.state, embedded.state, compared.state} == {State.DONE}
    assert Signal.objects.filter(kind="low_confidence").count() == 3
    assert not Conversation.objects.due().exists()
    assert TextVector.objects.filter(bot=bot).count() == Text.objects.count() == 1
    assert not Text.objects.uncompared().exists()


def test_a_job_whose_turn_is_over_lets_others_go_first(sent, monkeypatch):
    monkeypatch.setattr(jobs, "TURN", -1.0)

    job = run("find_signals")

    assert (job.state, job.attempt) == (State.QUEUED, 0)
    assert Signal.objects.count() == 3  # what was done is kept


def test_it_goes_on_where_it_was(sent, monkeypatch):
    with monkeypatch.context() as short:
        short.setattr(jobs, "TURN", -1.0)
        run("find_signals")

    assert run("find_signals").state == State.DONE


def test_a_silent_conversation_is_abandoned_and_looked_at_again(anonymous, secret):
    send(anonymous, an_event(timestamp="2026-05-09T12:00:00Z"), secret=secret)
    run("find_signals")
    Job.objects.create(kind="watch_silence")

    run("watch_silence")
    run("find_signals")

    assert Conversation.objects.get().outcome == "abandoned"
    assert Signal.objects.get(kind="abandonment")


def test_what_comes_while_the_job_ends_is_looked_at_before_it_does(sent, monkeypatch):
    find, rounds = signalling.find_signals, []

    def find_and_one_more_comes(bot, **more):
        find(bot, **more)
        rounds.append(1)
        if len(rounds) == 1:
            Conversation.objects.filter(name="c-0").update(due_since=timezone.now())

    monkeypatch.setattr(signalling, "find_signals", find_and_one_more_comes)

    job = run("find_signals")

    assert (job.state, len(rounds)) == (State.DONE, 2)
    assert not Conversation.objects.due().exists()
