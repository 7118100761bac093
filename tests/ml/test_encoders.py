"""Texts become vectors."""

import re

import numpy as np
import pytest

from ml.encoders import LONGEST, encoder


@pytest.fixture(scope="module")
def use():
    return encoder("use")


def test_an_encoder_says_what_it_is(use):
    assert use.name == "use"
    assert re.fullmatch(r"use-\d+\.\d+\.\d+\S*", use.version)
    assert use.dimensions == 512


def test_a_process_loads_an_encoder_once(use):
    assert encoder("use") is use


def test_an_unknown_encoder_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match=r'There is no encoder "usee". There is: use\.'):
        encoder("usee")


def test_each_text_has_a_vector_of_length_one_in_order(use):
    texts = ["where is my card", "i want to fly to rome", "where is my card"]

    vectors = use.encode(texts)

    assert vectors.shape == (3, 512)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.array_equal(vectors[0], vectors[2])


def test_texts_that_mean_the_same_lie_close(use):
    card, lost, rome = use.encode(["where is my card", "i lost my card", "i want to fly to rome"])

    assert card @ lost > card @ rome


def test_a_vector_does_not_depend_on_its_neighbours(use):
    texts = [f"i want {n} cards" for n in range(200)]

    together = use.encode(texts)

    assert np.allclose(together[77], use.encode(texts[77:78])[0], atol=1e-5)


def test_no_texts_are_no_vectors(use):
    assert use.encode([]).shape == (0, 512)


@pytest.mark.parametrize("text", ["", " ", "?", "👍", "\x00", "漢字"])
def test_strange_texts_have_a_vector(use, text):
    assert np.isfinite(use.encode([text])).all()


def test_only_the_beginning_of_a_very_long_text_is_read(use):
    beginning = "漢字仮名" * (LONGEST // 4)

    whole, cut = use.encode([beginning + "end" * 5000, beginning])

    assert np.array_equal(whole, cut)
