"""annotation/answering.py: what an answer does."""

from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.answering import (
    Answer,
    HoldLost,
    IntentGone,
    Span,
    SpanMoved,
    SubmissionUsed,
    TypeGone,
    answer,
)
from annotation.holding import take, take_next
from annotation.models import Annotation, EntitySpan, GoldLabel, ReviewItem
from tests.annotation.giving import Verdict, give, send
from tests.factories import make_entity_type, make_gold, make_intent, make_item


def test_an_answer_closes_its_item_and_is_the_gold_label(annotator, bot, lost):
    item = make_item(bot, policy="random", chance=0.25)

    said = give(item, annotator, intent=lost, seconds=4.5, note="sure")

    item.refresh_from_db()
    assert (item.status, item.holder, item.held_until) == ("done", None, None)
    assert item.ended_at
    label = GoldLabel.objects.current().get()
    assert (label.turn, label.text, label.annotation) == (item.turn, item.text, said)
    assert (label.verdict, label.intent, label.side) == ("intent", lost, "train")
    assert (label.policy, label.chance, label.seconds) == ("random", 0.25, 4.5)
    assert (label.guess_shown, label.by_likeness) == (True, False)
    assert (said.note, said.lane, said.guess_shown) == ("sure", "selection", True)


@pytest.mark.parametrize("verdict", [Verdict.OUT_OF_SCOPE, Verdict.UNUSABLE])
def test_what_has_no_intent_is_a_gold_label_too(annotator, bot, verdict):
    give(make_item(bot), annotator, verdict=verdict)

    assert GoldLabel.objects.get().verdict == verdict


def test_an_answer_of_the_audit_says_so(annotator, bot):
    give(make_item(bot, side="audit", chance=0.02), annotator)

    label = GoldLabel.objects.get()
    assert (label.side, label.policy, label.chance) == ("audit", "audit", 0.02)


def test_a_guess_that_was_hidden_was_not_shown(annotator, bot):
    said = give(make_item(bot, guess_hidden=True), annotator)

    assert not said.guess_shown
    assert not GoldLabel.objects.get().guess_shown


def test_without_a_hold_nothing_is_stored(annotator, ben, bot):
    free, bens = make_item(bot), make_item(bot)
    take(bens.pk, ben, bot=bot)

    for item in (free, bens):
        with pytest.raises(HoldLost):
            send(item, annotator)

    assert not Annotation.objects.exists()


def test_an_item_of_another_bot_is_not_theirs(annotator, bot, other_bot):
    item = make_item(other_bot)
    ReviewItem.objects.update(holder=annotator, held_until=timezone.now())

    with pytest.raises(HoldLost):
        answer(item.pk, annotator, Answer(uuid4(), Verdict.UNUSABLE), bot=bot)


class TestTheSameFormTwice:
    def test_is_one_answer(self, annotator, bot, lost):
        item, form = make_item(bot), uuid4()
        first = give(item, annotator, intent=lost, submission=form)

        again = send(item, annotator, intent=lost, submission=form)

        assert again == first
        assert (Annotation.objects.count(), GoldLabel.objects.count()) == (1, 1)

    def test_by_somebody_else_is_refused(self, annotator, ben, bot):
        item, form = make_item(bot), uuid4()
        give(item, annotator, submission=form)

        with pytest.raises(SubmissionUsed):
            send(item, ben, submission=form)

    def test_for_another_item_is_refused(self, annotator, bot):
        form, other = uuid4(), make_item(bot)
        give(make_item(bot), annotator, submission=form)

        with pytest.raises(SubmissionUsed):
            give(other, annotator, submission=form)

        other.refresh_from_db()
        assert other.status == "open"


class TestChecks:
    def test_the_intent_is_in_use(self, annotator, bot):
        archived = make_intent(bot, archived_at=timezone.now())

        with pytest.raises(IntentGone):
            give(make_item(bot), annotator, intent=archived)

        assert not Annotation.objects.exists()

    def test_the_intent_is_this_bots(self, annotator, bot, other_bot):
        with pytest.raises(IntentGone):
            give(make_item(bot), annotator, intent=make_intent(other_bot))

    @pytest.mark.parametrize(
        "said",
        [
            {"start": 10, "end": 16, "text": "Lisbo"},
            {"start": -6, "end": 16, "text": "Lisbon"},
            {"start": 12, "end": 12, "text": ""},
            {"start": 90, "end": 96, "text": "Lisbon"},
        ],
    )
    def test_what_is_marked_stands_where_it_is_said_to(self, annotator, bot, said):
        right = Span(make_entity_type(bot).pk, 0, 2, "in")
        wrong = Span(right.type_id, **said)

        with pytest.raises(SpanMoved) as moved:
            give(make_item(bot, "in 🏖️ and Lisbon"), annotator, spans=[right, wrong])

        assert moved.value.place == 1
        assert not Annotation.objects.exists()

    def test_places_are_counted_in_code_points(self, annotator, bot):
        text = "a 🏖️ in Lisbon"  # two code points, of which one lies beyond 16 bits
        start = text.index("Lisbon")

        give(
            make_item(bot, text),
            annotator,
            spans=[Span(make_entity_type(bot).pk, start, start + 6, "Lisbon")],
        )

        assert EntitySpan.objects.get().start == 8

    def test_a_type_is_in_use_and_this_bots(self, annotator, bot, other_bot):
        for kind in (
            make_entity_type(other_bot),
            make_entity_type(bot, archived_at=timezone.now()),
        ):
            with pytest.raises(TypeGone):
                give(make_item(bot, "Lisbon"), annotator, spans=[Span(kind.pk, 0, 6, "Lisbon")])


class TestNoLabelYet:
    def test_what_is_skipped_waits_for_somebody_else(self, annotator, ben, bot):
        item = make_item(bot)

        give(item, annotator, verdict=Verdict.SKIP)

        assert take_next(annotator, bot=bot) is None
        assert take_next(ben, bot=bot) == item
        assert not GoldLabel.objects.exists()

    def test_what_somebody_is_unsure_of_waits_for_a_reviewer(self, annotator, ben, reviewer, bot):
        item = make_item(bot)

        give(item, annotator, verdict=Verdict.UNSURE)

        assert take_next(ben, bot=bot) is None
        assert take_next(reviewer, bot=bot).lane == "reviewer"

    def test_what_was_meant_for_somebody_is_for_others_after_they_were_unsure(
        self, annotator, reviewer, bot
    ):
        item = make_item(bot, assigned_to=annotator)

        give(item, annotator, verdict=Verdict.UNSURE)

        assert take_next(reviewer, bot=bot) == item


class TestSecondOpinion:
    @pytest.fixture
    def item(self, bot):
        return make_item(bot, "to Lisbon", answers_wanted=2)

    def test_the_first_answer_waits_for_another(self, item, annotator, ben, bot, lost):
        give(item, annotator, intent=lost)

        assert not GoldLabel.objects.exists()
        assert take_next(annotator, bot=bot) is None
        assert take_next(ben, bot=bot).lane == "second"

    def test_two_that_agree_make_the_label(self, item, annotator, ben, lost):
        give(item, annotator, intent=lost)
        second = give(item, ben, intent=lost)

        item.refresh_from_db()
        assert item.status == "done"
        assert GoldLabel.objects.get().annotation == second

    def test_two_that_differ_wait_for_a_reviewer(self, item, annotator, ben, reviewer, lost):
        give(item, annotator, intent=lost)
        give(item, ben)

        item.refresh_from_db()
        assert (item.status, item.lane) == ("open", "reviewer")
        assert not GoldLabel.objects.exists()

        third = give(item, reviewer, intent=lost)

        assert GoldLabel.objects.get().annotation == third

    def test_two_that_mark_other_things_differ(self, item, annotator, ben, bot, lost):
        city = make_entity_type(bot)
        give(item, annotator, intent=lost, spans=[Span(city.pk, 3, 9, "Lisbon")])
        give(item, ben, intent=lost)

        item.refresh_from_db()
        assert item.lane == "reviewer"

    def test_two_that_mark_the_same_agree(self, item, annotator, ben, bot, lost):
        marked = [Span(make_entity_type(bot).pk, 3, 9, "Lisbon")]
        give(item, annotator, intent=lost, spans=marked)
        give(item, ben, intent=lost, spans=marked)

        assert GoldLabel.objects.count() == 1


class TestAlike:
    def test_those_alike_get_the_same_where_it_is_said(self, annotator, bot, lost):
        item = make_item(bot, alike=["Where is my card", "where's my card"], chance=0.5)

        give(item, annotator, intent=lost, for_alike=True, seconds=3)

        labels = GoldLabel.objects.order_by("by_likeness")
        assert [each.by_likeness for each in labels] == [False, True, True]
        assert {each.intent for each in labels} == {lost}
        assert [each.chance for each in labels] == [0.5, None, None]
        assert [each.seconds for each in labels] == [3, None, None]

    def test_what_one_of_them_was_called_by_itself_stays(self, annotator, bot, lost):
        item = make_item(bot, alike=["Where is my card"])
        by_itself = make_gold(item.alike.get().turn, annotator, intent=lost)

        give(item, annotator, for_alike=True)

        assert GoldLabel.objects.current().count() == 2
        by_itself.refresh_from_db()
        assert by_itself.withdrawn_at is None


def test_an_older_label_of_the_turn_is_replaced(annotator, ben, bot, lost):
    item = make_item(bot)
    older = make_gold(item.turn, ben, intent=lost)

    give(item, annotator)

    older.refresh_from_db()
    assert older.withdrawn_at
    assert older.replaced_by == GoldLabel.objects.current().get()


def test_an_answer_takes_the_same_statements_however_much_there_is(
    annotator, bot, lost, django_assert_num_queries
):
    city = make_entity_type(bot)
    text = "Lisbon Porto Leeds"
    spans = [
        Span(city.pk, 0, 6, "Lisbon"),
        Span(city.pk, 7, 12, "Porto"),
        Span(city.pk, 13, 18, "Leeds"),
    ]
    small, large = make_item(bot, text), make_item(bot, text, alike=[text] * 20)
    for item, marked, statements in ((small, spans[:1], 11), (large, spans, 12)):
        take(item.pk, annotator, bot=bot)
        # A savepoint (here; BEGIN and COMMIT in the product), the item, the intent, the text, the
        # types, the answer, its spans in a transaction of their own, two for the label, the item;
        # and which turns are alike.
        with django_assert_num_queries(statements):
            send(item, annotator, intent=lost, spans=marked, for_alike=True)


def test_a_mark_beyond_the_end_is_no_mark(annotator, bot):
    city = make_entity_type(bot)
    item = make_item(bot, "Lisbon")

    with pytest.raises(SpanMoved):
        give(item, annotator, spans=[Span(city.pk, 5000, 5001, "")])


@pytest.mark.parametrize("verdict", ["skip", "unusable"])
def test_marks_that_were_on_the_page_are_nobodys_where_nothing_was_said(annotator, bot, verdict):
    city = make_entity_type(bot)
    item = make_item(bot, "Lisbon")

    give(item, annotator, verdict=verdict, spans=[Span(city.pk, 0, 6, "Lisbon")])

    assert not EntitySpan.objects.exists()


def test_what_the_one_it_was_meant_for_skipped_is_for_others(annotator, ben, bot):
    item = make_item(bot, assigned_to=annotator)

    give(item, annotator, verdict="skip")

    assert take_next(ben, bot=bot) == item
