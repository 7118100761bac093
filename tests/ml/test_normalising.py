"""What makes two texts the same text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.normalising import normalised

LAST = 0x323AF  # No letter lies beyond.


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Where is my card?", "where is my card"),
        ("where  is\tmy\ncard", "where is my card"),
        ("ＷＨＥＲＥ is my card", "where is my card"),
        ("¿Dónde está mi tarjeta?", "dónde está mi tarjeta"),
        ("Straße", "STRASSE"),
        ("cafe\u0301", "café"),
        ("my\u200b card\ufeff", "my card"),
        ("“where is my card”…", "where is my card"),
        ("Great 👍!!", "great 👍"),
    ],
)
def test_spellings_of_the_same_text_are_the_same(first, second):
    assert normalised(first) == normalised(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("where is my card", "where is my cards"),
        ("5%", "5"),
        ("top-up", "topup"),
        ("it's", "its"),
        ("/start", "start"),
        ("👍", "👎"),
        ("resume", "résumé"),
        ("no, thanks", "no thanks"),
    ],
)
def test_different_texts_stay_different(first, second):
    assert normalised(first) != normalised(second)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000", "\x00", "\u200b", "\ud800"])
def test_what_says_nothing_is_empty(text):
    assert normalised(text) == ""


@pytest.mark.parametrize(("text", "kept"), [("???", "???"), (" ?! ", "?!"), ("? ? ?", "? ? ?")])
def test_punctuation_alone_is_kept(text, kept):
    assert normalised(text) == kept


def test_tokens_of_redaction_stay_whole():
    assert normalised("Write to ⟨email⟩.") == "write to ⟨email⟩"
    assert normalised("(⟨phone⟩)!") == "⟨phone⟩"


def test_what_no_database_holds_becomes_a_space():
    assert normalised("my\x00card\ud800now") == "my card now"


@given(st.text(st.characters(codec=None)))
def test_normalising_twice_is_normalising_once(text):
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(st.characters(codec=None)))
def test_every_result_can_be_stored(text):
    assert "\x00" not in normalised(text)
    normalised(text).encode()


def test_every_character_is_normalised_once():
    characters = map(chr, range(LAST + 1))

    changed = [
        c for c in characters if normalised(normalised(f"a{c}b.{c}")) != normalised(f"a{c}b.{c}")
    ]

    assert changed == []


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_edges_do_not_matter(word):
    assert normalised(f" «{word}», ") == normalised(word)
