"""Setting weights and thresholds with their counts beside them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ingest import signalling
from ingest.models import IntakeSettings
from tests.ingest.talking import make_conversation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def a_week(bot):
    yesterday = timezone.now() - timedelta(days=1)
    for place in range(6):
        turns = [
            {"at": 0, "text": "where is my card", "confidence": 0.3 + place / 10, "intent": "card"},
            {"at": 1, "text": "where is my card?", "latency_ms": 1000 * place},
        ]
        make_conversation(bot, start=yesterday, turns=turns, feedback=[{"at": 2, "rating": 1}])
    signalling.find_signals(bot)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_counts_come_while_the_form_stays_as_it_was_typed(visit, admin, a_week, width):
    visitor = visit(width=width)
    page = visitor.page
    visitor.be(admin)
    visitor.go("/settings/intake/")

    page.get_by_label("Threshold of low confidence").fill("0.75")
    page.get_by_label("Weight of reported").fill("0")
    page.get_by_role("button", name="Preview").click()

    expect(page.locator("#count-low_confidence")).to_have_text("5")
    expect(page.locator("#count-report")).to_have_text("off")
    expect(page.locator("#preview")).to_contain_text("Nothing is saved yet.")
    expect(page.get_by_label("Threshold of low confidence")).to_have_value("0.75")
    assert visitor.faults("intake-preview", [(width, "light"), (width, "dark")]) == []
    assert visitor.complaints == []
    assert not IntakeSettings.objects.exists()


def test_a_pattern_that_is_not_taken_is_told_without_losing_it(visit, admin, bot):
    visitor = visit(width=390)
    page = visitor.page
    visitor.be(admin)
    visitor.go("/settings/intake/")

    page.get_by_label("Your own ids").fill("A+")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("Nothing was counted.")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Nothing was saved yet.")).to_be_visible()
    expect(page.get_by_label("Your own ids")).to_have_value("A+")
    assert visitor.faults("intake-refused", [(390, "light")]) == []
