"""The review screen over HTTP: /review/next/ and what its card sends."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.holding import take, take_next
from annotation.models import Annotation, EntitySpan, GoldLabel, Intent, ReviewItem
from tests.factories import (
    make_conversation,
    make_entity_type,
    make_gold,
    make_intent,
    make_item,
)

HTMX = {"hx-request": "true"}
GUESSES = [
    {"intent": "card_lost", "confidence": 0.41},
    {"intent": "card_stolen", "confidence": 0.38},
]


@pytest.fixture
def item(bot, annotator):
    """One that ana holds."""
    made = make_item(bot, "my wallet is gone", guesses=GUESSES, guess="card_lost", kinds=[])
    return take(made.pk, annotator, bot=bot)


def form(**fields):
    return {"submission": str(uuid4()), "choice": "v:oos"} | fields


def send(client, item, *, htmx=True, **fields):
    headers = HTMX if htmx else {}
    return client.post(f"/review/items/{item.pk}/answer/", form(**fields), headers=headers)


def words(response):
    return " ".join(response.content.decode().split())


# ── the page ──────────────────────────────────────────────────────────────────────────


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


# ── the rest ──────────────────────────────────────────────────────────────────────────


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


def test_those_alike_are_listed(as_annotator, bot):
    made = make_item(bot, "lost it", alike=["lost it", "lost it!"])

    listed = words(as_annotator.get(f"/review/items/{made.pk}/alike/"))

    assert "lost it!" in listed
    assert "these 2" in listed


def test_an_intent_that_was_named_is_not_made_where_the_answer_is_refused(
    as_annotator, reviewer, item
):
    ReviewItem.objects.filter(pk=item.pk).update(holder=reviewer)

    response = send(as_annotator, item, choice="n:ghost")

    assert response.status_code == 409
    assert "Go on with the next turn" in words(response)
    assert not Intent.objects.exists()


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
