"""Texts become vectors."""

import re
from importlib.util import find_spec

import numpy as np
import pytest

from ml import encoders
from ml.encoders import LONGEST, MINILM_NEEDS, encoder


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
    with pytest.raises(
        ValueError, match=r'There is no encoder "usee". There is: use, tfidf, minilm\.'
    ):
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


# ── words alone ───────────────────────────────────────────────────────────────────────


def test_hashed_words_are_vectors_of_length_one_that_need_no_weights():
    words = encoder("tfidf")

    vectors = words.encode(["where is my card", "", "👍", "漢字"])

    assert words.version == "tfidf-1"
    assert vectors.shape == (4, 512)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_texts_that_share_words_lie_close():
    card, lost, rome = encoder("tfidf").encode(
        ["where is my card", "is my card lost", "book flights to rome"]
    )

    assert card @ lost > 0.4 > card @ rome


def test_hashed_words_never_change():
    # Vectors in use were made by these: change the version with them.
    (vector,) = encoder("tfidf").encode(["card"])

    assert np.flatnonzero(vector).tolist() == [33, 73, 124, 126, 150, 169, 246, 270, 272, 315, 359]


def test_hashed_words_do_not_depend_on_their_neighbours():
    texts = [f"i want {n} cards" for n in range(5000)]

    together = encoder("tfidf").encode(texts)

    assert np.array_equal(together[4999], encoder("tfidf").encode(texts[-1:])[0])
    assert encoder("tfidf").encode([]).shape == (0, 512)


# ── the extra ─────────────────────────────────────────────────────────────────────────


def test_an_encoder_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(encoders, "MINILM_NEEDS", ("no_such_package",))
    absent = encoders.SentenceTransformer()

    for ask in (lambda: absent.version, lambda: absent.encode(["where is my card"])):
        with pytest.raises(ValueError, match=r"pip install 'learnloop\[minilm\]'"):
            ask()


@pytest.mark.skipif(
    not all(map(find_spec, MINILM_NEEDS)), reason="The extra minilm is not installed."
)
def test_the_english_encoder_knows_what_means_the_same():
    minilm = encoder("minilm")

    card, lost, rome = minilm.encode(["where is my card", "i lost my card", "fly to rome"])

    assert re.fullmatch(r"minilm-\d+\.\d+\.\d+", minilm.version)
    assert np.allclose(np.linalg.norm(card), 1, atol=1e-3)
    assert card @ lost > card @ rome
    assert minilm.encode([]).shape == (0, 384)
