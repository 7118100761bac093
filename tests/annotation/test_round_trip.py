"""annotation/exchange/: whatever can be stored comes out of a file and in again as it was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotation import spelling, wording
from annotation.exchange import applying, exporting, planning, reading
from annotation.exchange.entries import Entry
from annotation.exchange.formats import FORMATS
from annotation.models.intents import Colour
from tests.factories import make_bot

# What files are likely to stumble over, and then anything else.
TRICKY = st.sampled_from(
    [
        *"=+-@'\"#:|>&*!%{}[],?`~;\\/ \t\n\r",
        *("- ", "---", "no", "\ufeff", "\u2028", "\x85", "\ufffe", "\U0010ffff", "İ", "ǅ", "ß"),
    ]
)
ANYTHING = st.lists(st.one_of(TRICKY, st.characters()), max_size=12).map("".join)


def spelt(rule):
    """Texts as `rule` would store them."""

    def as_stored(text):
        try:
            return rule(text)
        except spelling.Misspelt:
            return rule(f"w{spelling.UNSTORABLE.sub('', text)}")

    return ANYTHING.map(as_stored)


def is_fine_as_bad(text):
    return spelling.ARROW not in text


@st.composite
def a_word(draw, kind):
    fields = {
        "title": draw(spelt(spelling.title)),
        "guideline": draw(spelt(spelling.guideline)),
        "colour": draw(st.sampled_from(Colour.values)),
        "key": "",
    }
    entry = Entry(kind, 0, draw(spelt(spelling.name)), fields)
    if kind == "intent":
        texts = draw(st.lists(spelt(spelling.good_example), unique=True, max_size=6))
        split = draw(st.integers(0, len(texts)))
        entry.good = texts[:split]
        entry.bad = [
            (text, draw(spelt(spelling.title))) for text in texts[split:] if is_fine_as_bad(text)
        ]
        fields["critical"] = draw(st.booleans())
    return entry


@st.composite
def words(draw, *, most=4):
    """Entries of a whole bot. Names are unique as the database and files compare them."""
    kinds = ["intent", "entity_type"]
    return [
        entry
        for kind in kinds
        for entry in draw(
            st.lists(a_word(kind), max_size=most, unique_by=lambda each: each.name.casefold())
        )
    ]


def said(entries):
    return [(each.kind, each.name, each.fields, each.good, each.bad) for each in entries]


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(entries=words())
def test_a_file_says_what_it_was_made_of(format, entries):
    if not entries:
        return

    pile = reading.read(FORMATS[format].bytes_of(entries), format=format)

    assert pile.refusals == []
    assert pile.notes == []
    assert said(pile.entries) == said(entries)


@pytest.mark.parametrize("format", FORMATS)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=words(most=3))
def test_a_bot_comes_out_and_goes_into_another(format, entries, db, operator):
    here, there = make_bot("Here"), make_bot("There")
    for entry in entries:
        _make(here, entry)
    stored = exporting.entries_of(here)
    if not stored:
        return

    pile = reading.read(FORMATS[format].bytes_of(stored), format=format)
    shown = planning.plan(there, pile)
    applying.apply(there, pile, by=operator, shown=shown.fingerprint)

    assert shown.refusals == []
    assert said(exporting.entries_of(there)) == said(stored)
    assert planning.plan(there, pile).unchanged == len(stored)


def _make(bot, entry):
    if entry.kind == "intent":
        fields = entry.fields | {"critical": False}
        wording.create_intent(
            bot, name=entry.name, by=None, good=entry.good, bad=entry.bad, **fields
        )
    else:
        wording.create_entity_type(bot, name=entry.name, by=None, **entry.fields)
