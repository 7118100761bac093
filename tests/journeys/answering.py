"""A queue to be answered by keyboard, and the keys that do it."""

import time

from tests.factories import make_item

GUESSES = [
    {"intent": "card_lost", "confidence": 0.41},
    {"intent": "card_stolen", "confidence": 0.38},
    {"intent": "freeze_card", "confidence": 0.09},
]


def a_queue(bot, *, of, **fields):
    return [
        make_item(
            bot,
            f"turn number {number}",
            priority=float(of - number),
            guesses=GUESSES,
            guess="card_lost",
            reasons=["The bot hesitated between card_lost 0.41 and card_stolen 0.38."],
            kinds=["small_margin"],
            **fields,
        )
        for number in range(of)
    ]


def item_on(page):
    return int(page.locator("#review-card").get_attribute("data-item"))


def wait_for_another(page, before):
    page.wait_for_function(
        "before => { const card = document.querySelector('#review-card');"
        " return card.dataset.item !== String(before) && !card.matches('.htmx-request')"
        " && (card.dataset.ready || !card.dataset.item); }",
        arg=before,
    )


def press_and_wait(page, *keys):
    """Press keys, of which the last saves; how many seconds until the next card was there."""
    page.wait_for_selector("#review-card[data-ready]:not(.htmx-request)")
    before = item_on(page)
    for key in keys[:-1]:
        page.keyboard.press(key)
    began = time.perf_counter()
    page.keyboard.press(keys[-1])
    wait_for_another(page, before)
    return time.perf_counter() - began
