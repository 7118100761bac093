"""Reading conversations at the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.factories import make_conversation
from tests.journeys.conversations import rich_conversation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(visit, annotator):
    visitor = visit()
    visitor.be(annotator)
    return visitor


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_j_and_k_go_from_turn_to_turn(visitor, bot):
    conversation, page = rich_conversation(bot), visitor.page
    turns = [f"turn-{turn.pk}" for turn in conversation.turns.in_order()]
    visitor.go(f"/conversations/{conversation.pk}/")

    seen = []
    for key in "jjkjj":
        page.keyboard.press(key)
        seen.append(focused(page))

    assert seen == [turns[0], turns[1], turns[0], turns[1], turns[2]]
    assert visitor.complaints == []


def test_a_link_to_a_turn_begins_there(visitor, bot):
    conversation, page = rich_conversation(bot), visitor.page
    turns = [f"turn-{turn.pk}" for turn in conversation.turns.in_order()]
    visitor.go(f"/conversations/{conversation.pk}/#{turns[3]}")

    expect(page.locator(f"#{turns[3]}")).to_be_in_viewport()
    page.keyboard.press("j")

    assert focused(page) == turns[4]


def test_a_search_is_typed_and_its_address_can_be_shared(visitor, bot):
    wanted = make_conversation(bot, turns=["my wallet was stolen"])
    make_conversation(bot, turns=["good morning"])
    page = visitor.page
    visitor.go("/conversations/")

    page.keyboard.press("/")
    page.keyboard.type("wall")
    page.keyboard.press("Enter")

    expect(page.locator("tbody tr")).to_have_count(1)
    assert "q=wall" in page.url
    page.get_by_role("link", name="my wallet was stolen").click()
    page.wait_for_url(f"**/conversations/{wanted.pk}/")
    assert visitor.complaints == []


def test_nothing_that_somebody_wrote_runs_or_leaves_its_box(visitor, bot):
    conversation = rich_conversation(bot)

    visitor.go(f"/conversations/{conversation.pk}/")

    assert visitor.page.locator(".said script").count() == 0
    assert not visitor.scrolls_sideways()
    assert visitor.complaints == []
