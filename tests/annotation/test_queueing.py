"""annotation/queueing.py: which turns become items, where they wait, and why."""

import pytest
from django.utils import timezone

from accounts.pseudonyms import salt_of
from annotation import queueing
from annotation.guesses import guesses_of
from annotation.models import GoldLabel, QueueDue, ReviewItem
from annotation.weighing import drawn, priority_of
from tests.annotation.saying import CLOSE, DOWN, SLOW, UNSURE, find, queued, say
from tests.factories import make_conversation, make_gold, make_review_settings, make_turn


def test_a_turn_in_which_something_was_found_waits(bot):
    turn = say(
        bot,
        "My wallet is gone",
        UNSURE,
        CLOSE,
        confidence=0.41,
        alternatives=[{"intent": "card_stolen", "confidence": 0.38}],
        model_version="v7",
    )

    (item,) = queued(bot)

    assert (item.turn, item.conversation, item.text) == (
        turn,
        turn.conversation,
        turn.distinct_text,
    )
    assert (item.lane, item.policy, item.chance) == ("selection", "signals", None)
    assert item.kinds == ["low_confidence", "small_margin"]
    assert item.reasons == [UNSURE[2], CLOSE[2]]
    assert (item.guess, item.confidence, item.model_version) == ("card_lost", 0.41, "v7")
    assert item.margin == pytest.approx(0.03)
    assert item.guesses == [
        {"intent": "card_lost", "confidence": 0.41},
        {"intent": "card_stolen", "confidence": 0.38},
    ]
    assert item.at == turn.at


def test_what_weighs_too_little_does_not_wait(bot):
    make_review_settings(bot, least_weight=0.6)
    say(bot, "a", UNSURE)
    heavy = say(bot, "b", UNSURE, SLOW)

    assert [item.turn for item in queued(bot)] == [heavy]


def test_a_turn_without_words_of_the_user_does_not_wait(bot):
    talk = make_conversation(bot, turns=[], side="audit")
    make_turn(talk, "", signals=["bot_error"])
    QueueDue.objects.create(conversation=talk, bot=bot)

    assert queued(bot) == []


@pytest.mark.parametrize("intent", ["", "OOS", "out_of_scope", "none", "Fallback", "nlu_fallback"])
def test_what_the_bot_has_no_intent_for_is_a_new_topic(bot, intent):
    say(bot, "Do you sell bikes?", UNSURE, intent=intent)

    (item,) = queued(bot)

    assert item.lane == "novelty"
    assert item.reasons[0].startswith("The bot ")
    assert item.reasons[1:] == [UNSURE[2]]
    assert item.reasons[0].endswith(f"({intent}).") == bool(intent)


class TestPriority:
    def test_signals_come_first_then_a_close_call_then_how_many_are_alike(self):
        plain = priority_of(0.5, kinds=["low_confidence"], margin=None, alike_count=0)
        close = priority_of(0.5, kinds=["low_confidence"], margin=0.1, alike_count=0)
        wide = priority_of(0.5, kinds=["low_confidence"], margin=0.9, alike_count=0)
        many = priority_of(0.5, kinds=["low_confidence"], margin=None, alike_count=7)

        assert plain == 0.5
        assert plain < wide < close
        assert many == 0.5 + 3 * 0.25

    @pytest.mark.parametrize("kind", ["thumbs_down", "low_rating", "report", "escalation"])
    def test_complaints_are_raised(self, kind):
        assert priority_of(0.8, kinds=[kind], margin=None, alike_count=0) == 1.2


class TestGuesses:
    def test_five_at_most_the_surest_first(self):
        alternatives = [{"intent": f"i{n}", "confidence": n / 100} for n in range(9)]

        found = guesses_of("best", 0.5, alternatives)

        assert [each["intent"] for each in found.best_first] == ["best", "i8", "i7", "i6", "i5"]
        assert found.margin == 0.42

    def test_the_intent_is_among_the_alternatives_once(self):
        found = guesses_of("a", 0.6, [{"intent": "a", "confidence": 0.6}, {"intent": "b"}])

        assert found.best_first == [{"intent": "a", "confidence": 0.6}]
        assert found.margin is None

    def test_an_intent_without_a_number_is_what_the_bot_went_by(self):
        found = guesses_of("a", None, [{"intent": "b", "confidence": 0.3}])

        assert (found.best, found.confidence, found.margin) == ("a", None, None)

    def test_nothing_at_all(self):
        found = guesses_of("", None, [])

        assert (found.best, found.best_first, found.margin) == ("", [], None)


class TestAudit:
    def test_every_turn_waits_whatever_was_found(self, bot):
        quiet, loud = say(bot, "a", side="audit"), say(bot, "a", DOWN, side="audit")

        items = queued(bot)

        assert {item.turn for item in items} == {quiet, loud}
        for item in items:
            assert (item.lane, item.policy, item.chance) == ("audit", "audit", 0.02)
            assert item.reasons == ["Drawn at random, to measure how good the bot is."]
            assert (item.kinds, item.weight, item.alike_count) == ([], 0, 0)
            assert item.guess == "card_lost"

    def test_the_order_is_drawn(self, bot):
        turns = [say(bot, "a", DOWN, side="audit") for _ in range(30)]

        items = queued(bot)

        assert {item.priority for item in items} == {
            drawn(turn.pk, "priority", salt=salt_of(bot)) for turn in turns
        }
        assert 0.25 < sum(item.priority for item in items) / 30 < 0.75

    def test_what_is_found_later_changes_nothing(self, bot):
        turn = say(bot, "a", side="audit")
        (before,) = ReviewItem.objects.values() if queued(bot) else ()

        find(turn, DOWN)
        queued(bot)

        assert ReviewItem.objects.values().get() == before


class TestDrawn:
    def test_the_same_is_drawn_again(self, bot):
        turn = say(bot, "a")

        assert drawn(turn.pk, "hidden", salt=b"x") == drawn(turn.pk, "hidden", salt=b"x")
        assert drawn(turn.pk, "hidden", salt=b"x") != drawn(turn.pk, "second", salt=b"x")
        assert drawn(turn.pk, "hidden", salt=b"x") != drawn(turn.pk, "hidden", salt=b"y")

    @pytest.mark.parametrize(("percent", "hidden", "wanted"), [(0, False, 1), (100, True, 2)])
    def test_guesses_are_hidden_and_second_opinions_wanted_of_a_share(
        self, bot, percent, hidden, wanted
    ):
        make_review_settings(bot, hidden_percent=percent, second_opinion_percent=percent)
        say(bot, "a", DOWN)
        say(bot, "b", side="audit")

        for item in queued(bot):
            assert (item.guess_hidden, item.answers_wanted) == (hidden, wanted)


class TestFollowing:
    def test_an_open_item_follows_what_is_found_later(self, bot):
        turn = say(bot, "a", UNSURE)
        queued(bot)

        find(turn, DOWN, UNSURE)

        (item,) = queued(bot)
        assert item.kinds == ["low_confidence", "thumbs_down"]
        assert item.reasons == [DOWN[2], UNSURE[2]]
        assert item.priority == 1.95

    def test_it_may_weigh_less(self, bot):
        turn = say(bot, "a", UNSURE, DOWN)
        queued(bot)

        find(turn, SLOW)

        (item,) = queued(bot)
        assert (item.weight, item.kinds) == (0.1, ["slow_answer"])

    def test_one_of_which_nothing_is_found_any_more_stays(self, bot):
        turn = say(bot, "a", UNSURE)
        before = queued(bot)

        find(turn)

        assert queued(bot) == before

    def test_an_item_that_somebody_holds_follows_too(self, annotator, bot):
        turn = say(bot, "a", UNSURE)
        queued(bot)
        ReviewItem.objects.update(holder=annotator, held_until=timezone.now())

        find(turn, DOWN)

        (item,) = queued(bot)
        assert (item.holder, item.kinds) == (annotator, ["thumbs_down"])

    def test_an_answered_one_does_not(self, bot):
        turn = say(bot, "a", UNSURE)
        queued(bot)
        ReviewItem.objects.update(status="done", ended_at=timezone.now())

        find(turn, DOWN)

        assert queued(bot) == []
        assert ReviewItem.objects.get().kinds == ["low_confidence"]


class TestKnownTexts:
    def test_a_text_that_is_labelled_is_known(self, annotator, bot):
        make_gold(say(bot, "Where is my card?"), annotator)
        say(bot, "where is my card", UNSURE)

        assert queued(bot) == []

    def test_a_complaint_about_it_deserves_a_look(self, annotator, bot):
        make_gold(say(bot, "Where is my card?"), annotator)
        turn = say(bot, "where is my card", UNSURE, DOWN)

        assert [item.turn for item in queued(bot)] == [turn]

    def test_what_is_known_from_the_audit_is_not_known(self, annotator, bot):
        make_gold(say(bot, "Where is my card?", side="audit"), annotator, side="audit")
        QueueDue.objects.all().delete()
        turn = say(bot, "where is my card", UNSURE)

        assert [item.turn for item in queued(bot)] == [turn]

    def test_a_label_that_was_withdrawn_is_none(self, annotator, bot):
        make_gold(say(bot, "Where is my card?"), annotator)
        GoldLabel.objects.update(withdrawn_at=timezone.now())
        turn = say(bot, "where is my card", UNSURE)

        assert [item.turn for item in queued(bot)] == [turn]


def test_nothing_is_noted_where_nothing_was_found(bot):
    say(bot, "a")

    assert not QueueDue.objects.exists()


def test_what_was_noted_is_worked_off_once(bot):
    say(bot, "a", UNSURE)
    before = queued(bot)

    assert not QueueDue.objects.exists()
    assert queueing.queue_due(bot) == 0
    QueueDue.objects.create(conversation=before[0].conversation, bot=bot)
    assert queued(bot) == before


def test_many_are_worked_off_in_slices(bot, monkeypatch):
    monkeypatch.setattr(queueing, "AT_ONCE", 3)
    for n in range(8):
        say(bot, f"text {n}", UNSURE)
    told = []

    done = queueing.queue_due(bot, on_progress=lambda *how_far: told.append(how_far))

    assert done == 8
    assert [each[:2] for each in told] == [(3, 8), (6, 8), (8, 8)]
    assert ReviewItem.objects.count() == 8


def test_a_slice_takes_the_same_statements_whatever_its_size(bot, django_assert_num_queries):
    salt_of(bot)  # made when it is first asked for
    for many in (1, 12):
        for n in range(many):
            say(bot, f"text {many} {n}", UNSURE)
            say(bot, f"text {many} {n}", DOWN)
            say(bot, "of the audit", side="audit")
        # Until when and how many, and the settings. What is due, the turns, those of the audit, the
        # open items, new ones, those beside. A last look at what is due. Two pairs of savepoints.
        with django_assert_num_queries(15):
            queueing.queue_due(bot)


def test_nothing_of_another_bot_is_looked_at(bot, other_bot):
    say(other_bot, "a", UNSURE)
    say(bot, "a", UNSURE)

    assert [item.bot for item in queued(bot)] == [bot]
    assert QueueDue.objects.get().bot == other_bot


def test_recent_conversations_are_noted_again(bot):
    make_review_settings(bot, least_weight=0.5)
    old, light, heavy = (say(bot, text, UNSURE) for text in ("a", "b", "c"))
    now = timezone.now()
    for turn, fields in (
        (old, {"weight": 0.7}),
        (light, {"started_at": now, "weight": 0.4}),
        (heavy, {"started_at": now, "weight": 0.5}),
    ):
        type(turn.conversation).objects.filter(pk=turn.conversation_id).update(**fields)
    QueueDue.objects.all().delete()

    queueing.note_again(bot)

    assert [due.conversation for due in QueueDue.objects.all()] == [heavy.conversation]
