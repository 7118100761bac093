"""ml/known_words.py: words remembered with their pieces."""

import numpy as np
import pytest

from ml import cutting, known_words
from ml.heads import fit_word_head
from ml.known_words import FEW, with_memory
from tests.ml.strange import TEXTS
from tests.training.learning import SUBJECTS, sentences

STRANGE = [*TEXTS, "half \ud800 a character", "xyzzy plugh", "lost card " * 900]


@pytest.fixture(scope="module")
def head():
    said = [(text, code) for code, name in enumerate(SUBJECTS) for text in sentences(name, 20)]
    texts, codes = zip(*said, strict=True)
    return fit_word_head(
        texts, np.array(codes), n_classes=len(SUBJECTS), C=1,
        weights=np.ones(len(texts), np.float32), random_state=0,
    )  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_it_answers_to_the_bit_as_who_cuts_anew(head, text):
    known = with_memory(head)

    first, again = known.logits([text]), known.logits([text])

    assert np.array_equal(first, head.logits([text]))
    assert np.array_equal(again, first)


@pytest.mark.parametrize("n_texts", [0, 1, FEW, FEW + 1])
def test_few_and_many_texts_have_a_row_each(head, n_texts):
    texts = STRANGE[:n_texts]

    logits = with_memory(head).logits(texts)

    assert logits.dtype == np.float32
    assert np.array_equal(logits, head.logits(texts))


def test_it_forgets_when_it_knows_too_many(head, monkeypatch):
    monkeypatch.setattr(known_words, "MOST_KNOWN", 5)
    known = with_memory(head)
    for number in range(20):
        known.logits([f"word{number} other{number}"])

    assert 0 < len(known.known) <= 5


def test_what_is_very_long_is_not_remembered(head):
    known = with_memory(head)

    known.logits([f"card {'x' * 500}"])

    assert list(known.known) == ["card"]


def test_words_alone_are_numbered_as_in_a_text():
    words = cutting.spaced("I can't find it: 漢字 \U0001f44d").split()
    _, numbers, of_words = cutting.pieces(["I can't find it: 漢字 \U0001f44d"])
    spelled = [cutting.spelled(word) for word in words]
    pairs = [
        cutting.joined(spelled[n], len(words[n]), spelled[n + 1]) for n in range(len(words) - 1)
    ]

    mine = [cutting.number_of_words(each) for each in spelled + pairs]

    assert mine == numbers[of_words].tolist()
