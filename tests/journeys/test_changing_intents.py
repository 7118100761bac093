"""Renaming, merging and splitting intents at the keyboard, and taking it back."""

import pytest
from playwright.sync_api import expect

from annotation.models import GoldLabel, Intent, IntentChange
from jobs import requesting
from tests.annotation.changing import meant, say_and_label, work
from tests.factories import make_intent
from tests.journeys.changed import SAID

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = [(1440, "light"), (390, "dark")]


@pytest.fixture
def gone(bot, annotator):
    intent = make_intent(bot, "card_gone", good=["gone"])
    for text in SAID:
        say_and_label(bot, text, intent, by=annotator)
    make_intent(bot, "card_lost", key="l")
    return intent


@pytest.fixture
def visitor(visit, reviewer, gone):
    visitor = visit()
    visitor.be(reviewer)
    visitor.go(f"/intents/{gone.pk}/")
    return visitor


def open_change(visitor, what):
    visitor.page.get_by_text("Change", exact=True).click()
    visitor.page.get_by_role("link", name=what).click()


def newest():
    return IntentChange.objects.latest("pk")


def test_an_intent_is_renamed_and_called_as_before_again(visitor, gone):
    page = visitor.page
    open_change(visitor, "Rename…")
    page.get_by_label("New name").fill("Card_Lost")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“card_lost” is there already.")
    page.get_by_label("New name").fill("card_missing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("card_gone becomes card_missing")).to_be_visible()
    assert visitor.faults("rename-preview", SMALL) == []

    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("card_gone renamed to card_missing")
    page.get_by_text("Undo…").click()
    page.get_by_role("button", name="Undo it").click()

    expect(page.get_by_text("All is as it was before.")).to_be_visible()
    assert Intent.objects.get(pk=gone.pk).name == "card_gone"
    assert visitor.complaints == []


def test_an_intent_is_merged_while_the_page_is_watched(visitor, bot):
    page = visitor.page
    open_change(visitor, "Merge into another…")
    page.get_by_label("Into").fill("card_lost")
    page.keyboard.press("Enter")
    expect(page.get_by_text("card_gone becomes part of card_lost")).to_be_visible()
    assert visitor.faults("merge-preview") == []
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()

    requesting.cancel(newest().job)
    expect(page.get_by_text("It stopped half way.")).to_be_visible()
    assert visitor.faults("change-stopped") == []
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work(newest())

    expect(page.locator("#change-card .badge")).to_have_text("Done")
    assert set(meant(bot).values()) == {"card_lost"}
    assert visitor.complaints == []


def test_an_intent_is_split_by_picking_from_its_labels(visitor, bot):
    page = visitor.page
    open_change(visitor, "Split…")
    page.get_by_label("Name of the other intent").fill("card_eaten")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Split card_eaten from card_gone")
    page.keyboard.press("/")
    page.keyboard.type("machine")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Pick all that say “machine”").click()
    expect(page.get_by_text("1 more picked.")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    page.get_by_label("the ATM kept it").check()
    page.get_by_role("button", name="Keep these picks").click()
    expect(page.locator(".facts dd").first).to_have_text("2")
    assert visitor.faults("split-picked", SMALL) == []

    page.get_by_label("I cannot find my card").check()
    page.get_by_label("Stay, and are asked again").check()
    page.get_by_role("button", name="Split", exact=True).click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work(newest())

    expect(page.locator("#change-card .badge")).to_have_text("Done")
    assert GoldLabel.objects.current().filter(intent__name="card_eaten").count() == 3
    visitor.go("/review/next/")
    page.get_by_role("button", name="Show the next turn").or_(
        page.locator("#answer")
    ).first.wait_for()
    expect(page.get_by_text("Before that it was labelled “card_gone”")).to_be_visible()
    assert visitor.complaints == []
