"""Two people differ, and a reviewer settles it: in a real browser, by keyboard alone."""

import pytest

from annotation.models import Annotation, Dispute, GoldLabel
from tests.factories import make_item, make_member
from tests.journeys.answering import press_and_wait
from tests.journeys.disputes import GUESSES, say, two_intents

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben(bot):
    return make_member(bot, username="ben")


@pytest.fixture
def window(visit):
    """A browser of somebody, at a page."""

    def open_for(user, path):
        visitor = visit()
        visitor.be(user)
        visitor.go(path)
        return visitor

    return open_for


def answer_by_key(window, user, key):
    visitor = window(user, "/review/next/")
    visitor.page.wait_for_selector("#answer")
    press_and_wait(visitor.page, key, "Enter")
    return visitor


def says_the_same_again_under_the_note(ana_at):
    ana = ana_at.page
    ana_at.go("/review/next/")
    ana.wait_for_selector("#answer")
    assert "Gone may mean taken" in ana.locator(".why").inner_text()
    assert "You said: card_gone" in ana.locator(".why").inner_text().replace("\n", " ")
    ana_at.picture("review-sent-back")
    assert ana_at.axe() == []
    press_and_wait(ana, "1", "Enter")


def finds_out_why(ana_at):
    ana = ana_at.page
    ana_at.go("/review/")
    ana.get_by_role("link", name="Corrected").click()
    ana.wait_for_url("**/review/corrected/")
    assert "Because, number 2." in ana.locator("table").inner_text()
    ana.locator("td a").first.click()
    ana.wait_for_url("**/review/labels/*/")
    assert "accepted the answer of ben" in ana.locator("aside").inner_text().replace("\n", " ")


def test_two_differ_a_reviewer_sends_it_back_and_then_accepts(
    bot, window, annotator, ben, reviewer
):
    lost, taken = two_intents(bot)
    guesses = [{"intent": each.name, "confidence": 0.4} for each in (lost, taken)]
    item = make_item(bot, "my wallet is gone", answers_wanted=2, guesses=guesses, priority=9)
    ana_at, ben_at = answer_by_key(window, annotator, "1"), answer_by_key(window, ben, "2")
    at = window(reviewer, "/review/")
    page = at.page

    page.keyboard.press("d")
    page.wait_for_url("**/review/disagreements/")
    page.keyboard.press("Enter")
    page.wait_for_selector("#review-card[data-ready]")
    assert "card_gone" in page.locator(".opinions").inner_text()

    # Sent back without a note it is refused, and nothing is lost.
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#review-problem .notice")
    page.keyboard.type("Gone may mean taken: read the guideline.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#messages .notice >> text=Sent back")
    assert Dispute.objects.get().sent_back

    # It is the next that ana gets, before anything else, with the note on top.
    make_item(bot, "something else", priority=99)
    says_the_same_again_under_the_note(ana_at)
    ben_at.go("/review/next/")
    ben_at.page.wait_for_selector("#answer")
    press_and_wait(ben_at.page, "2", "Enter")
    assert Annotation.objects.filter(item=item).count() == 4

    # They differ still, so the reviewer decides; undoes it; and decides once more.
    for key in ("1", "2"):
        at.go(f"/review/disagreements/{item.pk}/")
        page.wait_for_selector("#review-card[data-ready]")
        page.keyboard.press(key)
        page.keyboard.press("n")
        page.keyboard.type(f"Because, number {key}.")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#messages .notice >> text=is the gold label")
        if key == "1":
            assert GoldLabel.objects.current().get().intent == lost
            page.keyboard.press("z")
            page.wait_for_selector("#messages .notice >> text=Taken back")
            assert not GoldLabel.objects.current().exists()
    assert GoldLabel.objects.current().get().intent == taken

    # And ana finds out.
    finds_out_why(ana_at)
    assert at.complaints == ana_at.complaints == ben_at.complaints == []


def test_a_reviewer_answers_otherwise_and_who_was_slower_loses_nothing(
    bot, window, annotator, ben, reviewer
):
    lost, taken = two_intents(bot)
    item = make_item(bot, "my wallet is gone", answers_wanted=2, guesses=GUESSES)
    say(item, annotator, intent=lost)
    say(item, ben, intent=taken)
    path = f"/review/disagreements/{item.pk}/"
    slow = window(make_member(bot, "reviewer", username="ines"), path)
    at = window(reviewer, path)
    for each in (slow, at):
        each.page.wait_for_selector("#review-card[data-ready]")

    at.page.keyboard.press("f")
    at.page.keyboard.press("/")
    at.page.keyboard.type("wallet_gone")
    at.page.get_by_role("option", name="Create “wallet_gone”").wait_for()
    at.page.keyboard.press("Enter")
    at.page.keyboard.press("Enter")
    at.page.wait_for_selector("#messages .notice >> text=wallet_gone is the gold label")

    slow.page.keyboard.press("1")
    slow.page.keyboard.press("n")
    slow.page.keyboard.type("A long reason.")
    slow.page.keyboard.press("Control+Enter")
    slow.page.wait_for_selector("#review-problem .notice")
    slow.picture("dispute-too-late")

    assert "somebody settled this meanwhile" in slow.page.locator("#review-problem").inner_text()
    assert slow.page.locator("#note").input_value() == "A long reason."
    assert slow.axe() == []
    assert GoldLabel.objects.get().intent.name == "wallet_gone"
    assert at.complaints == slow.complaints == []
