"""annotation/undoing.py: taking answers back."""

import pytest
from django.utils import timezone

from annotation.answering import NothingToUndo, TooLate, undo
from annotation.holding import take, take_next
from annotation.models import Annotation, GoldLabel, ReviewItem
from tests.annotation.giving import give, send
from tests.factories import make_gold, make_item


def test_the_last_answer_is_taken_back_and_its_item_is_theirs_again(annotator, bot, lost):
    first, last = make_item(bot), make_item(bot)
    give(first, annotator, intent=lost)
    said = give(last, annotator, intent=lost)

    item = undo(annotator, bot=bot)

    assert item == last
    assert (item.status, item.holder, item.lane, item.ended_at) == (
        "open",
        annotator,
        "selection",
        None,
    )
    assert item.held_until > timezone.now()
    said.refresh_from_db()
    assert said.undone_at
    assert GoldLabel.objects.current().get().turn == first.turn
    assert take_next(annotator, bot=bot) == last


def test_the_one_before_comes_next(annotator, bot):
    items = [make_item(bot) for _ in range(3)]
    for item in items:
        give(item, annotator)

    assert [undo(annotator, bot=bot) for _ in range(3)] == items[::-1]


def test_without_an_answer_there_is_nothing_to_undo(annotator, ben, bot, other_bot):
    give(make_item(bot), ben)

    with pytest.raises(NothingToUndo):
        undo(annotator, bot=bot)
    with pytest.raises(NothingToUndo):
        undo(ben, bot=other_bot)


def test_ten_in_a_row_are_taken_back_and_no_more(annotator, bot):
    for _ in range(11):
        give(make_item(bot), annotator)
    for _ in range(10):
        undone = undo(annotator, bot=bot)

    with pytest.raises(NothingToUndo):
        undo(annotator, bot=bot)

    send(undone, annotator)  # an answer, and ten more can be taken back
    assert undo(annotator, bot=bot) == undone


def test_a_new_answer_after_undoing_counts_alone(annotator, bot, lost):
    item = make_item(bot)
    give(item, annotator)
    undo(annotator, bot=bot)

    send(item, annotator, intent=lost)

    assert GoldLabel.objects.current().get().intent == lost
    assert Annotation.objects.standing().count() == 1


def test_an_older_label_that_was_replaced_is_current_again(annotator, ben, bot, lost):
    item = make_item(bot)
    older = make_gold(item.turn, ben, intent=lost)
    give(item, annotator)

    undo(annotator, bot=bot)

    assert GoldLabel.objects.current().get() == older


def test_labels_of_turns_alike_go_with_it(annotator, bot):
    give(make_item(bot, alike=["where is my card"]), annotator, for_alike=True)

    undo(annotator, bot=bot)

    assert not GoldLabel.objects.current().exists()


def test_what_was_skipped_is_theirs_again(annotator, bot):
    item = make_item(bot)
    give(item, annotator, verdict="skip")

    assert undo(annotator, bot=bot) == item
    assert send(item, annotator)


class TestSecondOpinion:
    @pytest.fixture
    def item(self, bot, annotator):
        item = make_item(bot, answers_wanted=2)
        give(item, annotator)
        return item

    def test_the_first_answer_is_taken_back(self, item, annotator, ben, bot):
        assert undo(annotator, bot=bot).lane == "selection"
        assert take_next(ben, bot=bot) is None

    def test_not_once_somebody_else_has_it(self, item, annotator, ben, bot):
        take(item.pk, ben, bot=bot)

        with pytest.raises(TooLate):
            undo(annotator, bot=bot)

        item.refresh_from_db()
        assert (item.lane, item.holder) == ("second", ben)

    def test_not_once_somebody_else_answered(self, item, annotator, ben, bot):
        give(item, ben)

        with pytest.raises(TooLate):
            undo(annotator, bot=bot)

        assert GoldLabel.objects.current().exists()

    def test_the_second_is_taken_back_and_wanted_again(self, item, annotator, ben, bot):
        give(item, ben)

        assert undo(ben, bot=bot).lane == "second"
        assert not GoldLabel.objects.current().exists()


def test_not_once_its_label_was_replaced(annotator, bot, lost):
    item = make_item(bot)
    give(item, annotator)
    GoldLabel.objects.update(withdrawn_at=timezone.now())

    with pytest.raises(TooLate):
        undo(annotator, bot=bot)

    assert ReviewItem.objects.get().status == "done"


def test_the_form_of_an_undone_answer_counts_no_more(annotator, bot):
    item = make_item(bot)
    said = give(item, annotator)
    undo(annotator, bot=bot)

    again = send(item, annotator, submission=said.submission)

    assert again == said
    assert not Annotation.objects.standing().exists()


def test_undoing_takes_the_same_statements_however_many_there_are(
    annotator, bot, django_assert_num_queries
):
    for item in (make_item(bot), make_item(bot, alike=["where is my card"] * 10)):
        for _ in range(5):
            give(make_item(bot), annotator)
        give(item, annotator, for_alike=True)
        with django_assert_num_queries(13):
            undo(annotator, bot=bot)
