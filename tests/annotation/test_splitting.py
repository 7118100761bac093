"""annotation/refactoring/: splitting intents, and undoing it."""

import pytest

from annotation.clashes import NotStored
from annotation.models import GoldLabel, Intent, ReviewItem
from annotation.refactoring import restoring, splitting
from tests.annotation.changing import meant, say_and_label, state_of, undo, work
from tests.annotation.giving import give
from tests.factories import make_review_settings


@pytest.fixture
def drafted(bot, gone, labelled, reviewer):
    """A split of which one of three labels is picked."""
    change = splitting.draft(gone, "card_eaten", by=reviewer)
    label = GoldLabel.objects.get(turn__text="gone 1")
    splitting.pick(change, [label.pk], shown=[label.pk])
    return change


def test_what_was_picked_goes_to_the_new_intent(bot, drafted, reviewer):
    splitting.split(drafted, by=reviewer, ask_again=False)

    work(drafted)

    assert meant(bot) == {
        "gone 1": "card_eaten", "gone 2": "card_gone", "gone 3": "card_gone",
        "a thief": "card_stolen",
    }  # fmt: skip
    assert not ReviewItem.objects.open().exists()


def test_what_stays_is_asked_again_with_its_old_answer(bot, drafted, reviewer, annotator):
    make_review_settings(bot, second_opinion_percent=0)
    splitting.split(drafted, by=reviewer, ask_again=True)

    change = work(drafted)

    waiting = ReviewItem.objects.open()
    assert change.asked == 2
    assert {item.turn.text for item in waiting} == {"gone 2", "gone 3"}
    assert "labelled “card_gone”" in waiting[0].reasons[0]
    item = waiting.get(turn__text="gone 2")
    give(item, annotator, intent=Intent.objects.get(name="card_eaten"))
    assert meant(bot)["gone 2"] == "card_eaten"


def test_a_split_is_undone_exactly(bot, gone, labelled, reviewer):
    before = state_of(bot)
    change = splitting.draft(gone, "card_eaten", by=reviewer)
    splitting.pick_all(change, words="GONE 1")
    splitting.split(change, by=reviewer, ask_again=True)
    work(change)

    undone = undo(change, by=reviewer)

    assert state_of(bot) == before
    assert undone.told == []


def test_answers_since_a_split_stay(bot, drafted, reviewer, annotator):
    make_review_settings(bot, second_opinion_percent=0)
    splitting.split(drafted, by=reviewer, ask_again=True)
    work(drafted)
    item = ReviewItem.objects.open().get(turn__text="gone 2")
    give(item, annotator, intent=Intent.objects.get(name="card_eaten"))

    undone = undo(drafted, by=reviewer)

    assert meant(bot)["gone 2"] == "card_eaten"
    assert meant(bot)["gone 1"] == meant(bot)["gone 3"] == "card_gone"
    assert restoring.MADE_STAYS.format(name="card_eaten") in undone.told
    assert len(undone.told) == 3


def test_examples_go_along_with_labels_of_their_text(bot, gone, reviewer, annotator):
    say_and_label(bot, "It was  stolen", gone, by=annotator)
    say_and_label(bot, "gone 2", gone, by=annotator)
    change = splitting.draft(gone, "card_eaten", by=reviewer)
    splitting.pick_all(change, words="stolen")

    splitting.split(change, by=reviewer, ask_again=False)

    eaten = Intent.objects.get(name="card_eaten")
    assert list(eaten.examples.values_list("text", flat=True)) == ["it was stolen"]
    assert not gone.examples.filter(text="it was stolen").exists()


def test_a_split_of_nothing_is_refused(bot, gone, labelled, reviewer):
    change = splitting.draft(gone, "card_eaten", by=reviewer)

    with pytest.raises(NotStored, match="No label is picked yet"):
        splitting.split(change, by=reviewer, ask_again=False)

    assert not Intent.objects.filter(name="card_eaten").exists()


def test_a_split_is_begun_or_dropped_once(drafted, reviewer):
    splitting.drop(drafted)

    with pytest.raises(splitting.NoDraft):
        splitting.split(drafted, by=reviewer, ask_again=False)
