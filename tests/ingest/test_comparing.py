"""Texts that say nearly the same stand together."""

import random
from contextlib import contextmanager
from itertools import combinations

import pytest
from django.db import connection, transaction

from ingest import comparing
from ingest.comparing import compare_waiting, part_from
from ingest.models import Text
from ml.near_duplicates import alike, shingles
from tests.ingest.texts import id_of, say

SEATS = (
    "I want to check my seat assignment",
    "Hi, I want to check my seat assignment please",
    "Hello, I want to check my seat assignment",
)
# Each is like its neighbours, and the first is not like the last.
CHAIN = (
    "no thanks that is all i need today",
    "no thanks that is all i need",
    "that is all i need",
    "all i need",
)
SAID = "i want to check change my seat flight card name today please now the a new"
WORDS = SAID.split()
OTHERS = ("Where is my card?", "yes", "no", "👍", "My name is Anna")


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(comparing, "BATCH", 3)


def found():
    return dict(Text.objects.values_list("text", "alike__text"))


def expected(bot, texts):
    """What the rule says, by comparing each with each."""
    ids = {text: id_of(bot, text) for text in texts}
    smallest = dict.fromkeys(texts)
    for pair in combinations(texts, 2):
        if alike(*map(shingles, pair)):
            for text in pair:
                smallest[text] = min(*pair, smallest[text] or pair[0], key=ids.get)
    return smallest


def made_up(count, seed=0):
    drawn = random.Random(seed)
    texts = {" ".join(drawn.choices(WORDS, k=drawn.randint(1, 5))) for _ in range(count)}
    texts |= {f"{text} please" for text in texts if drawn.random() < 0.6}
    texts |= {f"well {text}" for text in texts if drawn.random() < 0.6}
    return sorted(texts)


def test_near_duplicates_have_one_representative(bot):
    say(bot, *SEATS, *OTHERS)

    assert compare_waiting(bot) == len(SEATS) + len(OTHERS)

    seats = Text.objects.filter(text__contains="seat")
    smallest = min(id_of(bot, text) for text in SEATS)
    assert set(seats.values_list("alike_id", flat=True)) == {smallest}


def test_a_text_like_no_other_has_no_representative(bot):
    say(bot, *SEATS, *OTHERS)

    compare_waiting(bot)

    others = Text.objects.exclude(text__contains="seat")
    assert set(others.values_list("alike_id", flat=True)) == {None}


def test_a_member_is_always_like_its_representative(bot):
    say(bot, *CHAIN)

    compare_waiting(bot)

    assert found() == expected(bot, CHAIN)
    for text, representative in found().items():
        assert representative is None or alike(shingles(text), shingles(representative))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_changes_nothing(bot, small_batches, seed):
    arriving = [*SEATS, *CHAIN, *OTHERS, *made_up(60)]
    random.Random(seed).shuffle(arriving)

    for at in range(0, len(arriving), 7):
        say(bot, *arriving[at : at + 7])
        compare_waiting(bot)

    everything = list(Text.objects.values_list("text", flat=True))
    assert found() == expected(bot, everything)
    assert len(set(found().values())) > 10


def test_running_twice_changes_nothing(bot):
    say(bot, *SEATS, *CHAIN, *OTHERS)
    compare_waiting(bot)
    before = list(Text.objects.order_by("id").values())

    assert compare_waiting(bot) == 0

    assert list(Text.objects.order_by("id").values()) == before


def test_comparing_all_anew_changes_nothing(bot, small_batches):
    say(bot, *SEATS, *CHAIN, *made_up(40))
    compare_waiting(bot)
    before = list(Text.objects.order_by("id").values())
    Text.objects.update(compared=False)

    compare_waiting(bot)

    assert list(Text.objects.order_by("id").values()) == before


def test_texts_of_two_bots_never_meet(bot, other_bot):
    say(bot, SEATS[0])
    say(other_bot, SEATS[1])

    compare_waiting(bot)
    compare_waiting(other_bot)

    assert not Text.objects.filter(alike__isnull=False).exists()
    bands = [set(text.bands) for text in Text.objects.all()]
    assert not bands[0] & bands[1]


def test_progress_counts_up_to_all(bot, small_batches):
    say(bot, *OTHERS)
    told = []

    compare_waiting(bot, on_progress=lambda done, total: told.append((done, total)))

    assert told == [(3, 5), (5, 5)]


def test_a_text_that_is_deleted_meanwhile_is_passed_over(bot):
    say(bot, *SEATS, *OTHERS)

    @contextmanager
    def after_an_erasure():
        Text.objects.filter(text="yes").delete()
        with transaction.atomic():
            yield

    compare_waiting(bot, writing=after_an_erasure)

    assert not Text.objects.filter(compared=False).exists()
    assert not Text.objects.filter(text="yes").exists()


def test_when_a_representative_is_deleted_another_takes_its_place(bot):
    say(bot, *SEATS)
    compare_waiting(bot)
    first, second, third = sorted(id_of(bot, text) for text in SEATS)

    with transaction.atomic():
        part_from(bot, [first])
        Text.objects.filter(id=first).delete()
    compare_waiting(bot)

    assert dict(Text.objects.values_list("id", "alike_id")) == {second: second, third: second}


def test_thousands_of_one_shape_do_not_fill_a_shelf(bot, monkeypatch):
    monkeypatch.setattr(comparing, "ROOM", 5)
    monkeypatch.setattr(comparing, "BATCH", 20)
    texts = [f"my order number {n} has not come so send me my money back" for n in range(100)]
    say(bot, *texts)

    compare_waiting(bot)

    shelves = {}
    for text in Text.objects.all():
        for band in text.bands:
            shelves.setdefault(band, []).append(text.id)
    assert max(map(len, shelves.values())) < 30
    assert len(set(Text.objects.values_list("alike_id", flat=True))) < 10
    assert not Text.objects.filter(alike=None).exists()


def test_candidates_are_found_by_the_index(bot):
    say(bot, *(f"text {n} of a bot that was never looked at" for n in range(300)))
    compare_waiting(bot)
    wanted = Text.objects.first().bands * 50

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingest_text")
        cursor.execute("SET LOCAL enable_seqscan = off")  # as where it is used
        cursor.execute(f"EXPLAIN {comparing.FIND}", {"bot": bot.pk, "bands": wanted})
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "text_by_band" in plan
    assert "Seq Scan" not in plan
