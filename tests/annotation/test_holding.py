"""annotation/holding.py: who gets which item."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event, Timer

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotation import holding, lanes
from annotation.finding import items
from annotation.holding import Gone, HoldLost, Taken, Wanted, take, take_next
from annotation.models import ReviewItem
from tests.factories import make_conversation, make_item, make_member, make_review_settings


@pytest.fixture(autouse=True)
def draws_selection(monkeypatch):
    monkeypatch.setattr(lanes, "throw", lambda: 0.99)
    monkeypatch.setattr(holding, "throw", lambda: 0.99)


def taken(user, bot, **asked):
    """The keys of all that is left for somebody, in the order in which they get them."""
    keys = []
    while item := take_next(user, bot=bot, besides=keys, **asked):
        keys.append(item.pk)
    return keys


def test_the_most_useful_comes_first_and_the_older_of_two_alike(annotator, bot):
    low, high, same = (make_item(bot, priority=each) for each in (1, 3, 3))

    assert taken(annotator, bot) == [high.pk, same.pk, low.pk]


def test_asking_twice_gives_the_same(annotator, bot):
    make_item(bot)
    make_item(bot)

    first, again = take_next(annotator, bot=bot), take_next(annotator, bot=bot)

    assert first == again
    assert again.held_until >= first.held_until
    assert ReviewItem.objects.held_by(annotator).count() == 1


def test_a_hold_lasts_fifteen_minutes(annotator, bot):
    make_item(bot)

    item = take_next(annotator, bot=bot)

    left = item.held_until - timezone.now()
    assert timedelta(minutes=14, seconds=50) < left <= timedelta(minutes=15)
    assert item.holder == annotator


def test_besides_what_is_held_another_one_is_taken(annotator, bot):
    high, low = make_item(bot, priority=2), make_item(bot, priority=1)
    shown = take_next(annotator, bot=bot)

    ahead = take_next(annotator, bot=bot, besides=[shown.pk])

    assert (shown, ahead) == (high, low)
    assert take_next(annotator, bot=bot, besides=[shown.pk]) == ahead


def test_two_people_never_get_the_same(annotator, ben, bot):
    make_item(bot)
    make_item(bot)

    assert take_next(annotator, bot=bot) != take_next(ben, bot=bot)
    assert take_next(make_member(bot), bot=bot) is None


def test_nothing_of_another_bot_is_handed_out(annotator, bot, other_bot):
    make_item(other_bot)

    assert take_next(annotator, bot=bot) is None


def test_what_somebody_answered_or_skipped_is_not_for_them(annotator, ben, bot):
    item = make_item(bot, not_for=[annotator.pk])

    assert take_next(annotator, bot=bot) is None
    assert take_next(ben, bot=bot) == item


def test_what_waits_for_a_reviewer_is_for_those_who_adjudicate(annotator, reviewer, bot):
    item = make_item(bot, lane="reviewer")
    make_item(bot, priority=9)

    assert item.pk not in taken(annotator, bot)
    assert take_next(reviewer, bot=bot) == item


def test_an_annotator_cannot_ask_for_the_lane_of_reviewers(annotator, bot):
    make_item(bot, lane="reviewer")

    assert take_next(annotator, bot=bot, wanted=Wanted(lane="reviewer")) is None


class TestAssigned:
    def test_comes_first(self, annotator, bot):
        make_item(bot, priority=5)
        mine = make_item(bot, priority=1, assigned_to=annotator)

        assert take_next(annotator, bot=bot) == mine

    def test_is_for_nobody_else(self, annotator, ben, bot):
        make_item(bot, assigned_to=annotator)

        assert take_next(ben, bot=bot) is None

    def test_can_be_asked_for_alone(self, annotator, bot):
        make_item(bot)
        mine = make_item(bot, assigned_to=annotator)

        assert taken(annotator, bot, wanted=Wanted(assigned=True)) == [mine.pk]


class TestLanes:
    @pytest.mark.parametrize(
        ("dice", "lane"), [(0.0, "novelty"), (0.07, "novelty"), (0.08, "audit"), (0.5, "selection")]
    )
    def test_the_dice_choose_by_the_mix(self, annotator, bot, monkeypatch, dice, lane):
        monkeypatch.setattr(holding, "throw", lambda: dice)
        for each in ("selection", "novelty", "audit"):
            make_item(bot, lane=each)

        assert take_next(annotator, bot=bot).lane == lane

    def test_second_opinions_have_twice_their_share_of_selections(self, annotator, bot):
        order = lanes.lanes_in_order
        mix = make_review_settings(bot, second_opinion_percent=10)

        drawn = [order(mix, dice=n / 1000, adjudicates=False)[0] for n in range(1000)]

        assert drawn.count("second") == pytest.approx(0.85 * 200, abs=2)
        assert drawn.count("novelty") == drawn.count("audit") == 75

    def test_an_empty_lane_is_passed_by(self, annotator, bot, monkeypatch):
        monkeypatch.setattr(holding, "throw", lambda: 0.0)
        items = [make_item(bot, lane=lane) for lane in ("second", "audit")]

        assert taken(annotator, bot) == [item.pk for item in items]

    def test_a_lane_can_be_asked_for(self, annotator, bot):
        make_item(bot, priority=5)
        audit = make_item(bot, lane="audit")

        assert taken(annotator, bot, wanted=Wanted(lane="audit")) == [audit.pk]


FILTERS = [
    Wanted(kind="report"),
    Wanted(intent="card_lost"),
    Wanted(words="wall lisb"),
    Wanted(confidence_below=0.5),
    Wanted(first_day=date(2026, 5, 9), last_day=date(2026, 5, 9)),
    Wanted(first_day=date(2026, 5, 9), intent="card_lost"),
]


@pytest.mark.parametrize("wanted", FILTERS)
@pytest.mark.parametrize("few", [0, 2000])
def test_what_is_asked_for_is_what_the_page_lists(annotator, bot, wanted, few, monkeypatch):
    monkeypatch.setattr("annotation.finding.FEW", few)
    monkeypatch.setattr("annotation.finding.FEW_TURNS", few)
    plain = make_item(bot, at=timezone.now(), confidence=0.9, priority=7)
    said = make_conversation(bot, turns=["My wallet is in Lisbon"])
    fits = make_item(
        bot,
        conversation=said,
        kinds=["report", "low_rating"],
        guess="card_lost",
        confidence=0.4,
    )

    assert list(items(bot, wanted)) == [fits]
    assert taken(annotator, bot, wanted=wanted) == [fits.pk]
    assert take_next(annotator, bot=bot, besides=[fits.pk]) == plain


class TestOneInParticular:
    def test_it_is_held(self, annotator, bot):
        make_item(bot, priority=9)
        item = make_item(bot)

        assert take(item.pk, annotator, bot=bot).holder == annotator
        assert take_next(annotator, bot=bot) == item

    def test_it_may_be_somebody_elses(self, annotator, ben, bot):
        item = make_item(bot)
        take(item.pk, ben, bot=bot)

        with pytest.raises(Taken):
            take(item.pk, annotator, bot=bot)

    @pytest.mark.parametrize(
        "fields", [{"status": "done", "ended_at": timezone.now()}, {"lane": "reviewer"}]
    )
    def test_it_may_be_gone(self, annotator, bot, fields):
        with pytest.raises(Gone):
            take(make_item(bot, **fields).pk, annotator, bot=bot)

    def test_it_may_be_of_another_bot_or_of_none(self, annotator, bot, other_bot):
        for key in (make_item(other_bot).pk, 10**30):
            with pytest.raises(Gone):
                take(key, annotator, bot=bot)

    def test_whoever_answered_it_cannot_have_it(self, annotator, bot):
        with pytest.raises(Gone):
            take(make_item(bot, not_for=[annotator.pk]).pk, annotator, bot=bot)


def hold(item, user, *, runs_out_in=timedelta(minutes=1)):
    until = timezone.now() + runs_out_in
    ReviewItem.objects.filter(pk=item.pk).update(holder=user, held_until=until)


def test_a_hold_is_renewed(annotator, bot):
    item = make_item(bot)
    hold(item, annotator)

    until = holding.renew(item.pk, annotator)

    item.refresh_from_db()
    assert item.held_until == until > timezone.now() + timedelta(minutes=14)


def test_a_hold_that_is_somebody_elses_cannot_be_renewed(annotator, ben, bot):
    item = make_item(bot)
    hold(item, ben)

    with pytest.raises(HoldLost):
        holding.renew(item.pk, annotator)


def test_what_is_released_is_for_others(annotator, ben, bot):
    item = make_item(bot)
    hold(item, annotator)

    holding.release(item.pk, ben)
    assert take_next(ben, bot=bot) is None
    holding.release(item.pk, annotator)

    assert take_next(ben, bot=bot) == item


def test_all_of_a_bot_are_released_at_once(annotator, bot, other_bot):
    for item in (make_item(bot), make_item(bot), make_item(other_bot)):
        hold(item, annotator)

    assert holding.release_all(annotator, bot=bot) == 2
    assert ReviewItem.objects.held_by(annotator).get().bot == other_bot


def test_holds_that_ran_out_go_back(annotator, bot):
    late, in_time = make_item(bot), make_item(bot)
    hold(late, annotator, runs_out_in=timedelta(seconds=-1))
    hold(in_time, annotator)

    assert holding.expire() == 1
    assert ReviewItem.objects.free().get() == late


def test_nobody_is_told_that_nothing_is_left_while_a_hold_has_run_out(annotator, ben, bot):
    item = make_item(bot)
    hold(item, annotator, runs_out_in=timedelta(seconds=-1))

    assert take_next(ben, bot=bot) == item


def test_an_item_takes_two_statements_however_many_there_are(
    annotator, bot, django_assert_num_queries
):
    make_item(bot)
    annotator.has_perm("annotation.adjudicate", bot)  # read once for each request

    with django_assert_num_queries(2):  # the mix, and the hold
        take_next(annotator, bot=bot)
    for _ in range(20):
        make_item(bot)
    with django_assert_num_queries(2):
        take_next(annotator, bot=bot)


class TestSomebodyIsInTheWay:
    """Rows that others have locked in this moment, on connections of their own."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def other_hands(self, transactional_db):
        """Locks an item for a while, in another transaction, and says when that is so."""
        with ThreadPoolExecutor(1) as thread:
            locked, let_go = Event(), Event()

            def lock(item, then):
                with transaction.atomic():
                    ReviewItem.objects.select_for_update(no_key=True).get(pk=item.pk)
                    locked.set()
                    let_go.wait(5)
                    then()
                connection.close()

            def hold(item, then=lambda: None):
                thread.submit(lock, item, then)
                locked.wait(5)

            yield hold, let_go
            let_go.set()

    def test_what_is_locked_is_passed_by(self, other_hands, annotator, bot):
        hold_it, _ = other_hands
        high, low = make_item(bot, priority=2), make_item(bot, priority=1)
        hold_it(high)

        assert take_next(annotator, bot=bot) == low

    def test_the_last_one_is_waited_for(self, other_hands, annotator, bot):
        hold_it, let_go = other_hands
        item = make_item(bot)
        hold_it(item)
        Timer(0.2, let_go.set).start()

        assert take_next(annotator, bot=bot) == item

    def test_the_last_one_may_be_gone_when_it_is_free(self, other_hands, annotator, ben, bot):
        hold_it, let_go = other_hands
        item = make_item(bot)
        hold_it(item, lambda: hold(item, ben))
        Timer(0.2, let_go.set).start()

        assert take_next(annotator, bot=bot) is None
