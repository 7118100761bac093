"""Texts become counts of their words and pieces of words."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from ml.pieces import BLOCK, MANY, pieces, weighed
from ml.placing import placed


def number(word):
    """The number of a text that is one word, as a word."""
    _, numbers, of_words = pieces([word])
    return numbers[of_words].tolist()


def matrix_of(texts, numbers, rarity, of_words):
    rows, columns, weights = placed(texts, numbers, rarity, of_words)
    return sp.csr_matrix((weights, (rows, columns)), shape=(len(texts), len(numbers)))


def table_of(texts):
    return weighed(texts)[:3]


def test_a_text_is_its_words_its_pairs_of_words_and_pieces_of_words():
    rows, numbers, of_words = pieces(["my card"])

    assert rows.tolist() == [0] * len(numbers)
    assert of_words.sum() == 3  # my, card, my card
    # ␣m my y␣, ␣c ca ar rd d␣; ␣my my␣, ␣ca car ard rd␣; ␣my␣, ␣car card ard␣; ␣card card␣
    assert (~of_words).sum() == 8 + 6 + 4 + 2
    assert len(set(numbers.tolist())) == len(numbers)


def test_a_piece_has_the_same_number_wherever_it_is():
    _, short, _ = pieces(["card"])
    _, long, _ = pieces(["where is my card please"])

    assert set(short.tolist()) <= set(long.tolist())


def test_numbers_never_change():
    # Model versions in use know these.
    assert number("card") == [13745831146008474359]


def test_a_piece_does_not_reach_into_the_next_word_or_text():
    _, in_a_row, _ = pieces(["ab", "cd"])
    _, alone, _ = pieces(["ab"])
    _, other, _ = pieces(["cd"])

    assert sorted(in_a_row.tolist()) == sorted([*alone.tolist(), *other.tolist()])


def test_case_and_gaps_make_no_difference_and_marks_are_words():
    assert np.array_equal(pieces(["Where  IS it"])[1], pieces([" where is\tit "])[1])
    assert np.array_equal(pieces(["card?"])[1], pieces(["card ?"])[1])


@given(st.lists(st.text(max_size=30), max_size=6))
def test_a_text_has_the_same_pieces_in_any_company(texts):
    rows, numbers, _ = pieces(texts)

    assert rows.tolist() == sorted(rows.tolist())
    for row, text in enumerate(texts):
        alone = pieces([text])[1]
        assert sorted(numbers[rows == row].tolist()) == sorted(alone.tolist())


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_words_and_pieces_of_a_text_have_length_one(texts):
    numbers, rarity, of_words = table_of(texts)
    matrix = matrix_of(texts, numbers, rarity, of_words).tocsc()

    for part in (of_words, ~of_words):
        length = np.sqrt(np.asarray(matrix[:, part].power(2).sum(axis=1))).ravel()
        assert np.all(np.isclose(length, 1, atol=1e-4) | (length == 0))


def test_what_is_rare_weighs_more():
    texts = ["my card", "my flight", "my money"]

    numbers, rarity, _ = table_of(texts)

    weight = dict(zip(numbers.tolist(), rarity.tolist(), strict=True))
    assert weight[number("my")[0]] == pytest.approx(1)
    assert weight[number("card")[0]] == pytest.approx(1 + np.log(2))


def test_of_many_texts_what_one_alone_has_is_left_out():
    texts = ["my card"] * (MANY - 1) + ["my flight"]

    kept = set(table_of(texts)[0].tolist())

    assert number("card")[0] in kept
    assert number("flight")[0] not in kept


def test_what_was_never_seen_weighs_nothing():
    matrix = matrix_of(["xyz"], *table_of(["my card"]))

    assert matrix.nnz == 0


@pytest.mark.parametrize("more", [0, 10, BLOCK + 10])
def test_texts_that_are_learned_from_weigh_what_they_do_later(more):
    texts = [
        "my card, my card!",
        "",
        "wo ist es",
        *(f"card {row} {row % 7}" for row in range(more)),
    ]

    numbers, rarity, of_words, matrix = weighed(texts)

    later = matrix_of(texts, numbers, rarity, of_words)
    assert matrix.shape == later.shape
    assert np.allclose((matrix - later).data, 0, atol=1e-6)


def test_blocks_change_nothing():
    texts = [f"card {row}" for row in range(BLOCK + 10)]

    table = table_of(texts)

    whole, alone = matrix_of(texts, *table), matrix_of(texts[-1:], *table)
    assert whole.shape[0] == len(texts)
    assert (whole[-1] != alone[0]).nnz == 0


@pytest.mark.parametrize("texts", [[], [""], ["  "]])
def test_nothing_has_no_pieces(texts):
    assert weighed(texts)[3].shape == (len(texts), 0)
    assert len(pieces(texts)[0]) == 0


def test_a_script_without_spaces_is_cut_into_pieces():
    *_, (first, second) = weighed(["我的银行卡在哪里", "银行卡丢了"])

    assert (first @ second.T).toarray()[0, 0] > 0.05


def test_a_mark_is_a_word():
    assert len(number("?")) == 1
