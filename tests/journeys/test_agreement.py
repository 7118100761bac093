"""From two people's answers to the reviewer's page, and from known turns to a pause."""

import pytest

from annotation.comparing import compare_due
from annotation.models import GoldQuestion, ReviewPause, ReviewSettings
from tests.annotation.asking import known_turn
from tests.annotation.giving import give
from tests.factories import make_intent, make_item, make_member, make_review_settings
from tests.journeys.answering import press_and_wait

pytestmark = pytest.mark.django_db(transaction=True)

GUESSES = [
    {"intent": "card_lost", "confidence": 0.41},
    {"intent": "card_stolen", "confidence": 0.38},
]


def test_a_reviewer_reads_how_two_agree_and_lets_a_paused_one_go_on(
    visit, bot, annotator, reviewer
):
    ben = make_member(bot, username="ben")
    lost, stolen = (make_intent(bot, name) for name in ("card_lost", "card_stolen"))
    settings = make_review_settings(bot, second_opinion_percent=0)
    disputed = make_item(bot, "my card is gone", answers_wanted=2)
    give(disputed, annotator, intent=lost)
    give(disputed, ben, intent=stolen)
    compare_due(bot)
    make_item(bot, "what waits", guesses=GUESSES, guess="card_lost")

    # Ana is asked ten known turns among the others, sees no difference, and is paused.
    for number in range(10):
        known_turn(bot, ben, f"known {number}")
    ReviewSettings.objects.filter(pk=settings.pk).update(question_percent=100, pause_below=50)
    visitor = visit()
    visitor.be(annotator)
    visitor.go("/review/next/")
    visitor.page.wait_for_selector("#answer")
    for _ in range(11):
        # What waits may come between: what is fetched ahead is another request.
        if not visitor.page.locator("text=You get no turns for now").count():
            press_and_wait(visitor.page, "x", "Enter")
    assert GoldQuestion.objects.filter(right=False).count() == 10
    visitor.page.wait_for_selector("text=You get no turns for now")
    assert ReviewPause.objects.get().person == annotator
    assert visitor.faults("review-paused") == []
    visitor.page.get_by_role("link", name="My figures").click()
    visitor.page.wait_for_selector("h1:has-text('My figures')")
    assert visitor.complaints == []

    # The reviewer finds it on the pages, and lets her go on.
    visitor = visit()
    visitor.be(reviewer)
    page = visitor.page
    visitor.go("/review/")
    page.get_by_role("link", name="Agreement", exact=True).click()
    assert "card_lost" in page.inner_text("section[aria-labelledby=disputes-title]")
    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="ana").click()
    page.get_by_role("button", name="Let them go on").click()
    page.wait_for_selector("text=gets turns again")
    assert not ReviewPause.objects.holding().exists()
    assert visitor.complaints == []
