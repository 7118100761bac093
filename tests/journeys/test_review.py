"""Reviewing in a real browser, by keyboard alone."""

import statistics
import time

import pytest

from annotation.models import Annotation, EntitySpan, GoldLabel, Intent, ReviewItem
from tests.factories import (
    make_conversation,
    make_entity_type,
    make_intent,
    make_item,
)
from tests.journeys.answering import GUESSES, a_queue, item_on, press_and_wait, wait_for_another

pytestmark = pytest.mark.django_db(transaction=True)


def test_thirty_in_a_row_by_keyboard(bot, intents, reviewing):
    a_queue(bot, of=31)
    visitor = reviewing()

    began = time.perf_counter()
    waits = [press_and_wait(visitor.page, str(number % 3 + 1), "Enter") for number in range(30)]
    whole = time.perf_counter() - began

    print(
        f"\n30 answers in {whole:.1f} s; key to next turn: median "
        f"{statistics.median(waits) * 1000:.0f} ms, p95 {sorted(waits)[28] * 1000:.0f} ms"
    )
    assert Annotation.objects.count() == GoldLabel.objects.count() == 30
    assert {gold.intent.name for gold in GoldLabel.objects.all()} == set(intents)
    assert whole < 60
    assert visitor.complaints == []


def test_an_answer_that_was_taken_back_is_there_again(bot, intents, reviewing):
    a_queue(bot, of=3)
    visitor = reviewing()
    first = item_on(visitor.page)
    press_and_wait(visitor.page, "2", "Enter")

    press_and_wait(visitor.page, "z")

    assert item_on(visitor.page) == first
    assert visitor.page.locator("input[name=choice]:checked").get_attribute("data-name") == (
        "card_stolen"
    )
    press_and_wait(visitor.page, "1", "Enter")
    current = GoldLabel.objects.current().get()
    assert (current.turn.review_item.pk, current.intent.name) == (first, "card_lost")


def test_of_several_that_were_taken_back_each_comes_again_with_what_was_said(
    bot, intents, reviewing
):
    a_queue(bot, of=4)
    visitor = reviewing()
    page = visitor.page
    for number in (2, 3):
        page.keyboard.press("n")
        page.keyboard.type(f"note {number}")
        press_and_wait(page, "Escape", str(number), "Enter")
    press_and_wait(page, "z")
    press_and_wait(page, "z")

    press_and_wait(page, "Enter")

    assert page.locator("input[name=choice]:checked").get_attribute("data-key") == "3"
    assert page.locator("#note").input_value() == "note 3"


def test_an_intent_is_made_where_none_fits(bot, intents, reviewing):
    a_queue(bot, of=2)
    page = reviewing().page
    before = item_on(page)

    page.keyboard.press("/")
    page.keyboard.type("wallet_stolen")
    page.get_by_role("option", name="Create “wallet_stolen”").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    wait_for_another(page, before)

    assert GoldLabel.objects.get().intent == Intent.objects.get(name="wallet_stolen")
    # And is offered from now on.
    assert page.locator("#choices input[data-name=wallet_stolen]").get_attribute("data-key") == "4"


def test_an_intent_is_found_by_a_part_of_its_name(bot, intents, reviewing):
    a_queue(bot, of=2)
    page = reviewing().page
    before = item_on(page)

    page.keyboard.press("/")
    page.keyboard.type("freeze")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    wait_for_another(page, before)

    assert GoldLabel.objects.get().intent == intents["freeze_card"]


TEXT = "📱👩‍👩‍👧 cafe\u0301 in لشبونة please"


def test_entities_are_marked_by_keyboard_in_any_script(bot, intents, reviewing):
    """Places are code points: a family is five, an e with its accent two."""
    make_entity_type(bot, "place", key="p")
    make_entity_type(bot, "city", key="c")
    make_item(bot, TEXT, guesses=GUESSES)
    make_item(bot, "another")
    page = reviewing().page
    before = item_on(page)

    for key in ("1", "e", "ArrowRight", "ArrowRight", "p", "ArrowRight", "ArrowRight", "c"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    wait_for_another(page, before)

    spans = [(span.type.name, span.text) for span in EntitySpan.objects.all()]
    assert spans == [("place", "cafe\u0301"), ("city", "لشبونة")]
    for span in EntitySpan.objects.all():
        assert TEXT[span.start : span.end] == span.text


def test_entities_are_marked_by_mouse(bot, intents, reviewing):
    make_entity_type(bot, "city", key="c")
    make_item(bot, "I lost it in 👍 Lisbon today", guesses=GUESSES)
    page = reviewing().page
    page.keyboard.press("e")

    page.evaluate(
        """() => {
            const area = document.querySelector(".span-text");
            const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
            let node;
            while ((node = walker.nextNode())) {
                const at = node.textContent.indexOf("Lisbon");
                if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + 6);
            }
            area.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
        }"""
    )
    page.get_by_role("button", name="city").click()

    marked = page.locator(".span-list li").inner_text().split("\n")
    assert marked[:3] == ["city", "Lisbon", "15–21"]


def test_without_a_choice_it_says_what_to_do(bot, intents, reviewing):
    a_queue(bot, of=1)
    page = reviewing().page

    page.keyboard.press("Enter")

    page.wait_for_selector("#review-problem .notice")
    assert "Choose an intent first" in page.locator("#review-problem").inner_text()


def test_a_turn_is_skipped_and_another_is_passed_on(bot, intents, reviewing):
    a_queue(bot, of=3)
    page = reviewing().page

    press_and_wait(page, "s")
    press_and_wait(page, "u", "Enter")

    assert list(Annotation.objects.order_by("pk").values_list("verdict", flat=True)) == [
        "skip",
        "unsure",
    ]
    assert ReviewItem.objects.filter(lane="reviewer").count() == 1


def test_the_same_answer_for_those_alike_after_they_were_on_screen(bot, intents, reviewing):
    make_item(
        bot, "my card is gone", alike=["my card is gone", "my card is gone!"], guesses=GUESSES
    )
    make_item(bot, "another")
    page = reviewing().page
    before = item_on(page)

    page.keyboard.press("1")
    page.keyboard.press("a")
    page.wait_for_selector("[name=for_alike]:focus")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    wait_for_another(page, before)
    assert GoldLabel.objects.current().count() == 3

    # Taken back, it is ticked again.
    press_and_wait(page, "z")
    page.wait_for_selector("[name=for_alike]:checked")
    press_and_wait(page, "Enter")
    assert GoldLabel.objects.current().count() == 3


def test_taking_back_waits_for_the_answer_that_is_on_its_way(bot, intents, reviewing):
    a_queue(bot, of=3)
    page = reviewing().page
    press_and_wait(page, "1", "Enter")
    before = item_on(page)
    page.route("**/answer/", lambda route: (time.sleep(0.5), route.continue_()))

    page.keyboard.press("x")
    page.keyboard.press("Enter")
    page.keyboard.press("z")
    wait_for_another(page, before)

    assert Annotation.objects.standing().count() == 2


def test_a_guess_that_is_hidden_is_nowhere(bot, intents, reviewing):
    a_queue(bot, of=1, guess_hidden=True)
    page = reviewing().page

    assert page.locator("#choices input").count() == 0
    assert "0.41" not in page.content()
    assert "guess is hidden" in page.locator(".why").inner_text()


def test_an_empty_queue_says_so(bot, visit, annotator):
    visitor = visit()
    visitor.be(annotator)
    visitor.go("/review/next/")
    visitor.page.wait_for_selector("#review-card .empty h2 >> text=Nothing is waiting")

    visitor.picture("review-empty")
    assert visitor.axe() == []


def test_the_last_answer_leads_to_an_empty_queue(bot, intents, reviewing):
    a_queue(bot, of=1)
    page = reviewing().page

    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#review-card .empty")

    assert "1 of 100 today" in page.locator("#review-progress").inner_text()


def test_two_hundred_intents_and_turns_stay_quick(bot, reviewing):
    for number in range(200):
        make_intent(bot, f"wish_{number:03}", title=f"What people wish, number {number}")
    conversation = make_conversation(
        bot, turns=[f"turn {number} of a long talk" for number in range(200)]
    )
    turn = conversation.turns.order_by("at")[100]
    ReviewItem.objects.create(
        bot=bot, turn=turn, conversation=conversation, at=turn.at, lane="selection",
        priority=1.0, policy="signals", guesses=[{"intent": "wish_007", "confidence": 0.5}],
    )  # fmt: skip
    page = reviewing().page

    page.keyboard.press("/")
    took = page.evaluate(
        """async () => {
            const field = document.getElementById("intent-search");
            const times = [];
            for (const typed of ["w", "wi", "wish 1", "wish_19", "number 150"]) {
                const began = performance.now();
                field.value = typed;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                document.getElementById("intent-options").getBoundingClientRect();
                times.push(performance.now() - began);
            }
            return Math.max(...times);
        }"""
    )
    print(f"\nslowest of five type-aheads among 200 intents: {took:.1f} ms")
    page.keyboard.press("Escape")
    page.get_by_text("92 earlier turns").click()
    page.wait_for_function("() => document.querySelectorAll('#review-chat .turn').length === 200")

    assert took < 50
    assert page.locator("#this-turn").is_visible()


@pytest.fixture
def a_rich_item(bot, intents):
    """A turn in the middle of a conversation, with everything that a card can show."""
    from tests.journeys.conversations import rich_conversation

    make_entity_type(bot, "city", key="c")
    make_entity_type(bot, "day")
    conversation = rich_conversation(bot)
    turn = conversation.turns.order_by("at")[1]
    return ReviewItem.objects.create(
        bot=bot,
        turn=turn,
        conversation=conversation,
        at=turn.at,
        lane="selection",
        priority=9.0,
        policy="signals",
        kinds=["small_margin", "escalation"],
        reasons=[
            "The bot hesitated between card_lost 0.41 and card_stolen 0.38.",
            "The conversation was handed to a person here.",
        ],
        guesses=GUESSES,
        guess="card_lost",
        alike_count=14,
    )


def test_the_card_is_accessible_and_fits(bot, a_rich_item, reviewing):
    visitor = reviewing()

    assert visitor.faults("review") == []
    visitor.page.keyboard.press("1")
    visitor.page.keyboard.press("e")
    visitor.page.keyboard.press("b")

    assert visitor.faults("review-open") == []
    assert visitor.complaints == []
