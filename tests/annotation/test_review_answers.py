"""The review screen over HTTP: an answer that its card sends, and holding on and undoing."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.models import Annotation, EntitySpan, GoldLabel, Intent, ReviewItem
from tests.annotation.review_screen import HTMX, send, words
from tests.factories import make_entity_type, make_intent, make_item

# ── answering ─────────────────────────────────────────────────────────────────────────


def test_an_answer_is_stored_and_the_next_turn_comes(as_annotator, bot, item):
    lost = make_intent(bot, "card_lost")
    make_item(bot, "the next one")

    card = send(
        as_annotator,
        item,
        choice=f"i:{lost.pk}",
        better_answer="I have blocked it.",
        note="typical",
        seconds="3.25",
    )

    assert "the next one" in words(card)
    said = Annotation.objects.get()
    assert (said.intent, said.better_answer, said.note, said.seconds) == (
        lost,
        "I have blocked it.",
        "typical",
        3.25,
    )
    assert GoldLabel.objects.get().intent == lost


def test_the_card_that_was_fetched_before_is_not_sent_again(as_annotator, annotator, bot, item):
    coming = make_item(bot, "the next one")
    ahead = as_annotator.post("/review/ahead/", {"item": item.pk}, headers=HTMX)
    assert f'data-item="{coming.pk}"' in words(ahead)

    answer = send(as_annotator, item, ahead=coming.pk)

    assert answer["X-Review-Next"] == "ahead"
    assert "the next one" not in words(answer)
    assert "1</strong> of 100 today" in words(answer)


def test_one_that_was_lost_meanwhile_is_not_shown(as_annotator, reviewer, bot, item):
    coming = make_item(bot, "taken by somebody else")
    ReviewItem.objects.filter(pk=coming.pk).update(
        holder=reviewer, held_until=timezone.now() + timedelta(minutes=9)
    )
    make_item(bot, "the one after", priority=0.5)

    answer = send(as_annotator, item, ahead=coming.pk)

    assert "X-Review-Next" not in answer
    assert "the one after" in words(answer)


def test_nothing_is_fetched_ahead_where_nothing_is_left(as_annotator, item):
    assert as_annotator.post("/review/ahead/", {"item": item.pk}, headers=HTMX).status_code == (204)


def test_the_same_form_twice_is_one_answer(as_annotator, item):
    submission = str(uuid4())
    send(as_annotator, item, submission=submission)

    again = send(as_annotator, item, submission=submission)

    assert again.status_code == 200
    assert Annotation.objects.count() == 1


def test_an_intent_is_made_by_its_name(as_annotator, annotator, bot, item):
    answer = send(as_annotator, item, choice="n:wallet_stolen")

    made = Intent.objects.get()
    assert made.created_by == annotator
    assert json.loads(answer["HX-Trigger"])["intentMade"]["id"] == made.pk
    assert GoldLabel.objects.get().intent.name == "wallet_stolen"


def test_a_name_that_is_there_makes_no_second_intent(as_annotator, bot, item):
    lost = make_intent(bot, "card_lost")

    send(as_annotator, item, choice="n:Card_Lost")

    assert GoldLabel.objects.get().intent == lost


def test_spans_are_stored(as_annotator, bot, item):
    kind = make_entity_type(bot, "thing")
    spans = [{"type": kind.pk, "start": 3, "end": 9, "text": "wallet"}]

    send(as_annotator, item, spans=json.dumps(spans))

    assert EntitySpan.objects.get().text == "wallet"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"choice": ""}, "Choose an intent first"),
        ({"choice": "v:intent"}, "Choose an intent first"),
        ({"choice": "i:٣"}, "Choose an intent first"),
        ({"choice": "i:" + "9" * 30}, "Choose an intent first"),
        ({"choice": "i:999999"}, "not in use any more"),
        ({"choice": "n:" + "a" * 121}, "at most"),
        ({"choice": "n:a\tb"}, "Nothing was saved"),
        ({"choice": "v:oos\0"}, "NUL"),
        ({"note": "a" * 4001}, "at most 4,000"),
        ({"spans": "[{]"}, "Mark it again"),
        ({"spans": "{}"}, "Mark it again"),
        ({"spans": "[" * 100_000}, "Mark it again"),
        ({"spans": '[{"type": true, "start": 0, "end": 2, "text": "my"}]'}, "Mark it again"),
        ({"spans": '[{"type": 1, "start": 0, "end": 2, "text": "no"}]'}, "not what stands"),
        ({"spans": '[{"type": 1, "start": 0, "end": 2, "text": "my"}]'}, "is not in use any more"),
        ({"submission": "1"}, ""),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(as_annotator, item, fields, sentence):
    response = send(as_annotator, item, **fields)

    assert response.status_code == 422
    assert sentence in words(response)
    assert response["HX-Retarget"] == "#review-problem"
    assert not Annotation.objects.exists()
    assert not Intent.objects.exists()


def test_without_scripts_a_refused_form_comes_again_as_it_was(as_annotator, item):
    page = send(as_annotator, item, htmx=False, choice="", note="typed before")

    assert page.status_code == 422
    assert "typed before" in words(page)
    assert "my wallet is gone" in words(page)


def test_without_scripts_an_answer_leads_to_the_next_page(as_annotator, bot, item):
    make_item(bot, "the next one")

    response = send(as_annotator, item, htmx=False)

    assert response["Location"] == "/review/next/"
    assert "the next one" in words(as_annotator.get("/review/next/"))


@pytest.mark.parametrize("htmx", [True, False])
def test_a_turn_that_somebody_else_has_is_refused(as_annotator, reviewer, item, htmx):
    ReviewItem.objects.filter(pk=item.pk).update(holder=reviewer)

    response = send(as_annotator, item, htmx=htmx)

    assert response.status_code == 409
    assert "was not saved" in words(response)
    assert not Annotation.objects.exists()


def test_a_hold_that_ran_out_is_taken_again_where_nobody_else_wants_it(as_annotator, item):
    ReviewItem.objects.filter(pk=item.pk).update(holder=None, held_until=None)

    assert send(as_annotator, item).status_code == 200
    assert Annotation.objects.count() == 1


@pytest.mark.parametrize("seconds", ["-4", "nan", "inf", "1e400", "x", ""])
def test_seconds_that_cannot_be_are_left_out(as_annotator, item, seconds):
    send(as_annotator, item, seconds=seconds)

    assert Annotation.objects.get().seconds is None


def test_an_intent_that_was_named_is_not_made_where_the_answer_is_refused(
    as_annotator, reviewer, item
):
    ReviewItem.objects.filter(pk=item.pk).update(holder=reviewer)

    response = send(as_annotator, item, choice="n:ghost")

    assert response.status_code == 409
    assert "Go on with the next turn" in words(response)
    assert not Intent.objects.exists()


# ── undoing, and holding on ───────────────────────────────────────────────────────────


def test_undoing_brings_the_turn_back(as_annotator, annotator, item):
    send(as_annotator, item)

    card = as_annotator.post("/review/undo/", headers=HTMX)

    assert "my wallet is gone" in words(card)
    assert "data-undone" in words(card)
    assert not GoldLabel.objects.current().exists()


def test_undoing_nothing_says_so(as_annotator, bot):
    response = as_annotator.post("/review/undo/", headers=HTMX)

    assert response.status_code == 409
    assert "nothing to take back" in words(response)


def test_a_hold_is_renewed(as_annotator, item):
    before = ReviewItem.objects.get().held_until

    answer = as_annotator.post(f"/review/items/{item.pk}/renew/")

    assert answer.json()["held_until"] > before.isoformat()


def test_a_hold_that_is_lost_is_not_renewed(as_annotator, item, reviewer):
    ReviewItem.objects.filter(pk=item.pk).update(holder=reviewer)

    answer = as_annotator.post(f"/review/items/{item.pk}/renew/")

    assert (answer.status_code, answer.json()) == (409, {"held_until": None})


def test_stopping_lets_others_have_it(as_annotator, item):
    response = as_annotator.post("/review/stop/")

    assert response["Location"] == "/review/"
    assert ReviewItem.objects.get().holder is None
