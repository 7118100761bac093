"""Making intents at the keyboard, and bringing them in from a file."""

import pytest
from playwright.sync_api import expect

from annotation.models import Intent
from tests.factories import make_intent

pytestmark = pytest.mark.django_db(transaction=True)

RASA = """\
version: "3.1"
nlu:
- intent: card_lost
  metadata: {guideline: "Nobody took it.", mood: calm}
  examples: |
    - I lost my card
    - my wallet is gone
    no dash
- intent: card_stolen
  metadata: {key: s}
- intent: Greeting
  examples: |
    - hello
- synonym: card
  examples: |
    - plastic
"""


@pytest.fixture
def visitor(visit, reviewer):
    visitor = visit()
    visitor.be(reviewer)
    return visitor


def test_an_intent_is_made_found_and_archived(visitor, bot):
    page = visitor.page
    make_intent(bot, "greeting")
    visitor.go("/intents/")

    page.keyboard.press("c")
    page.get_by_label("Name").fill("card_lost")
    page.get_by_label("Guideline").fill("Nobody **took** it.")
    page.get_by_label("Texts that do not").fill("somebody took it => Stolen.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("card_lost was made")).to_be_visible()
    expect(page.locator(".prose strong")).to_have_text("took")

    visitor.go("/intents/")
    page.keyboard.press("/")
    page.keyboard.type("lost")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="card_lost").click()
    page.get_by_text("Archive…").click()
    page.get_by_role("button", name="Archive it").click()

    expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    assert not Intent.objects.in_use().filter(name="card_lost").exists()
    assert visitor.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_file_is_looked_at_before_it_is_taken_in(visit, reviewer, bot, tmp_path, width):
    visitor = visit(width=width)
    page = visitor.page
    visitor.be(reviewer)
    make_intent(bot, "greeting")
    file = tmp_path / "nlu.yml"
    file.write_text(RASA)
    visitor.go("/intents/import/")

    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("heading", name="What the import would do")).to_be_visible()
    assert visitor.faults("intents-import-plan", [(width, "dark"), (width, "light")]) == []
    assert Intent.objects.count() == 1
    page.get_by_role("button", name="Import").click()

    expect(page.get_by_text("Imported: 1 new, 1 changed.")).to_be_visible()
    assert [row.text for row in Intent.objects.get(name="greeting").examples.all()] == ["hello"]
    assert visitor.complaints == []


def test_a_refused_form_keeps_what_was_typed(visit, reviewer, bot):
    visitor = visit(width=390)
    page = visitor.page
    visitor.be(reviewer)
    make_intent(bot, "card_lost")
    visitor.go("/intents/new/")

    page.get_by_label("Name").fill("Card_Lost")
    page.get_by_label("Guideline").fill("Typed with care.")
    page.get_by_role("button", name="Make the intent").click()

    expect(page.get_by_role("alert")).to_contain_text("“card_lost” is there already.")
    expect(page.get_by_label("Guideline")).to_have_value("Typed with care.")
    assert visitor.faults("intent-refused", [(1440, "light"), (390, "dark")]) == []
