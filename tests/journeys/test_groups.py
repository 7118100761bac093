"""Labelling groups in a real browser: by keyboard alone, and with what can go wrong."""

import pytest

from annotation.models import Annotation, GoldLabel, GroupAnswer, ReviewItem
from tests.annotation.grouped import items_of, make_group
from tests.factories import make_intent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intents(bot):
    return {name: make_intent(bot, name) for name in ("card_lost", "card_stolen", "freeze_card")}


@pytest.fixture
def group(bot, intents):
    why = {"far": 4, "intent": intents["card_stolen"].pk}
    said = [f"my card is gone, number {number}" for number in range(5)]
    return make_group(
        bot,
        [*said, "stolen!"],
        apart={"stolen!": why},
        near=intents["card_lost"],
        guess="card_lost",
    )


@pytest.fixture
def at_group(visit, annotator):
    """Ana at the page of a group."""

    def begin(group, **window):
        visitor = visit(**window)
        visitor.be(annotator)
        visitor.go(f"/review/clusters/{group.pk}/")
        visitor.page.wait_for_selector("#answer [name=peeled]:focus")
        return visitor

    return begin


def saved_by(page, key="Enter"):
    before = page.url
    page.keyboard.press(key)
    page.wait_for_url(lambda url: url != before)
    page.wait_for_selector("#messages .notice")
    return page.locator("#messages").inner_text()


def test_a_group_is_labelled_and_taken_back_by_keyboard(bot, group, intents, at_group):
    other = make_group(bot, ["hello", "hello there"])
    visitor = at_group(group)
    page = visitor.page
    odd = items_of(group)[0]

    page.keyboard.press("x")  # the outlier is the first
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert page.locator("#group-count").inner_text() == "5"
    page.keyboard.press("1")
    visitor.picture("group-chosen")
    said = saved_by(page)

    assert "5 turns were saved as card_lost. 1 turn was peeled off" in said
    assert f"/clusters/{other.pk}/" in page.url
    assert {gold.intent for gold in GoldLabel.objects.current()} == {intents["card_lost"]}
    assert ReviewItem.objects.open().filter(pk=odd.pk).exists()
    assert GroupAnswer.objects.get().annotations.first().seconds > 0

    said = saved_by(page, "z")

    assert "5 turns of your last group wait again" in said
    assert not Annotation.objects.standing().exists()
    assert page.locator(".group-row").count() == 6
    assert visitor.complaints == []


def test_an_intent_is_made_and_all_outliers_are_peeled_off_by_one_key(group, at_group):
    page = at_group(group).page

    page.keyboard.press("Shift+X")
    page.keyboard.press("/")
    page.keyboard.type("wallet_gone")
    page.get_by_role("option", name="Create “wallet_gone”").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#messages .notice")

    assert {gold.intent.name for gold in GoldLabel.objects.all()} == {"wallet_gone"}
    assert GoldLabel.objects.count() == 5


def test_more_of_a_group_comes_on_screen_before_it_is_labelled(bot, intents, at_group):
    large = make_group(bot, [f"card {number}" for number in range(60)], near=intents["card_lost"])
    visitor = at_group(large)
    page = visitor.page
    visitor.picture("group-large")

    page.keyboard.press("x")
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelectorAll('.group-row').length === 60")
    assert page.locator("#group-count").inner_text() == "59"
    page.keyboard.press("1")
    saved_by(page)

    assert GoldLabel.objects.count() == 59


def test_what_others_labelled_meanwhile_is_refused_and_nothing_chosen_is_lost(
    group, annotator, at_group
):
    visitor = at_group(group)
    page = visitor.page
    page.keyboard.press("x")
    page.keyboard.press("2")
    ReviewItem.objects.all().update(lane="second")

    page.keyboard.press("Enter")
    page.wait_for_selector("#review-problem .notice")

    assert "Nothing was saved" in page.locator("#review-problem").inner_text()
    assert visitor.faults("group-stale") == []
    page.reload()
    ReviewItem.objects.all().update(lane="selection")
    page.reload()
    page.wait_for_selector("#answer [name=peeled]:checked")
    assert page.locator("[name=choice]:checked").get_attribute("data-name") == "card_stolen"
    saved_by(page)
    assert GoldLabel.objects.count() == 5


def test_a_lost_session_keeps_what_was_chosen(group, annotator, at_group):
    page = at_group(group).page
    page.keyboard.press("x")
    page.keyboard.press("1")
    page.context.clear_cookies(name="sessionid")

    page.keyboard.press("Enter")
    page.wait_for_url("**/login/**")
    page.get_by_label("Username").fill(annotator.username)
    page.get_by_label("Password", exact=True).fill("a calm sea at seven")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer [name=peeled]:checked")

    assert page.locator("#group-count").inner_text() == "5"
    assert page.locator("[name=choice]:checked").get_attribute("data-name") == "card_lost"


def test_it_works_on_a_phone_by_touch_alone(group, at_group):
    visitor = at_group(group, width=390)
    page = visitor.page

    page.locator(".group-row").first.locator("label").click()
    page.locator("#choices label").first.click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#messages .notice")

    assert GoldLabel.objects.count() == 5


def test_it_works_without_scripts(chromium, live_server, group, annotator):
    from tests.journeys.conftest import Visitor

    context = chromium.new_context(java_script_enabled=False)
    visitor = Visitor(context.new_page(), live_server.url)
    visitor.be(annotator)
    visitor.go(f"/review/clusters/{group.pk}/")
    page = visitor.page

    page.locator(".group-row [name=peeled]").first.check()
    page.get_by_role("button", name="Save").click()
    assert "Choose an intent first" in page.locator("#review-problem").inner_text()
    assert page.locator("[name=peeled]:checked").count() == 1
    page.locator("#choice-by-name").select_option(label="freeze_card")
    page.get_by_role("button", name="Save").click()

    assert "5 turns were saved as freeze_card." in page.locator("#messages").inner_text()
    context.close()
