"""annotation/leaving.py: what goes with conversations that are deleted."""

import pytest

from annotation.answering import Span
from annotation.models import (
    Annotation,
    EntitySpan,
    GoldLabel,
    ItemTurn,
    QueueDue,
    ReviewItem,
)
from ingest.leaving import delete_conversations
from ingest.models import Conversation, Turn
from tests.annotation.giving import give
from tests.annotation.saying import CLOSE, DOWN, UNSURE, queued, say
from tests.factories import make_entity_type, make_gold, make_item, make_review_settings


@pytest.fixture(autouse=True)
def one_answer_will_do(bot):
    """Else one in twenty would wait for a second."""
    make_review_settings(bot, second_opinion_percent=0)


def forget(*turns):
    delete_conversations(turns[0].bot, [turn.conversation_id for turn in turns])


def test_an_open_item_goes(bot):
    turn = say(bot, "a", DOWN)
    queued(bot)
    say(bot, "b", DOWN)

    forget(turn)

    assert not ReviewItem.objects.exists()
    assert QueueDue.objects.count() == 1


def test_answers_and_labels_go(annotator, bot, lost):
    item = make_item(bot, "in Lisbon")
    kept = make_gold(make_item(bot).turn, annotator)
    give(
        item,
        annotator,
        intent=lost,
        note="hers",
        spans=[Span(make_entity_type(bot).pk, 3, 9, "Lisbon")],
    )

    forget(item.turn)

    assert not EntitySpan.objects.exists()
    assert Annotation.objects.get() == kept.annotation
    assert GoldLabel.objects.get() == kept


def test_of_a_turn_beside_an_item_the_item_counts_one_fewer(annotator, bot):
    lead, other, third = (say(bot, "yes", *found) for found in ((DOWN,), (UNSURE,), (CLOSE,)))
    queued(bot)

    forget(other)

    item = ReviewItem.objects.get()
    assert (item.turn, item.alike_count) == (lead, 1)
    assert ItemTurn.objects.get().turn == third


def test_an_open_item_whose_leading_turn_goes_is_made_anew_of_the_others(bot):
    lead, other, third = (say(bot, "yes", *found) for found in ((DOWN,), (UNSURE,), (CLOSE,)))
    queued(bot)

    forget(lead)

    (item,) = queued(bot)
    assert (item.turn, item.alike_count) == (other, 1)
    assert item.reasons == [UNSURE[2]]
    assert ItemTurn.objects.get().turn == third


def test_an_answer_that_holds_for_others_stays_without_its_words(annotator, bot):
    item = make_item(bot, "in Lisbon", alike=["in lisbon!"], reasons=["The bot failed: Lisbon"])
    give(
        item,
        annotator,
        for_alike=True,
        note="hers",
        better_answer="Lisbon is nice.",
        spans=[Span(make_entity_type(bot).pk, 3, 9, "Lisbon")],
    )
    other = ItemTurn.objects.get().turn

    forget(item.turn)

    label = GoldLabel.objects.get()
    assert label.turn == other
    assert (label.annotation.note, label.annotation.better_answer) == ("", "")
    assert not EntitySpan.objects.exists()
    item.refresh_from_db()
    assert (item.turn, item.alike_count, item.reasons) == (other, 0, [])
    assert not ItemTurn.objects.exists()

    forget(other)

    assert not ReviewItem.objects.exists()


def test_a_label_that_was_given_to_an_alike_turn_goes_with_that_turn(annotator, bot):
    item = make_item(bot, alike=["Where is my card"])
    give(item, annotator, for_alike=True)

    forget(ItemTurn.objects.get().turn)

    assert GoldLabel.objects.get().turn == item.turn


@pytest.mark.parametrize("first", [True, False])
def test_whole_groups_go_at_once_or_one_by_one(annotator, bot, first):
    item = make_item(bot, alike=["Where is my card", "where is my card?"])
    give(item, annotator, for_alike=first)
    turns = list(Turn.objects.all())

    forget(*turns[:2])
    forget(turns[2])

    assert not Conversation.objects.exists()
    assert not ReviewItem.objects.exists()
