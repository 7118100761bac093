"""Whatever goes wrong while somebody reviews, nothing that was chosen or typed is lost."""

import pytest

from annotation.models import Annotation, Intent, ReviewItem
from tests.journeys.answering import a_queue, item_on, wait_for_another

pytestmark = pytest.mark.django_db(transaction=True)


class TestNothingIsLost:
    """Whatever goes wrong, what was chosen and typed is still there."""

    @pytest.fixture
    def begun(self, bot, intents, reviewing):
        a_queue(bot, of=3)
        visitor = reviewing()
        visitor.page.keyboard.press("2")
        visitor.page.keyboard.press("b")
        visitor.page.keyboard.type("I have frozen it for you.")
        return visitor

    def is_all_there(self, page):
        return (
            page.locator("input[name=choice]:checked").get_attribute("data-name"),
            page.locator("#better-answer").input_value(),
        ) == ("card_stolen", "I have frozen it for you.")

    def save(self, page):
        page.keyboard.press("Control+Enter")

    def saved(self, page, before):
        self.save(page)
        wait_for_another(page, before)
        annotation = Annotation.objects.get()
        return (annotation.intent.name, annotation.better_answer) == (
            "card_stolen",
            "I have frozen it for you.",
        )

    def test_a_session_that_ran_out(self, begun, annotator):
        page, before = begun.page, item_on(begun.page)
        page.context.clear_cookies(name="sessionid")

        self.save(page)
        page.wait_for_url("**/login/**")
        begun.picture("review-lost-session")
        page.get_by_label("Username").fill(annotator.username)
        page.get_by_label("Password", exact=True).fill("a calm sea at seven")
        page.keyboard.press("Enter")
        page.wait_for_selector("#answer")

        assert item_on(page) == before
        assert self.is_all_there(page)
        assert self.saved(page, before)

    def test_a_turn_that_somebody_else_has_by_now(self, begun, reviewer):
        page = begun.page
        ReviewItem.objects.filter(pk=item_on(page)).update(holder=reviewer)

        self.save(page)
        page.wait_for_selector("#review-problem .notice")

        begun.picture("review-lost-hold")
        assert "was not saved" in page.locator("#review-problem").inner_text()
        assert self.is_all_there(page)
        assert not Annotation.objects.exists()
        assert begun.axe() == []

        before = item_on(page)
        page.get_by_role("button", name="Go on with the next turn").click()
        wait_for_another(page, before)
        assert page.locator("#review-problem .notice").count() == 0

    def test_a_hold_that_ran_out_and_nobody_else_wanted(self, begun):
        page, before = begun.page, item_on(begun.page)
        ReviewItem.objects.filter(pk=before).update(holder=None, held_until=None)

        assert self.saved(page, before)

    def test_an_intent_that_is_not_in_use_any_more(self, begun, intents):
        page = begun.page
        Intent.objects.filter(pk=intents["card_stolen"].pk).update(archived_at="2026-05-09T00:00Z")

        self.save(page)
        page.wait_for_selector("#review-problem .notice")

        begun.picture("review-intent-gone")
        assert "not in use any more" in page.locator("#review-problem").inner_text()
        assert self.is_all_there(page)

    def test_a_fault_on_our_side(self, begun, monkeypatch):
        from annotation import answering

        page, before = begun.page, item_on(begun.page)
        with monkeypatch.context() as broken:
            broken.setattr(answering, "answer", lambda *_, **__: 1 / 0)
            self.save(page)
            page.wait_for_selector(".toast.bad")
        begun.picture("review-fault")
        begun.complaints.clear()  # the console speaks of the 500 too

        assert self.is_all_there(page)
        assert self.saved(page, before)

    def test_a_network_that_is_gone(self, begun):
        page, before = begun.page, item_on(begun.page)
        page.context.set_offline(True)

        self.save(page)
        page.wait_for_selector(".toast.bad")
        begun.picture("review-offline")
        assert self.is_all_there(page)
        page.context.set_offline(False)

        assert self.saved(page, before)

    def test_a_window_that_was_closed(self, begun):
        page, before = begun.page, item_on(begun.page)

        for _ in range(2):  # and again, right after it was put back
            page.reload()
            page.wait_for_selector("#answer")

        assert item_on(page) == before
        assert self.is_all_there(page)
