"""Entities are found by a conditional random field over words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.entities import EntityTagger, Span, fit_entities, shape_of, spans_of, tags_of, words_of

CITIES = ["rome", "paris", "new york", "são paulo", "berlin"]
DAYS = ["monday", "tomorrow", "next friday"]


def marked(city, day):
    text = f"a flight to {city} on {day} please"
    at, on = text.index(city), text.index(day)
    return text, [Span(at, at + len(city), "city"), Span(on, on + len(day), "day")]


@pytest.fixture(scope="module")
def rows():
    found = [marked(city, day) for city in CITIES for day in DAYS]
    return [*found, ("where is my card", []), ("", [])]


@pytest.fixture(scope="module")
def tagger(rows):
    return fit_entities(*zip(*rows, strict=True))


def test_what_was_marked_is_found(rows, tagger):
    texts, spans = zip(*rows, strict=True)

    assert tagger.predict(texts) == list(spans)
    assert tagger.types == ("city", "day")


def test_an_entity_that_was_never_marked_is_found_by_what_is_around_it(tagger):
    text = "a flight to ouagadougou on monday please"

    (found,) = tagger.predict([text])

    assert [(text[span.start : span.end], span.type) for span in found] == [
        ("ouagadougou", "city"),
        ("monday", "day"),
    ]


def test_places_are_counted_in_code_points(tagger):
    text = "😀👍 a flight to são paulo on monday please"

    (found,) = tagger.predict([text])

    assert [text[span.start : span.end] for span in found] == ["são paulo", "monday"]


def test_the_same_rows_make_the_same_tagger(rows, tagger):
    assert fit_entities(*zip(*rows, strict=True)) == tagger


def test_where_nothing_is_marked_there_is_no_tagger():
    assert fit_entities(["where is my card", ""], [[], []]) is None
    assert fit_entities([], []) is None


def test_a_text_without_its_spans_is_refused():
    with pytest.raises(ValueError, match="zip"):
        fit_entities(["a", "b"], [[]])


@pytest.mark.parametrize("text", ["", " ", "?", "\x00", "我要去上海", "a" * 10_000])
def test_strange_texts_are_read(tagger, text):
    assert isinstance(tagger.predict([text])[0], list)


def test_no_texts_have_no_entities(tagger):
    assert tagger.predict([]) == []


def test_a_span_that_cuts_a_word_takes_all_of_it():
    words = words_of("to newyork now")

    assert tags_of(words, [(3, 6, "city")]) == ["O", "B-city", "O"]


def test_of_spans_that_overlap_the_longest_counts():
    words = words_of("new york city now")

    tags = tags_of(words, [(0, 8, "state"), (0, 13, "city"), (9, 13, "word")])

    assert tags == ["B-city", "I-city", "I-city", "O"]


def test_a_word_that_goes_on_with_another_type_begins():
    words = words_of("new york city")

    assert spans_of(words, ["B-city", "I-day", "I-day"]) == [(0, 3, "city"), (4, 13, "day")]


@given(st.lists(st.sampled_from(["rome", "on", "5", "?", "são", "上"]), max_size=8))
def test_marking_and_reading_again_gives_the_same(parts):
    text = " ".join(parts)
    words = words_of(text)
    spans = [Span(word.start, word.end, "x") for word in words[::2]]

    assert spans_of(words, tags_of(words, spans)) == spans


def test_a_shape_says_what_a_word_is_made_of():
    assert shape_of("McDonald42") == "XxXx9"
    assert shape_of("Straße") == "Xx"


# ── taking apart ──────────────────────────────────────────────────────────────────────


def test_put_together_again_it_finds_the_same(rows, tagger):
    texts, spans = zip(*rows, strict=True)

    assert EntityTagger.from_parts(tagger.parts()).predict(texts) == list(spans)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"PK" + b[2:]])
def test_bytes_that_crfsuite_would_stumble_over_are_refused(tagger, change):
    parts = tagger.parts()

    with pytest.raises(ValueError, match="not the bytes of a tagger"):
        EntityTagger.from_parts({**parts, "model": change(parts["model"])})
