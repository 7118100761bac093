"""Known turns as reviewers choose them, and who is paused; annotation/knowing.py and pausing.py."""

from uuid import uuid4

import pytest
from django.utils import timezone

from annotation import pausing
from annotation.holding import Paused, take_next
from annotation.models import GoldQuestion, KnownTurn, ReviewPause
from tests.annotation.asking import HTMX, ask_always, known_turn, send, take
from tests.factories import make_gold, make_item, make_member

# ── choosing them ─────────────────────────────────────────────────────────────────────


def test_a_reviewer_marks_a_label_and_bars_it(as_reviewer, annotator, bot):
    item = make_item(bot, "my card is gone", status="done", ended_at=timezone.now())
    make_gold(item.turn, annotator)
    assert "my card is gone" in as_reviewer.get("/review/known/").content.decode()

    marked = as_reviewer.post(f"/review/known/{item.turn_id}/", {"source": "marked"}, follow=True)
    assert "may be asked about it" in marked.content.decode()
    assert "my card is gone" in as_reviewer.get("/review/known/?source=marked").content.decode()
    barred = as_reviewer.post(
        f"/review/known/{item.turn_id}/", {"source": "barred", "shown": "marked"}, follow=True
    )

    assert barred.redirect_chain == [("/review/known/?source=marked", 302)]
    assert KnownTurn.objects.get().source == "barred"


def test_what_has_no_label_cannot_be_marked(as_reviewer, bot, waiting):
    page = as_reviewer.post(f"/review/known/{waiting.turn_id}/", {"source": "marked"}, follow=True)

    assert "no label of its own" in page.content.decode()
    odd = as_reviewer.post(f"/review/known/{waiting.turn_id}/", {"source": "agreed"}, follow=True)
    assert "Nothing was changed" in odd.content.decode()
    assert not KnownTurn.objects.exists()


def test_labels_come_page_by_page(as_reviewer, annotator, bot, django_assert_num_queries):
    for n in range(52):
        known_turn(bot, annotator, f"text number {n}")

    with django_assert_num_queries(7):
        page = as_reviewer.get("/review/known/")
    older = as_reviewer.get(f"/review/known/?before={page.context['labels'].older_before}")

    assert len(page.context["rows"]) == 50
    assert [row.said for row in older.context["rows"]] == ["text number 1", "text number 0"]
    with django_assert_num_queries(8):
        assert len(as_reviewer.get("/review/known/?source=marked&page=2").context["rows"]) == 2


def test_a_member_without_turns_is_asked_like_others(bot, ben, waiting):
    known_turn(bot, ben)
    ask_always(bot)

    assert take_next(make_member(bot), bot=bot).status == "open"


# ── pausing ───────────────────────────────────────────────────────────────────────────


def answered(bot, person, ben, right, *, times=1):
    for _ in range(times):
        item = known_turn(bot, ben)
        now = timezone.now()
        GoldQuestion.objects.create(
            bot=bot, person=person, item=item, known_verdict="oos", held_until=now,
            verdict="oos" if right else "unusable", answered_at=now, right=right,
            submission=uuid4(),
        )  # fmt: skip


def test_below_the_bar_somebody_is_paused_and_told_so(
    as_annotator, annotator, ben, bot, lost, waiting
):
    answered(bot, annotator, ben, True, times=6)
    answered(bot, annotator, ben, False, times=3)
    ask_always(bot, pause_below=70)
    for known in KnownTurn.objects.all():
        known.delete()
    item = known_turn(bot, ben, intent=lost)
    take(as_annotator)

    response = send(as_annotator, item)

    assert "You get no turns for now" in response.content.decode()
    pause = ReviewPause.objects.get()
    assert (pause.person, pause.right, pause.asked) == (annotator, 6, 10)
    assert "You get no turns for now" in as_annotator.get("/review/next/").content.decode()
    assert as_annotator.post("/review/ahead/", headers=HTMX).status_code == 204
    assert "no turns for now" in as_annotator.post("/review/take/").content.decode()
    with pytest.raises(Paused):
        take_next(annotator, bot=bot)


@pytest.mark.parametrize(("bar", "right", "wrong"), [(0, 0, 15), (70, 7, 3), (70, 0, 9)])
def test_without_a_bar_above_it_and_with_few_nobody_is_paused(
    bar, right, wrong, annotator, ben, bot
):
    answered(bot, annotator, ben, True, times=right)
    answered(bot, annotator, ben, False, times=wrong)
    ask_always(bot, pause_below=bar)

    assert not pausing.consider(annotator, bot=bot)
    assert not ReviewPause.objects.exists()


def test_a_reviewer_lets_them_go_on_and_the_count_begins_anew(
    as_reviewer, reviewer, annotator, ben, bot, waiting
):
    answered(bot, annotator, ben, False, times=12)
    ask_always(bot, pause_below=70)
    assert pausing.consider(annotator, bot=bot)

    page = as_reviewer.post(f"/review/people/{annotator.pk}/lift/", follow=True)

    assert "gets turns again" in page.content.decode()
    assert ReviewPause.objects.get().lifted_by == reviewer
    assert not pausing.consider(annotator, bot=bot)
    KnownTurn.objects.all().delete()
    assert take_next(annotator, bot=bot) == waiting
    again = as_reviewer.post(f"/review/people/{annotator.pk}/lift/", follow=True)
    assert "already" in again.content.decode()
