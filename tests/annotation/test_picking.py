"""annotation/picking.py: what was picked waits in the place of what was drawn."""

import threading
from uuid import UUID

import pytest
from django.db import connection, transaction

from annotation import drawing, picking
from annotation.holding import take_next
from annotation.models import ReviewItem
from annotation.picking import Pick
from tests.annotation.giving import give
from tests.annotation.saying import DOWN, UNSURE, find, queued, say
from tests.factories import make_gold, make_item, make_review_settings, make_text

GUESSES = ({"intent": "card_lost", "confidence": 0.5}, {"intent": "refund", "confidence": 0.45})


def pick(text, **fields):
    defaults = {"policy": "margin_clusters", "reason": "It hesitates.", "useful": 0.9,
                "guesses": GUESSES, "margin": 0.05, "guessed_by": "version 3"}  # fmt: skip
    return Pick(text.pk, **(defaults | fields))


def waiting(bot):
    return {item.text.text: item for item in ReviewItem.objects.of(bot).open()}


def test_a_pick_becomes_an_item_with_its_guess_and_policy(bot):
    turn = say(bot, "my wallet is gone")

    done = picking.replace(bot, [pick(turn.distinct_text)])

    item = ReviewItem.objects.get()
    assert (done.made, done.kept, done.withdrawn) == (1, 0, 0)
    assert (item.turn, item.lane, item.policy, item.chance) == (
        *(turn, "selection", "margin_clusters", None),
    )
    assert (item.guess, item.confidence, item.margin) == ("card_lost", 0.5, 0.05)
    assert [guess["intent"] for guess in item.guesses] == ["card_lost", "refund"]
    assert (item.model_version, item.reasons) == ("version 3", ["It hesitates."])


def test_the_gold_label_keeps_how_its_item_was_picked(bot, annotator):
    turn = say(bot, "my wallet is gone")
    picking.replace(bot, [pick(turn.distinct_text)])
    make_review_settings(bot, second_opinion_percent=0)
    ReviewItem.objects.update(answers_wanted=1)

    give(ReviewItem.objects.get(), annotator)

    gold = turn.gold_labels.get()
    assert (gold.policy, gold.chance) == ("margin_clusters", None)


def test_a_new_topic_waits_in_its_lane_and_typical_texts_have_no_guess(bot):
    new, typical = say(bot, "sell me a boat"), say(bot, "hello there")

    picking.replace(
        bot,
        [
            pick(new.distinct_text, novel=True, policy="novelty_clusters"),
            pick(typical.distinct_text, policy="typiclust", guesses=(), margin=None),
        ],
    )

    found = waiting(bot)
    assert found["sell me a boat"].lane == "novelty"
    assert (found["hello there"].guess, found["hello there"].confidence) == ("", None)


def test_what_is_not_picked_any_more_goes_and_can_be_picked_again(bot):
    first, second = say(bot, "one thing"), say(bot, "another thing")
    picking.replace(bot, [pick(first.distinct_text)])

    done = picking.replace(bot, [pick(second.distinct_text)])

    assert (done.made, done.withdrawn) == (1, 1)
    assert set(waiting(bot)) == {"another thing"}
    picking.replace(bot, [pick(first.distinct_text)])
    assert set(waiting(bot)) == {"one thing"}


def test_what_is_picked_again_stays_the_same_item_and_shows_the_new_guess(bot):
    turn = say(bot, "one thing")
    picking.replace(bot, [pick(turn.distinct_text)])
    item = ReviewItem.objects.get()

    done = picking.replace(
        bot, [pick(turn.distinct_text, reason="Another.", guessed_by="version 4", useful=0.1)]
    )

    again = ReviewItem.objects.get()
    assert (done.made, done.kept, again.pk) == (0, 1, item.pk)
    assert (again.reasons, again.model_version) == (["Another."], "version 4")
    assert again.priority < item.priority


def test_what_was_drawn_at_random_gives_way(bot):
    make_review_settings(bot, random_stock=5)
    turns = [say(bot, f"text {number}") for number in range(5)]
    drawing.fill_up(bot)

    picking.replace(bot, [pick(turns[0].distinct_text)])

    item = ReviewItem.objects.get()
    assert (item.turn, item.policy, item.chance) == (turns[0], "margin_clusters", None)


def test_what_somebody_holds_was_given_or_answered_is_not_touched(bot, annotator, reviewer):
    held, given, said = (
        make_item(bot, text, policy="random", priority=9 - number)
        for number, text in enumerate(("held", "given", "said"))
    )
    ReviewItem.objects.filter(pk=given.pk).update(assigned_to=reviewer)
    ReviewItem.objects.filter(pk=said.pk).update(not_for=[reviewer.pk])
    assert take_next(annotator, bot=bot) == held

    done = picking.replace(bot, [pick(held.text, reason="New."), pick(given.text, reason="New.")])

    assert (done.made, done.kept, done.withdrawn) == (0, 0, 0)
    assert {item.policy for item in ReviewItem.objects.all()} == {"random"}


def test_audit_and_reviewers_lanes_are_left_alone(bot):
    make_item(bot, side="audit")
    make_item(bot, "for a reviewer", lane="reviewer", policy="random")

    done = picking.replace(bot, [])

    assert done.withdrawn == 0
    assert ReviewItem.objects.count() == 2


# ── what has signals ──────────────────────────────────────────────────────────────────


def test_signals_raise_a_pick_and_their_sentences_follow_its_own(bot):
    plain, loud = say(bot, "quiet"), say(bot, "loud", DOWN)
    queued(bot)

    picking.replace(bot, [pick(plain.distinct_text), pick(loud.distinct_text)])

    found = waiting(bot)
    assert found["loud"].priority > found["quiet"].priority
    assert found["loud"].reasons == ["It hesitates.", DOWN[2]]
    assert (found["loud"].kinds, found["loud"].policy) == (["thumbs_down"], "margin_clusters")


def test_what_has_signals_waits_on_without_being_picked(bot):
    loud = say(bot, "loud", DOWN)
    queued(bot)
    picking.replace(bot, [pick(loud.distinct_text)])

    picking.replace(bot, [])

    assert not ReviewItem.objects.exists()  # until the queue has looked again
    (item,) = queued(bot)
    assert (item.policy, item.reasons, item.guess) == ("signals", [DOWN[2]], "card_lost")


def test_what_is_found_of_a_pick_later_does_not_hide_its_guess(bot):
    turn = say(bot, "my wallet is gone", UNSURE)
    queued(bot)
    picking.replace(bot, [pick(turn.distinct_text)])
    before = ReviewItem.objects.get()

    find(turn, UNSURE, DOWN)
    (item,) = queued(bot)

    assert (item.policy, item.guess, item.reasons) == (
        *("margin_clusters", "card_lost", before.reasons),
    )
    assert item.priority >= before.priority
    assert set(item.kinds) == {"low_confidence", "thumbs_down"}


def test_a_hidden_guess_is_not_told_by_the_reason(bot, annotator, as_annotator):
    make_review_settings(bot, hidden_percent=100, second_opinion_percent=0)
    turn = say(bot, "my wallet is gone")
    picking.replace(bot, [pick(turn.distinct_text, reason="Between card_lost and refund.")])
    take_next(annotator, bot=bot)

    page = as_annotator.get("/review/next/").content.decode()

    assert "my wallet is gone" in page
    assert "Between card_lost" not in page


# ── what can be picked ────────────────────────────────────────────────────────────────


def taken_texts(bot):
    blob = picking.taken(bot)
    return {UUID(bytes=blob[at : at + 16]) for at in range(0, len(blob), 16)}


def test_what_is_labelled_answered_held_or_of_the_audit_cannot_be_picked(bot, annotator):
    labelled, audit, free, on_both = (
        say(bot, "labelled"), say(bot, "audited", side="audit"), say(bot, "free"), say(bot, "both")
    )  # fmt: skip
    say(bot, "both", side="audit")
    make_gold(labelled, annotator)
    held, waits = make_item(bot, "held", priority=9), make_item(bot, "waits")
    take_next(annotator, bot=bot)

    found = taken_texts(bot)

    expected = {labelled.distinct_text_id, audit.distinct_text_id, on_both.distinct_text_id}
    assert found == {*expected, held.text_id}
    assert not {free.distinct_text_id, waits.text_id} & found


def test_a_text_that_only_stands_beside_others_makes_no_item(bot):
    say(bot, "yes", DOWN)
    second = say(bot, "yes")
    queued(bot)
    ReviewItem.objects.update(text=make_text(bot, "another"))
    from annotation.models import ItemTurn

    ItemTurn.objects.create(turn=second, item=ReviewItem.objects.get(), exact=True)

    assert picking.replace(bot, [pick(second.distinct_text)]).made == 0


def test_somebody_who_chooses_keeps_texts_from_being_drawn_at_random(bot, monkeypatch):
    say(bot, "a")
    asked = []
    monkeypatch.setattr(picking, "CHOOSERS", [lambda bot, left: asked.append(left) or True])

    assert drawing.fill_up(bot) == 0
    assert asked == [0]


def test_free_picks_are_counted(bot):
    for policy in ("margin_clusters", "typiclust", "random", "signals"):
        make_item(bot, policy, policy=policy)

    assert picking.in_stock(bot) == 2


@pytest.mark.django_db(transaction=True)
def test_an_item_that_is_being_taken_is_not_waited_for(bot, annotator):
    turn = say(bot, "one thing")
    picking.replace(bot, [pick(turn.distinct_text)])
    locked, go_on, results = threading.Event(), threading.Event(), []

    def take():
        with transaction.atomic():
            list(ReviewItem.objects.select_for_update(no_key=True).all())
            locked.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=take)
    thread.start()
    locked.wait(10)
    results.append(picking.replace(bot, []))
    go_on.set()
    thread.join(10)

    assert results[0].withdrawn == 0
    assert ReviewItem.objects.count() == 1
