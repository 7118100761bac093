"""Known turns that are asked as if they waited; annotation/questioning.py and scoring.py."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.answering import progress
from annotation.holding import renew
from annotation.models import (
    Annotation,
    GoldLabel,
    GoldQuestion,
    KnownTurn,
    ReviewItem,
    ReviewSettings,
)
from ingest.leaving import delete_conversations
from tests.annotation.asking import ask_always, known_turn, send, take
from tests.factories import make_intent, make_item

HTMX = {"hx-request": "true"}


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


DIFFERS = (
    r'(?<=data-item=")\d+|(?<=/items/)\d+|[0-9a-f]{8}-[0-9a-f-]{27}'
    r'|(?<=datetime=")[^"]*|(?<=data-held-until=")[^"]*|c-\d+'
    r'|(?<=csrfmiddlewaretoken" value=")\w+|\d+ \w+ 2026, \d\d:\d\d'
)


def without_what_differs(page, item):
    """A card without its numbers, its text and its times."""
    return re.sub(DIFFERS, "…", page.replace(item.turn.text, "TEXT")).splitlines()


# ── what the annotator sees ───────────────────────────────────────────────────────────


def test_a_known_turn_looks_like_any_other(as_annotator, ben, bot, lost, waiting):
    other = take(as_annotator).content.decode()
    as_annotator.post("/review/stop/")
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)

    response = take(as_annotator)

    card = response.content.decode()
    assert response.context["card"].item == item
    assert without_what_differs(card, item) == without_what_differs(other, waiting)


def test_the_answer_is_answered_to_in_the_same_way(as_annotator, annotator, ben, bot, lost):
    for n in range(3):
        make_item(bot, f"waits {n}")
    item = take(as_annotator).context["card"].item
    usual = send(as_annotator, item, intent=lost)
    as_annotator.post("/review/stop/")
    known = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    assert take(as_annotator).context["card"].item == known
    ReviewSettings.objects.update(question_percent=0)

    asked = send(as_annotator, known, intent=lost)

    assert (asked.status_code, dict(asked.headers).keys()) == (200, dict(usual.headers).keys())
    assert "waits" in asked.content.decode()
    assert progress(annotator, bot=bot).mine_today == 2


def test_it_takes_no_more_statements_than_another(
    as_annotator, ben, bot, lost, waiting, django_assert_num_queries
):
    known_turn(bot, ben, intent=lost)
    ask_always(bot)

    # Session, person with bots, mix, question; turns around.
    with django_assert_num_queries(5):
        take(as_annotator)


def test_nobody_is_asked_what_they_labelled_or_were_asked_or_skipped(
    as_annotator, annotator, ben, bot, waiting
):
    known_turn(bot, annotator)
    skipped = known_turn(bot, ben)
    skipped.not_for.append(annotator.pk)
    skipped.save()
    asked = known_turn(bot, ben)
    ask_always(bot)
    assert take(as_annotator).context["card"].item == asked
    send(as_annotator, asked)

    assert take(as_annotator).context["card"].item == waiting


@pytest.mark.parametrize("who", ["barred", "unlabelled", "open"])
def test_what_is_not_known_any_more_is_not_asked(who, as_annotator, ben, bot, waiting):
    item = known_turn(bot, ben, source="barred" if who == "barred" else "agreed")
    if who == "unlabelled":
        GoldLabel.objects.update(withdrawn_at=timezone.now())
    if who == "open":
        ReviewItem.objects.filter(pk=item.pk).update(
            status="open", lane="reviewer", ended_at=None, priority=-1
        )
    ask_always(bot)

    assert take(as_annotator).context["card"].item == waiting


def test_who_adjudicates_is_asked_nothing(as_reviewer, ben, bot, waiting):
    known_turn(bot, ben)
    ask_always(bot)

    assert take(as_reviewer).context["card"].item == waiting


def test_with_filters_or_an_empty_queue_nothing_known_is_asked(as_annotator, ben, bot):
    known_turn(bot, ben)
    ask_always(bot)
    assert take(as_annotator).context["card"] is None
    item = make_item(bot, "what waits")

    card = as_annotator.post("/review/take/?lane=selection", headers=HTMX).context["card"]

    assert card.item == item


def test_asking_twice_gives_the_same_and_a_reload_too(as_annotator, ben, bot, waiting):
    first, _ = known_turn(bot, ben), known_turn(bot, ben)
    ask_always(bot)
    item = take(as_annotator).context["card"].item

    assert take(as_annotator).context["card"].item == item
    assert as_annotator.get("/review/next/").context["card"].item == item
    assert first in (item, *ReviewItem.objects.filter(status="done"))


def test_the_next_one_can_be_fetched_ahead(as_annotator, ben, bot, waiting):
    item = known_turn(bot, ben)
    ask_always(bot)
    take(as_annotator)

    ahead = as_annotator.post("/review/ahead/", {"item": item.pk}, headers=HTMX)
    answered = send(as_annotator, item, ahead=waiting.pk)

    assert ahead.context["card"].item == waiting
    assert answered["X-Review-Next"] == "ahead"


def test_it_is_renewed_like_a_hold(annotator, as_annotator, ben, bot, waiting):
    item = known_turn(bot, ben)
    ask_always(bot)
    take(as_annotator)
    GoldQuestion.objects.update(held_until=timezone.now())

    until = renew(item.pk, annotator)

    assert until > timezone.now() + timedelta(minutes=14)


# ── what becomes of the answer ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("choice", "right"),
    [("i:{lost}", True), ("i:{stolen}", False), ("v:oos", False), ("v:unsure", None),
     ("v:skip", None)],
)  # fmt: skip
def test_it_is_right_or_wrong_and_no_annotation(
    choice, right, as_annotator, ben, bot, lost, stolen, waiting
):
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    before = ReviewItem.objects.filter(pk=item.pk).values().get()

    send(as_annotator, item, choice=choice.format(lost=lost.pk, stolen=stolen.pk))

    assert GoldQuestion.objects.get().right is right
    assert Annotation.objects.get().annotator == ben  # as it was
    assert GoldLabel.objects.get().annotation.annotator == ben
    assert ReviewItem.objects.filter(pk=item.pk).values().get() == before


def test_it_is_judged_by_what_the_turn_means_when_it_is_answered(
    as_annotator, ben, bot, lost, stolen, waiting
):
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    GoldLabel.objects.update(intent=stolen)

    send(as_annotator, item, intent=stolen)

    assert GoldQuestion.objects.get().right is True


def test_the_same_form_twice_is_one_answer(as_annotator, ben, bot, lost, waiting):
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    submission = str(uuid4())
    send(as_annotator, item, intent=lost, submission=submission)

    again = send(as_annotator, item, intent=lost, submission=submission)
    another = send(as_annotator, item)

    assert again.status_code == 200
    assert another.status_code == 409
    assert GoldQuestion.objects.get().intent == lost


def test_what_cannot_be_stored_is_refused_like_any_answer(as_annotator, ben, bot, lost, waiting):
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    lost.archived_at = timezone.now()
    lost.save()

    response = send(as_annotator, item, intent=lost)

    assert response.status_code == 422
    assert "not in use any more" in response.content.decode()
    assert GoldQuestion.objects.open().exists()


def test_an_intent_that_is_made_for_it_is_made(as_annotator, ben, bot, waiting):
    item = known_turn(bot, ben)
    ask_always(bot)
    take(as_annotator)

    response = send(as_annotator, item, choice="n:brand_new")

    assert "intentMade" in response["HX-Trigger"]
    assert GoldQuestion.objects.get().intent.name == "brand_new"


def test_undo_asks_it_again(as_annotator, annotator, ben, bot, lost, waiting):
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    send(as_annotator, item)

    undone = as_annotator.post("/review/undo/", headers=HTMX)

    assert undone.context["card"].item == item
    assert progress(annotator, bot=bot).mine_today == 0
    send(as_annotator, item, intent=lost)
    assert GoldQuestion.objects.get().right is True


def test_undo_takes_the_newest_back_whichever_it_was(as_annotator, ben, bot, lost, waiting):
    other = make_item(bot, "another")
    as_annotator.post("/review/take/", headers=HTMX)
    send(as_annotator, waiting, intent=lost)
    as_annotator.post("/review/stop/")
    item = known_turn(bot, ben, intent=lost)
    ask_always(bot)
    take(as_annotator)
    send(as_annotator, item)
    ReviewSettings.objects.update(question_percent=0)

    cards = [as_annotator.post("/review/undo/", headers=HTMX).context["card"] for _ in range(2)]

    assert [card.item for card in cards] == [item, waiting]
    assert other.holder is None


def test_what_is_erased_leaves_nothing(as_annotator, ben, bot, waiting):
    item = known_turn(bot, ben)
    ask_always(bot)
    take(as_annotator)
    send(as_annotator, item, note="what she typed")

    delete_conversations(bot, [item.conversation_id])

    assert not GoldQuestion.objects.exists()
    assert not KnownTurn.objects.exists()
