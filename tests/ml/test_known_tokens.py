"""ml/known_tokens.py: tokens remembered with what the encoder makes of each alone."""

import numpy as np
import pytest

from ml import known_tokens
from ml.encoders import LONGEST, encoder
from ml.known_tokens import AT_ONCE, FEWEST, KnownTokens
from tests.ml.strange import TEXTS


@pytest.fixture(scope="module")
def use():
    return encoder("use")


@pytest.fixture
def known(use):
    return KnownTokens(use._loaded)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_vector_that_the_library_makes(known, use, text):
    first, again = known.encode([text]), known.encode([text])

    assert first.dtype == np.float32
    assert np.allclose(first, use.encode([text]), rtol=0, atol=1e-6)
    assert np.allclose(first, again, rtol=0, atol=1e-6)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_tokens_that_the_library_finds(known, use, text):
    first, again = known._tokens_of(text), known._tokens_of(text)

    assert first == again == use._loaded._tokenizer.encode(text)


def test_texts_at_once_have_nothing_of_each_other(known, use):
    texts = [*TEXTS, *(f"i want {n} cards" for n in range(200))]

    assert np.allclose(known.encode(texts), use.encode(texts), rtol=0, atol=1e-6)


def test_a_text_alone_has_the_same_vector_to_the_bit_whatever_was_asked_before(known, use):
    known.encode(["i want to fly", "my card is lost", "漢字 where is it", "card"])
    known.encode(["where is the card to rome", *TEXTS])
    fresh = KnownTokens(use._loaded)

    for text in ["where is my lost card", *TEXTS]:
        assert np.array_equal(known.encode([text]), fresh.encode([text]))


def test_no_texts_are_no_vectors(known):
    assert known.encode([]).shape == (0, 512)


def test_a_known_token_is_not_made_again(known, monkeypatch):
    vector = known.encode(["where is my card"])
    monkeypatch.delattr(KnownTokens, "_made_of")

    assert np.array_equal(known.encode(["where is my card"]), vector)
    with pytest.raises(AttributeError):
        known.encode(["where is my elephant"])


def test_it_forgets_when_it_knows_too_many(use, monkeypatch):
    monkeypatch.setattr(known_tokens, "MOST_TOKENS", 12)
    monkeypatch.setattr(known_tokens, "MOST_WORDS", 3)
    known = KnownTokens(use._loaded)
    texts = ["where is my card", "i want to fly to rome", "漢字 and 仮名", "where is my card"]

    vectors = np.concatenate([known.encode([text]) for text in texts])

    assert np.allclose(vectors, use.encode(texts), rtol=0, atol=1e-6)
    assert len(known._known) <= 12
    assert len(known._words) <= 3


def test_a_word_that_does_not_come_again_is_not_remembered(known):
    known.encode(["see " + "a1" * 40])

    assert set(known._words) == {"see"}


def test_a_known_word_is_not_cut_again(known, use, monkeypatch):
    vector = known.encode(["where is my card"])
    monkeypatch.setattr(use._loaded._tokenizer, "_viterbi", None)

    assert not np.array_equal(known.encode(["card is where"]), vector)
    with pytest.raises(TypeError):
        known.encode(["where is my elephant"])


def test_what_breaks_leaves_nothing_half_made(known, use, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(KnownTokens, "_made_of", None)
        with pytest.raises(TypeError):
            known.encode(["where is my card"])

    assert np.allclose(
        known.encode(["where is my card"]), use.encode(["where is my card"]), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("n_texts", [AT_ONCE // FEWEST, AT_ONCE // FEWEST + 1, 256])
def test_the_shortest_texts_are_as_many_at_once_as_fit(known, use, n_texts):
    assert np.allclose(known.encode([""] * n_texts), use.encode([""]), rtol=0, atol=1e-6)


def test_what_is_too_long_is_the_librarys(known, use):
    texts = ["where is my card", "card " * AT_ONCE, "i want to fly to rome"]

    assert np.allclose(known.encode(texts), use.encode(texts), rtol=0, atol=1e-6)
    assert known.encode(texts[1:2]).shape == (1, 512)


@pytest.mark.parametrize("name", ["use", "tfidf"])
def test_only_the_beginning_of_a_very_long_text_is_read_for_few_too(name):
    some = encoder(name)
    texts = ["where is my card", "漢字仮名" * (LONGEST // 4) + "end" * 5000]

    assert np.allclose(some.for_few()(texts), some.encode(texts), rtol=0, atol=1e-6)
