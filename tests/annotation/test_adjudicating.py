"""annotation/adjudicating.py: accepting, deciding, sending back, and taking that back."""

from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Membership
from annotation import adjudicating, returning
from annotation.adjudicating import HeldBySomebody, MovedOn, NobodyToAsk, Settled, TooLate, seen
from annotation.answering import Answer, Span, undo
from annotation.disputing import look_again
from annotation.holding import Gone, take, take_next
from annotation.models import (
    Annotation,
    AskedAnew,
    Correction,
    Dispute,
    GoldLabel,
    ReviewItem,
    SentBack,
)
from annotation.rereading import read_again
from ingest.leaving import delete_conversations
from tests.annotation.giving import Verdict, give, send
from tests.factories import make_entity_type, make_intent, make_item, make_member


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


@pytest.fixture
def item(bot, annotator, ben, reviewer, lost, stolen):
    """One that ana takes for lost, and ben for stolen."""
    made = make_item(bot, "gone in Lisbon", answers_wanted=2, priority=0.1)
    give(made, annotator, intent=lost, seconds=4, note="she says gone")
    give(made, ben, intent=stolen, seconds=9)
    return made


def accept(item, by, *, of, note="", shown=None):
    said = Annotation.objects.opinions().get(item=item, annotator=of)
    answer = Answer(uuid4(), Verdict.INTENT, note=note)
    return adjudicating.accept(said, by, answer, bot=item.bot, shown=shown or seen(item.pk))


def decide(item, by, *, intent=None, verdict=None, **said):
    verdict = verdict or (Verdict.INTENT if intent else Verdict.OUT_OF_SCOPE)
    answer = Answer(uuid4(), verdict, intent_id=intent.pk if intent else None, **said)
    return adjudicating.decide(item.pk, by, answer, bot=item.bot, shown=seen(item.pk))


def send_back(item, by, *, note="Read the last line.", shown=None, submission=None):
    shown = shown or seen(item.pk)
    return adjudicating.send_back(
        item.pk, by, bot=item.bot, note=note, submission=submission or uuid4(), shown=shown
    )


class TestWhatIsADispute:
    def test_two_different_answers(self, item, annotator, ben, lost, stolen):
        dispute = Dispute.objects.open().get()

        assert (dispute.kind, dispute.sent_back, dispute.nobody_left) == ("differ", False, False)
        assert sorted(dispute.intents) == sorted([lost.pk, stolen.pk])
        assert sorted(dispute.people) == sorted([annotator.pk, ben.pk])

    def test_the_same_intent_with_other_marks(self, bot, annotator, ben, reviewer, lost):
        city, made = make_entity_type(bot), make_item(bot, "to Lisbon", answers_wanted=2)
        give(made, annotator, intent=lost, spans=[Span(city.pk, 3, 9, "Lisbon")])
        give(made, ben, intent=lost)

        assert Dispute.objects.get().kind == "marks"

    def test_one_who_is_unsure(self, bot, annotator, reviewer):
        give(make_item(bot), annotator, verdict=Verdict.UNSURE)

        assert Dispute.objects.get().kind == "unsure"

    def test_a_label_that_is_read_again(self, bot, annotator, reviewer, lost):
        made = make_item(bot)
        give(made, annotator, intent=lost)
        read_again(bot, made.turn_id, why="It looks wrong.", by=reviewer)

        dispute = Dispute.objects.get()
        assert (dispute.kind, dispute.people) == ("again", [annotator.pk])

    def test_no_more_once_the_answer_that_differed_is_taken_back(self, item, ben, bot):
        undo(ben, bot=bot)

        assert not Dispute.objects.exists()

    def test_an_ordinary_answer_makes_none(self, bot, annotator, lost):
        give(make_item(bot), annotator, intent=lost)

        assert not Dispute.objects.exists()


class TestAccepting:
    def test_the_answer_becomes_the_gold_label(self, item, ben, reviewer, stolen):
        said = accept(item, reviewer, of=ben, note="Lisbon is far.")

        gold, dispute = GoldLabel.objects.current().get(), Dispute.objects.get()
        assert (gold.intent, gold.annotation, said.lane) == (stolen, said, "reviewer")
        assert said.accepts == Annotation.objects.get(annotator=ben)
        assert (dispute.settled_by, dispute.sent_back) == (said, False)
        item.refresh_from_db()
        assert item.status == "done"

    def test_its_marks_come_with_it(self, bot, annotator, ben, reviewer, lost):
        city, made = make_entity_type(bot), make_item(bot, "to Lisbon", answers_wanted=2)
        give(made, annotator, intent=lost, spans=[Span(city.pk, 3, 9, "Lisbon")])
        give(made, ben, intent=lost)

        said = accept(made, reviewer, of=annotator)

        assert [span.text for span in said.spans.all()] == ["Lisbon"]

    def test_whoever_said_something_else_is_told(self, item, annotator, ben, reviewer):
        said = accept(item, reviewer, of=ben)

        told = Correction.objects.get()
        assert (told.person, told.decision, told.seen_at) == (annotator, said, None)

    def test_the_reviewer_may_see_it_as_neither(self, item, annotator, ben, reviewer):
        decide(item, reviewer, verdict=Verdict.OUT_OF_SCOPE)

        assert GoldLabel.objects.get().verdict == "oos"
        assert {told.person for told in Correction.objects.all()} == {annotator, ben}

    def test_the_same_form_twice_is_one_decision(self, item, reviewer, bot, lost):
        answer, shown = Answer(uuid4(), Verdict.INTENT, intent_id=lost.pk), seen(item.pk)

        both = [
            adjudicating.decide(item.pk, reviewer, answer, bot=bot, shown=shown) for _ in range(2)
        ]

        assert both[0] == both[1]
        assert GoldLabel.objects.count() == 1

    def test_it_is_taken_back_like_any_answer(self, item, ben, reviewer, bot):
        accept(item, reviewer, of=ben)

        assert adjudicating.undo(reviewer, bot=bot) == item

        item.refresh_from_db()
        assert (item.status, item.lane, item.holder) == ("open", "reviewer", reviewer)
        assert Dispute.objects.open().get().kind == "differ"
        assert not GoldLabel.objects.current().exists()
        assert not Correction.objects.exists()

    def test_one_that_was_labelled_otherwise_before_corrects_that(
        self, bot, annotator, reviewer, lost
    ):
        made = make_item(bot)
        give(made, annotator, intent=lost)
        read_again(bot, made.turn_id, why="It looks wrong.", by=reviewer)

        decide(made, reviewer)

        assert Correction.objects.get().person == annotator
        assert GoldLabel.objects.current().get().verdict == "oos"


class TestTwoReviewers:
    @pytest.fixture
    def rita(self, bot):
        return make_member(bot, "reviewer", username="rita")

    def test_the_second_is_told_that_it_is_settled(self, item, annotator, ben, reviewer, rita):
        shown = seen(item.pk)
        accept(item, reviewer, of=ben, shown=shown)

        with pytest.raises(Settled):
            accept(item, rita, of=annotator, shown=shown)

        assert GoldLabel.objects.count() == 1

    def test_whoever_has_it_on_the_screen_is_not_overtaken(self, item, ben, reviewer, rita, bot):
        assert take_next(rita, bot=bot) == item

        with pytest.raises(HeldBySomebody) as refused:
            accept(item, reviewer, of=ben)

        assert refused.value.holder == rita

    def test_what_was_said_meanwhile_is_looked_at_first(self, item, ben, reviewer, rita):
        shown = seen(item.pk)
        decide(item, rita, verdict=Verdict.UNSURE)

        with pytest.raises(MovedOn):
            accept(item, reviewer, of=ben, shown=shown)

        assert not GoldLabel.objects.exists()

    def test_what_was_sent_back_meanwhile_too(self, item, ben, reviewer, rita):
        shown = seen(item.pk)
        send_back(item, rita)

        with pytest.raises(MovedOn):
            send_back(item, reviewer, shown=shown)


class TestSendingBack:
    def test_it_is_the_next_of_each_who_answered_and_of_nobody_else(
        self, item, annotator, ben, reviewer, bot
    ):
        for _ in range(3):
            make_item(bot, priority=9)
        send_back(item, reviewer)

        assert Dispute.objects.open().get().sent_back
        with pytest.raises(Gone):
            take(item.pk, reviewer, bot=bot)
        assert take_next(make_member(bot), bot=bot) != item
        assert take_next(ben, bot=bot) == item
        assert take_next(annotator, bot=bot) != item  # ben has it

    def test_nothing_is_edited_and_what_they_agree_on_is_the_label(
        self, item, annotator, ben, reviewer, bot, lost, stolen
    ):
        send_back(item, reviewer)

        give(item, annotator, intent=stolen)

        item.refresh_from_db()
        assert (item.lane, item.status) == ("returned", "open")
        last = give(item, ben, intent=stolen)
        assert GoldLabel.objects.get().annotation == last
        first = Annotation.objects.get(annotator=annotator, lane="selection")
        assert (first.intent, first.undone_at) == (lost, None)
        assert first.superseded_at
        assert Dispute.objects.get().settled_by == last
        assert not Correction.objects.exists()

    def test_where_they_differ_still_a_reviewer_decides(
        self, item, annotator, ben, reviewer, bot, lost, stolen
    ):
        send_back(item, reviewer)
        give(item, annotator, intent=lost)
        give(item, ben, intent=stolen)

        dispute = Dispute.objects.open().get()
        assert (dispute.kind, dispute.sent_back) == ("differ", False)
        assert take_next(reviewer, bot=bot) == item

    def test_what_one_passes_by_comes_to_a_reviewer(self, item, annotator, ben, reviewer, lost):
        send_back(item, reviewer)
        give(item, ben, intent=lost)
        give(item, annotator, verdict=Verdict.SKIP)

        item.refresh_from_db()
        assert item.lane == "reviewer"
        assert Annotation.objects.opinions().filter(annotator=annotator).exists()

    def test_one_who_was_unsure_answers_anew_and_a_second_opinion_follows(
        self, bot, annotator, ben, reviewer, lost
    ):
        made = make_item(bot, answers_wanted=2)
        give(made, annotator, verdict=Verdict.UNSURE)
        send_back(made, reviewer)

        give(made, annotator, intent=lost)

        assert take_next(ben, bot=bot).lane == "second"
        assert not Dispute.objects.exists()

    def test_the_answer_that_was_given_anew_is_taken_back(
        self, item, annotator, reviewer, bot, lost, stolen
    ):
        send_back(item, reviewer)
        give(item, annotator, intent=stolen)

        undo(annotator, bot=bot)

        item.refresh_from_db()
        assert (item.lane, item.holder) == ("returned", annotator)
        assert Annotation.objects.standing().get(annotator=annotator).intent == lost
        assert AskedAnew.objects.waiting().count() == 2
        send(item, annotator, intent=stolen)

    def test_what_was_said_before_is_not_taken_back_any_more(self, bot, annotator, reviewer):
        made = make_item(bot)
        give(made, annotator, verdict=Verdict.UNSURE)
        send_back(made, reviewer)

        with pytest.raises(TooLate):
            undo(annotator, bot=bot)

    def test_a_reviewer_need_not_wait_for_them(self, item, annotator, ben, reviewer, lost):
        send_back(item, reviewer)

        accept(item, reviewer, of=annotator)

        assert GoldLabel.objects.get().intent == lost
        assert not AskedAnew.objects.waiting().exists()

    def test_it_is_taken_back_until_somebody_begins(self, item, annotator, reviewer, bot):
        send_back(item, reviewer)

        assert adjudicating.undo(reviewer, bot=bot).lane == "reviewer"
        assert not Dispute.objects.open().get().sent_back
        assert take_next(annotator, bot=bot) is None

        send_back(item, reviewer)
        take(item.pk, annotator, bot=bot)
        with pytest.raises(TooLate):
            adjudicating.undo(reviewer, bot=bot)

    def test_the_same_form_twice_is_sent_back_once(self, item, reviewer):
        form, shown = uuid4(), seen(item.pk)

        both = [send_back(item, reviewer, shown=shown, submission=form) for _ in range(2)]

        assert both[0] == both[1]
        assert SentBack.objects.count() == 1

    def test_nobody_is_left_to_ask(self, item, reviewer, bot):
        Membership.objects.filter(bot=bot).exclude(user=reviewer).delete()

        with pytest.raises(NobodyToAsk):
            send_back(item, reviewer)

    def test_what_was_sent_to_somebody_who_left_comes_to_a_reviewer(
        self, item, annotator, ben, reviewer, bot
    ):
        send_back(item, reviewer)
        Membership.objects.filter(bot=bot, user=ben).delete()

        assert returning.ask_leavers_no_more(bot) == 1

        item.refresh_from_db()
        assert item.lane == "reviewer"
        assert take_next(annotator, bot=bot) is None


class TestNobodyIsSure:
    @pytest.fixture
    def unsure(self, bot, annotator, reviewer):
        made = make_item(bot)
        give(made, annotator, verdict=Verdict.UNSURE)
        give(made, reviewer, verdict=Verdict.UNSURE)
        return made

    def test_a_turn_that_each_reviewer_was_unsure_of_is_said_to_wait_for_them(
        self, unsure, reviewer, bot
    ):
        assert Dispute.objects.open().get().nobody_left
        assert take_next(reviewer, bot=bot) is None

    def test_any_of_them_decides_it_all_the_same(self, unsure, reviewer, lost):
        decide(unsure, reviewer, intent=lost)

        assert GoldLabel.objects.get().intent == lost
        assert Annotation.objects.opinions().filter(annotator=reviewer).count() == 1

    def test_a_reviewer_who_comes_later_gets_it(self, unsure, bot):
        rita = make_member(bot, "reviewer", username="rita")

        assert look_again(bot) == 1
        assert not Dispute.objects.get().nobody_left
        assert take_next(rita, bot=bot) == unsure

    def test_so_does_one_that_the_only_reviewer_had_answered(self, bot, ben, reviewer, lost):
        made = make_item(bot, answers_wanted=2)
        give(made, ben, intent=lost)
        give(made, reviewer)

        dispute = Dispute.objects.open().get()
        assert (dispute.kind, dispute.nobody_left) == ("differ", True)
        assert ReviewItem.objects.get(pk=made.pk).lane == "reviewer"


def test_what_is_erased_takes_all_of_it_along(item, annotator, ben, reviewer, bot, stolen):
    send_back(item, reviewer)
    give(item, annotator, intent=stolen)
    accept(item, reviewer, of=ben)

    with connection.cursor() as cursor:
        delete_conversations(bot, [item.conversation_id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for kind in (Dispute, SentBack, AskedAnew, Correction, Annotation, ReviewItem):
        assert not kind.objects.exists()
