"""Which texts are near-duplicates, and how they are found."""

import random
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.near_duplicates import ALIKE, BANDS, alike, bands, jaccard, shingles

SAID = """
    i we want need to a the my your card account money transfer top up change check lost new old
    please can you how do where is today tomorrow bank limit fee rate pin code app phone number
"""
WORDS = SAID.split()

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)


def both(first, second):
    return shingles(first), shingles(second)


def test_a_shingle_is_two_neighbouring_words():
    assert shingles("where is my card") == {"where is", "is my", "my card"}


@pytest.mark.parametrize("text", ["yes", "???", "👍", "", "⟨email⟩"])
def test_a_text_of_one_word_is_its_own_shingle(text):
    assert len(shingles(text)) == 1


def test_punctuation_between_words_does_not_count():
    assert shingles("no, thanks. bye") == shingles("no thanks bye")


@pytest.mark.parametrize("text", ["我想查询余额", "อยากเช็คยอดเงิน", "カードをなくした"])
def test_scripts_without_spaces_are_read_by_character(text):
    assert len(shingles(text)) == len(text) - 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("i want to check my seat assignment", "hi i want to check my seat assignment please"),
        ("no thanks that's all", "no, thanks. that's all"),
        ("how do i top up by card", "how do i top up by cheque"),
        ("yes", "yes"),
        ("我想查询余额", "我想查询余额吗"),
    ],
)
def test_nearly_the_same_words_are_alike(first, second):
    assert alike(*both(first, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("where is my card", "where is my money"),
        ("i want to check my seat", "i want to change my name"),
        ("yes", "no"),
        ("my card is lost", "lost is my card"),
        ("thank you", "thank you for all you have done today"),
    ],
)
def test_other_words_are_not_alike(first, second):
    assert not alike(*both(first, second))


def test_six_in_ten_is_enough():
    first, second = frozenset("abcde"), frozenset("abc")

    assert jaccard(first, second) == ALIKE
    assert alike(first, second)


@given(texts, texts)
def test_likeness_is_the_same_both_ways_and_whole_with_oneself(first, second):
    a, b = both(first, second)

    assert jaccard(a, b) == jaccard(b, a)
    assert 0 <= jaccard(a, b) <= 1
    assert jaccard(a, a) == 1
    assert alike(a, b) == (jaccard(a, b) >= ALIKE)


@given(st.text())
def test_bands_fit_into_a_bigint(text):
    found = bands(shingles(text))

    assert len(found) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in found)


@given(texts)
def test_the_order_of_shingles_does_not_change_bands(text):
    shuffled = list(shingles(text))
    random.Random(0).shuffle(shuffled)

    assert bands(frozenset(shuffled)) == bands(shingles(text))


def test_bands_are_what_they_were_when_they_were_stored():
    """Changing this number means comparing every stored text anew."""
    assert bands(shingles("where is my card"))[0] == 4175517348565226657


def test_bands_are_the_same_in_another_process():
    text = "where is my card"
    code = f"from ml.near_duplicates import *; print(bands(shingles({text!r})))"

    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert said.strip() == str(bands(shingles(text)))


def test_near_duplicates_share_a_band_and_others_seldom():
    drawn = random.Random(7)
    made = []
    for _ in range(150):
        words = drawn.choices(WORDS, k=drawn.randint(4, 14))
        made.append(" ".join(words))
        for _ in range(3):  # a word more, fewer or another
            at = drawn.randrange(len(words))
            made.append(
                " ".join([*words[:at], *drawn.sample(WORDS, drawn.randint(0, 2)), *words[at + 1 :]])
            )

    sets = [(shingles(text), set(bands(shingles(text)))) for text in made]
    pairs = [
        (alike(a, b), not bands_of_a.isdisjoint(bands_of_b))
        for (a, bands_of_a), (b, bands_of_b) in combinations(sets, 2)
    ]

    near = [found for is_near, found in pairs if is_near]
    others = [found for is_near, found in pairs if not is_near]
    assert len(near) > 200
    assert sum(near) / len(near) > 0.98
    assert sum(others) / len(others) < 0.02
