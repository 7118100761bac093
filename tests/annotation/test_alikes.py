"""annotation/alikes.py: what says the same waits as one item."""

import pytest
from django.utils import timezone

from annotation import following, holding, queueing
from annotation.answering import undo
from annotation.models import GoldLabel, ItemTurn, QueueDue, ReviewItem
from annotation.weighing import OF_ALIKE
from ingest.comparing import compare_waiting
from ingest.models import Text, Turn
from tests.annotation.giving import give
from tests.annotation.saying import CLOSE, DOWN, SLOW, UNSURE, find, queued, say
from tests.factories import make_annotation, make_item, make_member, make_review_settings


@pytest.fixture(autouse=True)
def one_answer_will_do(bot):
    """Else one in twenty would wait for a second."""
    make_review_settings(bot, second_opinion_percent=0)


def beside(item):
    return {(each.turn, each.exact) for each in ItemTurn.objects.filter(item=item)}


def stand_together(turn, *others):
    """Their texts are near-duplicates, as after the job that compares them."""
    texts = {each.distinct_text_id for each in (turn, *others)}
    Text.objects.filter(pk__in=texts).update(alike=min(texts))
    following.note_open_items(turn.bot, list(texts))


def test_the_heaviest_leads_and_the_others_are_counted(bot):
    light, heavy, other = say(bot, "Yes!", UNSURE), say(bot, "yes", DOWN), say(bot, "YES", CLOSE)

    (item,) = queued(bot)

    assert item.turn == heavy
    assert item.alike_count == 2
    assert beside(item) == {(light, True), (other, True)}
    assert item.kinds == ["low_confidence", "small_margin", "thumbs_down"]
    assert item.reasons == [DOWN[2]]


def test_near_duplicates_count_too(bot):
    one = say(bot, "I lost my card", DOWN)
    other = say(bot, "I lost my blue card", UNSURE)
    stand_together(one, other)

    (item,) = queued(bot)

    assert item.turn == one
    assert beside(item) == {(other, False)}


def test_one_that_comes_later_joins(bot):
    first = say(bot, "yes", DOWN)
    (before,) = queued(bot)

    later = say(bot, "Yes", UNSURE)

    (item,) = queued(bot)
    assert (item, item.turn) == (before, first)
    assert beside(item) == {(later, True)}
    assert item.priority == pytest.approx(before.priority + OF_ALIKE)
    assert item.kinds == ["low_confidence", "thumbs_down"]


def test_one_that_comes_later_and_weighs_more_leads(bot):
    first = say(bot, "I lost my card", UNSURE)
    later = say(bot, "I lost my blue card", SLOW, UNSURE)
    stand_together(first, later)
    queued(bot)
    heavy = say(bot, "i lost my blue card", DOWN)

    (item,) = queued(bot)

    assert item.turn == heavy
    assert item.text == heavy.distinct_text
    assert item.reasons == [DOWN[2]]
    assert item.alike_count == 2
    assert beside(item) == {(first, False), (later, True)}


def test_one_beside_that_grows_heavier_leads(bot):
    lead, other = say(bot, "yes", CLOSE), say(bot, "yes", SLOW, UNSURE)
    queued(bot)
    assert ReviewItem.objects.get().turn == other

    find(lead, DOWN)

    (item,) = queued(bot)
    assert item.turn == lead
    assert beside(item) == {(other, True)}
    assert item.alike_count == 1


class TestNobodyIsDisturbed:
    def test_what_somebody_holds_shows_what_it_did(self, annotator, bot):
        first = say(bot, "yes", UNSURE)
        queued(bot)
        holding.take_next(annotator, bot=bot)

        say(bot, "yes", DOWN)

        (item,) = queued(bot)
        assert (item.turn, item.alike_count, item.holder) == (first, 1, annotator)
        assert item.reasons == [UNSURE[2]]
        assert item.kinds == ["low_confidence", "thumbs_down"]
        assert item.weight == 0.8

    def test_what_somebody_answered_shows_what_it_did(self, annotator, bot):
        first = say(bot, "yes", UNSURE)
        (item,) = queued(bot)
        make_annotation(item, annotator, verdict="skip")

        say(bot, "yes", DOWN)

        assert queued(bot)[0].turn == first

    def test_nobody_jumps_into_another_lane(self, bot):
        novel = say(bot, "yes", UNSURE, intent="")
        queued(bot)

        understood = say(bot, "yes", DOWN)

        (item,) = queued(bot)
        assert (item.lane, item.turn) == ("novelty", novel)
        assert beside(item) == {(understood, True)}

    def test_in_the_lane_of_reviewers_it_stays(self, bot):
        first = say(bot, "yes", UNSURE)
        queued(bot)
        ReviewItem.objects.update(lane="reviewer")

        say(bot, "yes", DOWN)

        (item,) = queued(bot)
        assert (item.lane, item.turn, item.alike_count) == ("reviewer", first, 1)


def test_turns_of_the_audit_are_never_put_together(bot):
    for side in ("audit", "audit", "train"):
        say(bot, "yes", DOWN, side=side)

    items = queued(bot)

    assert len(items) == 3
    assert {item.alike_count for item in items} == {0}


def test_once_it_was_answered_another_waits_again(annotator, bot):
    say(bot, "yes", UNSURE)
    (item,) = queued(bot)
    give(item, annotator, verdict="skip")
    ReviewItem.objects.update(status="done", ended_at=timezone.now(), not_for=[])

    later = say(bot, "yes", DOWN)

    assert [each.turn for each in queued(bot)] == [later]


class TestPuttingTogether:
    def test_items_whose_texts_have_become_alike_are_one(self, bot):
        light = say(bot, "I lost my card", UNSURE)
        heavy = say(bot, "I lost my blue card", DOWN)
        third = say(bot, "I lost my blue card", UNSURE)
        assert len(queued(bot)) == 2

        stand_together(light, heavy)

        (item,) = queued(bot)
        assert item.turn == heavy
        assert beside(item) == {(light, False), (third, True)}
        assert item.alike_count == 2

    def test_the_job_that_compares_texts_tells_of_it(self, bot):
        say(bot, "I lost my card in the train to Porto", UNSURE)
        say(bot, "I lost my card in the train to Lyon", DOWN)
        say(bot, "Do you sell bikes?", DOWN)
        queued(bot)

        compare_waiting(bot)

        assert QueueDue.objects.count() == 2
        assert [item.alike_count for item in queued(bot)] == [1, 0]

    def test_what_somebody_holds_takes_in_the_others(self, annotator, bot):
        light = say(bot, "I lost my card", UNSURE)
        heavy = say(bot, "I lost my blue card", DOWN)
        queued(bot)
        item = ReviewItem.objects.get(turn=light)
        holding.take(item.pk, annotator, bot=bot)

        stand_together(light, heavy)

        (left,) = queued(bot)
        assert left == item
        assert beside(item) == {(heavy, False)}

    def test_two_that_people_hold_stay_two(self, annotator, ben, bot):
        turns = say(bot, "I lost my card", UNSURE), say(bot, "I lost my blue card", DOWN)
        queued(bot)
        for person in (annotator, ben):
            holding.take_next(person, bot=bot)

        stand_together(*turns)

        assert len(queued(bot)) == 2


def test_an_audit_item_stays_by_itself_in_whatever_lane(bot, annotator):
    """Somebody was unsure of it: what is alike on the train side is still none of its business."""
    audited = make_item(bot, "yes", side="audit", priority=0.26)
    give(audited, annotator, verdict="unsure")
    turn = say(bot, "yes", DOWN)
    make_text_of(turn, audited)
    before = ReviewItem.objects.values().get(pk=audited.pk)

    following.note(bot, [turn.conversation_id])
    queued(bot)

    assert ReviewItem.objects.values().get(pk=audited.pk) == before
    assert ReviewItem.objects.filter(turn=turn, policy="signals").exists()


def make_text_of(turn, item):
    """Have an item's turn say the same text as another, to the letter."""
    Turn.objects.filter(pk=item.turn_id).update(distinct_text=turn.distinct_text)
    ReviewItem.objects.filter(pk=item.pk).update(
        text=turn.distinct_text, text_group=turn.distinct_text_id
    )


class TestParting:
    """An answer that was not given for the turns alike: what says the same is known by it."""

    @pytest.fixture
    def turns(self, bot):
        said = [say(bot, "yes", *signals) for signals in ((DOWN,), (CLOSE,), (DOWN, SLOW))]
        near = say(bot, "yes please", UNSURE, SLOW)
        Text.objects.filter(pk=near.distinct_text_id).update(alike=said[0].distinct_text_id)
        Text.objects.filter(pk=said[0].distinct_text_id).update(alike=said[0].distinct_text_id)
        return [*said, near]

    def test_what_somebody_complained_of_and_what_is_only_near_wait_again(
        self, turns, annotator, bot, lost
    ):
        (item,) = queued(bot)
        assert item.alike_count == 3
        complained = next(turn for turn in turns[::2] if turn != item.turn)

        give(item, annotator, intent=lost)

        (left,) = ReviewItem.objects.open()
        assert left.turn == complained
        assert (left.lane, left.policy, left.alike_count) == ("selection", "signals", 1)
        assert beside(left) == {(turns[3], False)}
        item.refresh_from_db()
        assert beside(item) == {(turns[1], True)}
        assert item.alike_count == 1
        assert GoldLabel.objects.count() == 1

    def test_where_all_say_the_same_nobody_is_asked_again(self, annotator, bot):
        for signals in ((CLOSE,), (UNSURE,), (UNSURE, SLOW)):
            say(bot, "yes", *signals)
        (item,) = queued(bot)

        give(item, annotator)

        assert not ReviewItem.objects.open().exists()
        assert len(beside(item)) == 2

    def test_for_all_of_them_nobody_waits(self, turns, annotator, bot):
        (item,) = queued(bot)

        give(item, annotator, for_alike=True)

        assert not ReviewItem.objects.open().exists()
        assert GoldLabel.objects.count() == 4

    def test_undone_they_stand_beside_it_again(self, turns, annotator, bot):
        (item,) = queued(bot)
        before = beside(item)
        give(item, annotator)

        undo(annotator, bot=bot)

        (again,) = queued(bot)
        assert again == item
        assert beside(item) == before
        assert again.alike_count == 3

    def test_undone_they_stay_by_themselves_if_somebody_has_them(self, turns, annotator, ben, bot):
        (item,) = queued(bot)
        give(item, annotator)
        left = holding.take_next(ben, bot=bot)

        undo(annotator, bot=bot)

        assert {each.pk: each.holder for each in queued(bot)} == {item.pk: annotator, left.pk: ben}

    def test_the_second_of_two_answers_says_for_whom(self, turns, annotator, bot):
        (item,) = queued(bot)
        ReviewItem.objects.update(answers_wanted=2)
        give(item, annotator, for_alike=True)
        assert ReviewItem.objects.get().alike_count == 3

        give(item, make_member(bot), for_alike=True)

        assert GoldLabel.objects.count() == 4


def test_a_slice_is_safe_to_do_twice(bot):
    for signals in ((DOWN,), (UNSURE,), (CLOSE,)):
        say(bot, "yes", *signals)
    before = queued(bot)
    rows = list(ReviewItem.objects.values())

    for due in before:
        QueueDue.objects.create(conversation=due.conversation, bot=bot, since=timezone.now())
    queueing.queue_due(bot)

    assert list(ReviewItem.objects.values()) == rows
    assert ItemTurn.objects.count() == 2
