"""The review screen over HTTP: /review/next/ and what its card shows."""

import json

import pytest
from django.utils import timezone

from annotation.holding import take, take_next
from annotation.models import ReviewItem
from tests.annotation.review_screen import GUESSES, HTMX, send, words
from tests.factories import (
    make_conversation,
    make_entity_type,
    make_gold,
    make_intent,
    make_item,
)


def test_the_page_holds_nothing_by_itself(as_annotator, bot):
    make_item(bot)

    page = words(as_annotator.get("/review/next/"))

    assert "Show the next turn" in page
    assert not ReviewItem.objects.filter(holder__isnull=False).exists()


def test_what_somebody_holds_is_on_the_page(as_annotator, item):
    page = words(as_annotator.get("/review/next/"))

    assert "my wallet is gone" in page
    assert f'data-item="{item.pk}"' in page


def test_taking_holds_the_next_turn_and_shows_it(as_annotator, annotator, bot):
    item = make_item(bot, "my wallet is gone", guesses=GUESSES)

    card = words(as_annotator.post("/review/take/", headers=HTMX))

    assert "my wallet is gone" in card
    assert "<html" not in card
    assert ReviewItem.objects.get(pk=item.pk).holder == annotator


def test_without_scripts_taking_leads_to_the_page(as_annotator, bot):
    make_item(bot, "my wallet is gone")

    page = as_annotator.post("/review/take/", follow=True)

    assert page.redirect_chain == [("/review/next/", 302)]
    assert "my wallet is gone" in words(page)


def test_without_scripts_an_empty_queue_says_so(as_annotator, bot):
    assert "Nothing is waiting for review" in words(as_annotator.post("/review/take/"))


def test_the_card_takes_seven_statements(as_annotator, annotator, bot, django_assert_num_queries):
    intent = make_intent(bot, "card_lost")
    near = make_gold(make_item(bot, "lost it").turn, annotator, intent=intent)
    ReviewItem.objects.all().update(status="done", ended_at=timezone.now())
    make_item(
        bot,
        guesses=GUESSES,
        neighbours=[{"text": str(near.text_id), "verdict": "intent", "intent": intent.pk}],
        conversation=make_conversation(bot, turns=[f"turn {number}" for number in range(30)]),
    )

    # Session, person with bots, mix, hold; turns around, intents, texts.
    with django_assert_num_queries(7):
        card = as_annotator.post("/review/take/", headers=HTMX)

    assert "lost it" in words(card)


def test_guesses_are_offered_and_what_is_alike_behind_them(as_annotator, annotator, bot, item):
    lost, frozen = make_intent(bot, "card_lost", title="Card lost"), make_intent(bot, "freeze_card")
    near = make_gold(make_item(bot, "freeze it").turn, annotator, intent=frozen)
    ReviewItem.objects.filter(pk=item.pk).update(
        neighbours=[{"text": str(near.text_id), "verdict": "intent", "intent": frozen.pk}]
    )

    page = as_annotator.get("/review/next/").context["card"]

    offered = [(each.key, each.name, each.value, each.confidence) for each in page.choices]
    assert offered == [
        ("1", "card_lost", f"i:{lost.pk}", 0.41),
        ("2", "card_stolen", "n:card_stolen", 0.38),
        ("3", "freeze_card", f"i:{frozen.pk}", None),
    ]
    assert [(each.text, each.label) for each in page.neighbours] == [("freeze it", "freeze_card")]


def test_a_hidden_guess_is_not_on_the_page(as_annotator, item):
    ReviewItem.objects.filter(pk=item.pk).update(
        guess_hidden=True, kinds=["low_confidence"], reasons=["The bot was 0.41 sure of card_lost."]
    )

    page = words(as_annotator.get("/review/next/"))

    assert "card_lost" not in page
    assert "guess is hidden" in page


def test_the_turns_around_are_shown_and_the_others_counted(as_annotator, annotator, bot):
    talk = make_conversation(bot, turns=[f"turn {number}" for number in range(40)])
    turn = talk.turns.order_by("at")[20]
    ReviewItem.objects.create(
        bot=bot, turn=turn, conversation=talk, at=turn.at, lane="selection", priority=1, policy="x"
    )
    item = take_next(annotator, bot=bot)

    chat = as_annotator.get("/review/next/").context["card"].chat

    assert [line.text.pieces[0].text for line in chat.lines if line.is_this] == ["turn 20"]
    assert (chat.earlier, len(chat.lines), chat.later) == (12, 13, 15)
    whole = as_annotator.get(f"/review/items/{item.pk}/chat/")
    assert len(whole.context["chat"].lines) == 40


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ settings }}", "\u202egnp.exe"])
def test_what_users_say_is_only_text(as_annotator, annotator, bot, text):
    made = make_item(bot, text, reasons=[text], guesses=[{"intent": text, "confidence": 0.3}])
    take(made.pk, annotator, bot=bot)

    page = as_annotator.get("/review/next/").content.decode()

    assert "<script>alert" not in page
    assert "SECRET" not in page


def test_those_alike_are_listed(as_annotator, bot):
    made = make_item(bot, "lost it", alike=["lost it", "lost it!"])

    listed = words(as_annotator.get(f"/review/items/{made.pk}/alike/"))

    assert "lost it!" in listed
    assert "these 2" in listed


def test_guesses_that_cannot_be_chosen_are_not_offered(as_annotator, bot, item):
    make_intent(bot, "card_stolen", archived_at=timezone.now())
    guesses = [*GUESSES, {"intent": "x" * 300, "confidence": 0.1}]
    ReviewItem.objects.filter(pk=item.pk).update(guesses=guesses)

    card = as_annotator.get("/review/next/").context["card"]

    assert [each.name for each in card.choices] == ["card_lost"]


def test_a_hidden_guess_hides_what_the_bot_marked(as_annotator, bot, item):
    item.turn.entities = [{"type": "thing", "start": 3, "end": 9}]
    item.turn.save(update_fields=["entities"])
    shown = as_annotator.get("/review/next/").context["card"].spans
    ReviewItem.objects.filter(pk=item.pk).update(guess_hidden=True)

    assert json.loads(shown) == [{"type": "thing", "start": 3, "end": 9}]
    assert as_annotator.get("/review/next/").context["card"].spans == "[]"


def test_with_filters_the_queue_is_asked_again(as_annotator, item):
    assert "my wallet is gone" not in words(as_annotator.get("/review/next/?lane=audit"))


def test_who_decides_reads_what_was_said_before(as_annotator, as_reviewer, reviewer, item, bot):
    send(as_annotator, item, choice="v:unsure", note="could be either")

    card = words(as_reviewer.post("/review/take/", headers=HTMX))

    assert "could be either" in card
    assert "Unsure" in card


def test_who_decides_sees_what_others_marked_and_begins_with_it(
    as_annotator, as_reviewer, item, bot
):
    thing, text = make_entity_type(bot, "thing"), item.turn.text
    mark = {"type": thing.pk, "start": 3, "end": 9, "text": text[3:9]}
    send(as_annotator, item, choice="v:unsure", spans=json.dumps([mark]), better_answer="Frozen.")

    response = as_reviewer.post("/review/take/", headers=HTMX)

    assert "thing: wallet" in words(response)
    assert "Frozen." in words(response)
    assert json.loads(response.context["card"].spans) == [{"type": "thing", "start": 3, "end": 9}]
