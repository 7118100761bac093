"""annotation/drawing.py: what is drawn at random while nothing better is known."""

from uuid import UUID

import pytest

from annotation import drawing
from annotation.models import ReviewItem
from ingest.models import Text
from tests.annotation.giving import give
from tests.annotation.saying import DOWN, queued, say
from tests.factories import make_item, make_review_settings, make_text


@pytest.fixture
def stock(bot):
    return make_review_settings(bot, random_stock=5, second_opinion_percent=0)


def texts_with_ids(bot, *ids):
    """Texts of these ids, with a turn each."""
    for number in ids:
        turn = say(bot, f"text {number}")
        text = Text.objects.create(id=UUID(int=number), bot=bot, text=f"moved {number}")
        type(turn).objects.filter(pk=turn.pk).update(distinct_text=text)
    Text.objects.filter(turns=None, text__in=[f"text {number}" for number in ids]).delete()


def test_the_selection_lane_is_filled_up(stock, bot):
    for n in range(20):
        say(bot, f"text {n}", *([DOWN] if n < 2 else []))
    queued(bot)

    assert drawing.fill_up(bot) == 3

    drawn = ReviewItem.objects.filter(policy="random")
    assert {item.lane for item in drawn} == {"selection"}
    assert {item.chance for item in drawn} == {3 / 18}
    assert all(
        item.reasons == ["Drawn at random: nothing is known of this bot's weak spots yet."]
        for item in drawn
    )
    assert drawing.fill_up(bot) == 0


def test_a_full_lane_is_left(stock, bot):
    say(bot, "a")
    for _ in range(5):
        make_item(bot)

    assert drawing.fill_up(bot) == 0


def test_fewer_are_drawn_where_there_are_fewer(stock, bot):
    for n in range(3):
        say(bot, f"text {n}")

    assert drawing.fill_up(bot) == 3
    assert {item.chance for item in ReviewItem.objects.all()} == {1.0}


def test_without_any_text_nothing_is_drawn(stock, bot):
    make_text(bot, "nobody said this")

    assert drawing.fill_up(bot) == 0


def test_the_audit_is_left_alone(stock, bot):
    say(bot, "only there", side="audit")
    say(bot, "on both", side="audit")
    train = say(bot, "on both")

    drawing.fill_up(bot)

    assert ReviewItem.objects.get(policy="random").turn == train


def test_a_text_that_has_an_item_or_stands_beside_one_is_not_drawn(stock, annotator, bot):
    say(bot, "yes")
    say(bot, "yes", DOWN)
    (item,) = queued(bot)

    assert drawing.fill_up(bot) == 0
    give(item, annotator, for_alike=True)
    assert drawing.fill_up(bot) == 0


def test_a_text_is_drawn_once_however_often_it_was_said(stock, bot):
    for _ in range(4):
        say(bot, "yes")

    assert drawing.fill_up(bot) == 1


def test_texts_of_another_bot_are_not_drawn(stock, bot, other_bot):
    say(other_bot, "a")

    assert drawing.fill_up(bot) == 0


class TestTheDraw:
    def test_it_goes_on_from_a_place_and_around_the_end(self, bot):
        texts_with_ids(bot, 1, 2**126, 2**127)

        found = drawing.draw(bot, 2, place=UUID(int=2**127 - 1))

        texts = Text.objects.filter(turns__in=found.turns).order_by("turns")
        assert {text.pk.int for text in texts} == {2**127, 1}
        assert found.could_be_drawn == 3
        assert found.chance == pytest.approx(2 / 3)

    def test_of_many_texts_the_number_is_estimated(self, bot, monkeypatch):
        monkeypatch.setattr(drawing, "LOOKED_AT", 4)
        texts_with_ids(bot, *(n * 2**124 for n in range(16)))

        found = drawing.draw(bot, 2, place=UUID(int=2**124 * 3))

        assert found.looked_at == 4
        assert found.chance == pytest.approx(2 / 16)

    def test_it_gives_up_where_nearly_all_are_known(self, bot, monkeypatch):
        monkeypatch.setattr(drawing, "LOOKED_AT", 2)
        monkeypatch.setattr(drawing, "MOST_LOOKED_AT", 4)
        for n in range(10):
            make_item(bot, f"text {n}")

        assert drawing.draw(bot, 2, place=UUID(int=0)).looked_at == 2

        texts_with_ids(bot, 1)
        found = drawing.draw(bot, 2, place=UUID(int=0))

        assert (found.looked_at, len(found.turns)) == (4, 1)
