"""The loop once around on real servers: web, worker and schedule are processes of their own."""

import pytest
from learnloop_client import Client, Event
from playwright.sync_api import expect

from accounts import people
from accounts.roles import Role
from annotation.models import GoldLabel, ReviewItem
from ingest.embedding import embed_waiting
from tests.drills.conftest import full_size, machine  # noqa: F401
from tests.drills.test_up import free_port
from tests.factories import (
    make_intent,
    make_key,
    make_member,
    make_operator,
    make_secret,
    make_user,
)
from tests.ingest.served import wait_until_it_answers
from tests.journeys.conftest import Visitor
from tests.training.learning import labelled
from training.models import ModelVersion, TrainingSettings

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 60  # seconds


@pytest.fixture
def same_keys(monkeypatch, settings):
    """Every process opens what the test sealed."""
    monkeypatch.setenv("LEARNLOOP_SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("LEARNLOOP_ENCRYPTION_KEYS", ",".join(settings.ENCRYPTION_KEYS))


@pytest.fixture
def house(same_keys, machine):  # noqa: F811
    port = free_port()
    machine.start("web", "web", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    wait_until_it_answers(f"{address}/healthz")
    return address


@pytest.fixture
def enter(house, chromium):
    """Somebody comes to the house by its login page."""
    windows = []

    def come(user):
        windows.append(chromium.new_context(viewport={"width": 1440, "height": 900}))
        visitor = Visitor(windows[-1].new_page(), house)
        visitor.page.set_default_timeout(1000 * SOON)
        visitor.log_in(user)
        return visitor

    yield come
    for window in windows:
        window.close()


def make_known(bot, by):
    """Enough labels to learn from, but for the one that is given in the browser."""
    intents = [make_intent(bot, name) for name in ("card_lost", "refund", "loan")]
    labelled(bot, by, intents, each=20)
    labelled(bot, by, intents, each=8, after=20, side="audit")
    embed_waiting(bot)
    TrainingSettings.objects.create(bot=bot, budget=10)


def train(visitor, machine):  # noqa: F811
    """Have a version made and judged; its number."""
    before = ModelVersion.objects.count()
    visitor.go("/training/")
    visitor.page.get_by_role("button", name="Train now").click()
    assert machine.until(lambda: ModelVersion.objects.count() > before, within=SOON)
    version = ModelVersion.objects.latest("pk")
    assert machine.until(version.reports.exists, within=SOON)
    return version


def promote(visitor, version):
    visitor.go(f"/models/{version.pk}/")
    page = visitor.page
    page.get_by_label("Why", exact=True).fill("It knows what a lost card is.")
    anyway = page.get_by_label("Why it may go live although something blocks")
    if anyway.count():
        anyway.fill("The first of a new bot: the audit is small.")
    page.get_by_role("button", name="Promote").click()
    page.get_by_text(f"Version {version.number} is live").first.wait_for()


def test_the_loop_once_around(enter, house, machine, bot):  # noqa: F811
    ana, erik = make_member(bot, username="ana"), make_member(bot, Role.ENGINEER, username="erik")
    adam, ida = make_member(bot, Role.ADMIN, username="adam"), make_user("ida")
    operator = make_operator()
    people.appoint_auditor(ida, by=operator)
    make_known(bot, make_member(bot, username="ben"))
    key = make_key(bot, by=adam, scopes=["predict", "feedback"]).token
    secret = make_secret(bot, by=adam).text

    with Client(house, bot=bot.slug, api_key=key, webhook_secret=secret) as client:
        # A bot does not understand, and its user says so.
        asked = "somebody took my purse with the card in it"
        turn = Event("c-1", user_input=asked, bot_response="Sorry?", intent_detected="loan")
        client.send(turn)
        client.feedback(conversation_id="c-1", about=turn.event_id, thumb="down")

        # Somebody labels the turn.
        reviewing = enter(ana)
        assert machine.until(bot_has_item(bot), within=SOON)
        reviewing.go("/review/next/")
        reviewing.page.get_by_role("button", name="Start reviewing").or_(
            reviewing.page.locator("#answer")
        ).first.wait_for()
        expect(reviewing.page.locator("#review-card")).to_contain_text(asked)
        reviewing.page.keyboard.press("/")
        reviewing.page.keyboard.type("card_lost")
        reviewing.page.keyboard.press("Enter")
        reviewing.page.keyboard.press("Enter")
        assert machine.until(
            lambda: GoldLabel.objects.filter(turn__text=asked).exists(), within=SOON
        )

        # Two versions are made, read and promoted.
        training, deciding = enter(erik), enter(adam)
        versions = []
        for _ in range(2):
            versions.append(train(training, machine))
            promote(deciding, versions[-1])
            found = client.predict("where is my lost card", conversation_id="c-2")
            assert (found.model_version, found.intent) == (versions[-1].number, "card_lost")

        # The second is taken back.
        deciding.go("/models/")
        deciding.page.get_by_role("button", name="Roll back to version 1").click()
        deciding.page.get_by_text("Version 1 is live again.").wait_for()
        found = client.predict("where is my lost card", conversation_id="c-3")
        assert found.model_version == 1

    # An auditor finds all of it.
    auditing = enter(ida)
    auditing.go("/admin/accounts/auditentry/")
    for event in ("version_promoted", "version_rolled_back"):
        assert auditing.page.get_by_text(event).count()
    for visitor in (reviewing, training, deciding, auditing):
        assert visitor.complaints == []


def bot_has_item(bot):
    return ReviewItem.objects.of(bot).filter(status="open").exists
