"""The first page: three steps to the first label, then the loop, each number with its rows."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Membership
from accounts.roles import Role
from tests.factories import (
    make_annotation,
    make_conversation,
    make_dataset,
    make_intent,
    make_item,
    make_model_version,
    make_run,
)
from tests.replay.played import make_replay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(visit, bot, operator):
    Membership.objects.create(bot=bot, user=operator, role=Role.ADMIN)
    visitor = visit()
    visitor.be(operator)
    return visitor


def trained(bot, *, labels, accuracy):
    dataset = make_dataset(bot, train_count=labels - 20, audit_count=20)
    done = {"state": "done", "ended_at": timezone.now(), "started_at": timezone.now()}
    run = make_run(bot, dataset=dataset, encoder="use-1", job=done)
    held_out = {"rows": labels, "accuracy": accuracy - 0.1, "macro_f1": 0.6,
                "calibration_error": 0.02, "coverage": 0.4}  # fmt: skip
    audit = held_out | {"rows": 20, "accuracy": accuracy}
    return make_model_version(bot, run=run, figures={"held_out": held_out, "audit": audit})


def a_loop(bot, by):
    """Some of everything that the page counts."""
    now = timezone.now()
    for number in range(12):
        make_conversation(
            bot, started_at=now - timedelta(hours=number), turns=["where is it", "no, my card"],
            signals=["escalation"] if number % 3 == 0 else [],
        )  # fmt: skip
    for number, lane in enumerate(["selection", "selection", "novelty", "audit"]):
        make_item(bot, f"a turn that waits {number}", lane=lane, at=now)
    for number in range(7):
        done = make_item(bot, f"a turn of today {number}", status="done", ended_at=now)
        make_annotation(done, by)
    for number in range(1, 9):
        trained(bot, labels=100 * number, accuracy=0.9 - 0.5 / number)


def test_a_new_bot_is_led_to_its_first_label_and_then_shows_the_loop(visitor, bot, annotator):
    page, main = visitor.page, visitor.page.locator("main")
    visitor.go("/")
    expect(main).to_contain_text("Three steps to the first label")
    problems = visitor.faults("loop-empty")

    page.get_by_role("link", name="Make a webhook secret").click()
    page.wait_for_url("**/settings/webhooks/**")

    make_intent(bot, "card_lost")
    make_item(bot, "i lost my card")
    visitor.go("/")
    expect(main.get_by_text("Done")).to_have_count(2)
    problems += visitor.faults("loop-begun", [(1440, "light"), (390, "dark")])
    page.get_by_role("link", name="Start reviewing").click()
    expect(page.locator("#review-card")).to_contain_text("i lost my card")

    a_loop(bot, annotator)
    visitor.go("/")
    problems += visitor.faults("loop-full")
    for label, rows in (
        ("Turns in", "/conversations/"),
        ("Waiting", "/review/"),
        ("Model versions", "/models/"),
        ("New topics", "lane=novelty"),
    ):
        visitor.go("/")
        main.get_by_role("link", name=label).first.click()
        assert rows in page.url
        expect(main).to_be_visible()

    assert problems == []
    assert visitor.complaints == []


def test_a_replay_is_a_page_with_its_curves(visitor, bot):
    row = make_replay(bot, points=6)

    visitor.go("/")
    visitor.page.get_by_role("link", name="Look at the replay").click()
    visitor.page.get_by_text("The numbers").first.click()

    expect(visitor.page.get_by_role("table").first).to_contain_text("600")
    assert f"/replays/{row.pk}/" in visitor.page.url
    assert visitor.faults("replay-full") == []
    assert visitor.complaints == []
