"""annotation/neighbours.py: the labelled texts beside an item."""

from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone

from annotation import cards, neighbours
from annotation.models import GoldLabel, ReviewItem
from annotation.neighbours import are_stale, find_neighbours
from ingest.embedding import encoder_of
from ingest.models import Text, TextVector
from ingest.vector_copy import open_copy
from tests.annotation.saying import say
from tests.factories import make_gold, make_intent, make_item, make_text


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def place(text, angle):
    """Give a text a vector that points somewhere in a plane (degrees)."""
    encoder = encoder_of(text.bot)
    vector = np.zeros(encoder.dimensions, dtype="<f2")
    vector[:2] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    TextVector.objects.create(
        bot=text.bot, text=text, encoder=encoder.version, vector=vector.tobytes()
    )


@pytest.fixture
def labelled(annotator, bot):
    """Four texts with intents of their names, 10 degrees apart from 0."""
    for number, name in enumerate(("ten", "twenty", "thirty", "forty"), 1):
        turn = say(bot, f"text of {name}")
        place(turn.distinct_text, number * 10)
        make_gold(turn, annotator, intent=make_intent(bot, name))


@pytest.fixture
def item(bot):
    item = make_item(bot, "My wallet is gone")
    place(item.text, 22)
    return item


def on_the_card(item):
    return [(each.text, each.label) for each in cards.card(item, bot=item.bot).neighbours]


def shown(item):
    item.refresh_from_db()
    return on_the_card(item)


def test_the_three_most_alike_come_first(labelled, item, bot):
    assert find_neighbours(bot) == 1

    assert shown(item) == [
        ("text of twenty", "twenty"),
        ("text of thirty", "thirty"),
        ("text of ten", "ten"),
    ]


def test_it_is_done_again_once_something_was_labelled(labelled, item, annotator, bot):
    find_neighbours(bot)
    assert not are_stale(bot)
    turn = say(bot, "out of scope")
    place(turn.distinct_text, 23)

    make_gold(turn, annotator)

    assert are_stale(bot)
    find_neighbours(bot)
    assert shown(item)[0] == ("out of scope", "Out of scope")


def test_what_measures_and_what_is_not_usable_helps_nobody(item, annotator, bot):
    for fields in ({"side": "audit"}, {"withdrawn_at": timezone.now()}):
        turn = say(bot, f"text {uuid4()}")
        place(turn.distinct_text, 22)
        make_gold(turn, annotator, **fields)

    assert not are_stale(bot)
    assert find_neighbours(bot) == 0


def test_a_text_without_a_vector_waits(labelled, bot):
    item = make_item(bot, "not yet")

    assert find_neighbours(bot) == 0
    assert are_stale(bot)

    place(item.text, 12)
    assert find_neighbours(bot) == 1


def test_the_most_useful_of_each_lane_are_looked_at(labelled, bot, monkeypatch):
    monkeypatch.setattr(neighbours, "OF_EACH_LANE", 1)
    text = make_text(bot, "Where is my card?")
    place(text, 5)
    useful, _, audit = (
        make_item(bot, priority=9),
        make_item(bot, priority=1),
        make_item(bot, side="audit"),
    )

    assert find_neighbours(bot) == 2
    looked_at = ReviewItem.objects.filter(neighbours_of__gt=0).exclude(status="done")
    assert set(looked_at) == {useful, audit}


def test_a_text_that_is_gone_is_not_shown(labelled, item, bot):
    find_neighbours(bot)
    gone = Text.objects.get(text="text of twenty")
    GoldLabel.objects.filter(text=gone).delete()
    item.refresh_from_db()
    item.neighbours[0]["text"] = str(uuid4())

    assert on_the_card(item) == [("text of thirty", "thirty"), ("text of ten", "ten")]


def test_rows_are_found_by_their_texts(labelled, item, bot):
    copy = open_copy(bot, encoder_of(bot))
    texts = [item.text_id, uuid4(), Text.objects.get(text="text of ten").pk]

    rows = copy.rows_of(texts)

    assert rows[1] == -1
    assert [copy.ids[row].tobytes() for row in rows[[0, 2]]] == [texts[0].bytes, texts[2].bytes]
    assert copy.rows_of([]).shape == (0,)
