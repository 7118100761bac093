"""annotation/progress.py: how far somebody is today."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation import progress as module
from annotation.answering import progress, recent, undo, waiting
from annotation.models import Annotation
from tests.annotation.giving import give
from tests.factories import make_item, make_review_settings


def test_nothing_yet(annotator, bot):
    found = progress(annotator, bot=bot)

    assert (found.mine_today, found.team_today, found.goal) == (0, 0, 100)


def test_todays_answers_are_counted_mine_and_the_teams(annotator, ben, bot):
    make_review_settings(bot, daily_goal=40)
    for seconds in (2, 4, 9):
        give(make_item(bot), annotator, seconds=seconds)
    give(make_item(bot), ben, seconds=100)
    make_item(bot)

    found = progress(annotator, bot=bot)

    assert (found.mine_today, found.team_today, found.goal) == (3, 4, 40)


def test_what_was_undone_skipped_or_said_yesterday_does_not_count(annotator, bot):
    give(make_item(bot), annotator)
    Annotation.objects.update(created_at=timezone.now() - timedelta(days=1))
    give(make_item(bot), annotator, verdict="skip")
    give(make_item(bot), annotator)
    undo(annotator, bot=bot)

    assert progress(annotator, bot=bot).mine_today == 0


def test_many_are_more_than_are_counted(bot, monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 2)
    for _ in range(5):
        make_item(bot)

    assert waiting(bot) == 3


def test_the_last_answers_come_newest_first(annotator, ben, bot, lost):
    said = [give(make_item(bot, f"text {n}"), annotator, intent=lost) for n in range(12)]
    give(make_item(bot), ben)
    undo(annotator, bot=bot)

    assert recent(annotator, bot=bot) == said[10:0:-1]


@pytest.mark.parametrize("many", [1, 8])
def test_both_take_one_statement_however_many_there_are(
    annotator, bot, lost, many, django_assert_num_queries
):
    for n in range(many):
        give(make_item(bot, f"text {n}"), annotator, intent=lost)

    with django_assert_num_queries(1):
        progress(annotator, bot=bot)
    with django_assert_num_queries(1):
        [(each.item.turn.text, each.intent.name) for each in recent(annotator, bot=bot)]
