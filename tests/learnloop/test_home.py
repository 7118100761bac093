"""/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from learnloop import overview
from tests.factories import (
    make_annotation,
    make_conversation,
    make_gold,
    make_intent,
    make_item,
    make_model_version,
    make_turn,
    make_user,
)


@pytest.fixture
def labelled(bot, annotator):
    """A bot with a first label, given today; the turn was said long ago."""
    item = make_item(bot, status="done", ended_at=timezone.now())
    return make_annotation(item, annotator)


def say(bot, *, days_ago, turns=1, **fields):
    at = timezone.now() - timedelta(days=days_ago)
    conversation = make_conversation(bot, started_at=at, turns=[], **fields)
    for _ in range(turns):
        make_turn(conversation, at=at)


def test_what_came_in_is_counted_for_a_week(as_annotator, bot, other_bot, labelled):
    say(bot, days_ago=1, turns=3, signals=["escalation"])
    say(bot, days_ago=6)
    say(bot, days_ago=9)
    say(other_bot, days_ago=1)

    heard = as_annotator.get("/").context["heard"]

    assert (heard.turns, heard.conversations, heard.flagged) == (4, 2, 1)


def test_what_waits_is_told_by_its_reason_with_a_link_to_it(as_annotator, bot, labelled):
    make_item(bot, "one")
    make_item(bot, "two", lane="novelty")
    make_item(bot, "three", lane="novelty")

    page = as_annotator.get("/")

    counted = {each.lane.value: each.number for each in page.context["labelled"].waiting}
    assert counted == {"selection": 1, "novelty": 2}
    assert page.context["labelled"].number == "3"
    assert "/review/?lane=novelty" in page.content.decode()


def test_answers_of_today_count(as_annotator, bot, annotator, labelled):
    yesterday = make_item(bot, "before", status="done", ended_at=timezone.now())
    make_annotation(yesterday, annotator, created_at=timezone.now() - timedelta(days=1))
    taken_back = make_item(bot, "again")
    make_annotation(taken_back, annotator, undone_at=timezone.now())

    assert as_annotator.get("/").context["labelled"].today == 1


def test_versions_and_how_right_they_were_are_for_engineers(
    as_annotator, as_engineer, bot, labelled
):
    for accuracy in (0.7, 0.8):
        make_model_version(bot, figures={"audit": {"rows": 90, "accuracy": accuracy}})

    page = as_engineer.get("/")

    learned = page.context["learned"]
    assert learned.versions == 2
    assert [row[1] for row in learned.chart.rows][-1].startswith("80")
    assert "Accuracy by labels" in page.content.decode()
    assert "Accuracy by labels" not in as_annotator.get("/").content.decode()


def test_a_new_bot_has_three_steps_to_its_first_label(as_admin, bot, annotator):
    def steps():
        page = as_admin.get("/")
        return page.context["steps"], page.content.decode()

    first, page = steps()
    assert first == overview.Steps(False, False, False)
    assert "Three steps to the first label" in page
    assert "Make a webhook secret" in page

    make_intent(bot)
    item = make_item(bot)
    assert steps()[0] == overview.Steps(True, True, True)

    make_gold(item.turn, annotator)
    assert steps()[0] is None


def test_somebody_without_a_bot_gets_no_figures(client, db):
    client.force_login(make_user())

    page = client.get("/")

    assert "heard" not in page.context
    assert "You are in no bot yet" in page.content.decode()


def test_an_auditor_without_a_bot_is_shown_the_way_to_the_audit(client, db):
    client.force_login(make_user(is_staff=True))

    page = client.get("/").content.decode()

    assert "You are in no bot yet" not in page
    assert 'href="/admin/">Look at the audit</a>' in page


def test_the_page_takes_as_many_statements_for_a_thousand_rows_as_for_few(
    as_engineer, bot, labelled, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(overview, "MOST_COUNTED", 5)
    for number in range(12):
        say(bot, days_ago=1)
        make_item(bot, f"text {number}")
    for _ in range(3):
        make_model_version(bot)

    with django_assert_max_num_queries(26):
        page = as_engineer.get("/")

    assert page.context["heard"].turns == 6  # one more than is counted: "5+"
    assert "5+" in page.content.decode()
