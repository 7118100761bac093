"""/conversations/<id>/ and its events"""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ingest import chat
from ingest.models import Conversation
from ingest.pieces import shown
from tests.factories import (
    A_DAY_IN_MAY,
    make_conversation,
    make_event,
    make_feedback,
    make_signal,
    make_turn,
)

MINUTE = timedelta(minutes=1)
HOSTILE = "<b onclick='x'>bold</b> {{ request }} \u202eevil\u202c \u200bhidden \x07"


def page_of(client, conversation, more=""):
    response = client.get(f"/conversations/{conversation.pk}/{more}")
    assert response.status_code == 200
    return response.content.decode()


def in_order(page, *words):
    places = [page.find(word) for word in words]
    assert -1 not in places, dict(zip(words, places, strict=True))
    return places == sorted(places)


def test_a_conversation_is_shown_as_a_chat(as_annotator, bot):
    conversation = make_conversation(
        bot,
        turns=[
            {"text": "hi there", "response": "Hello!"},
            {
                "text": "no it was taken in Lisbon",
                "response": "",
                "error": "Timed out in the flow.",
                "intent": "card_stolen",
                "confidence": 0.41,
                "alternatives": [
                    {"intent": "card_stolen", "confidence": 0.41},
                    {"intent": "card_lost", "confidence": 0.38},
                ],
                "entities": [{"type": "city", "value": "Lisbon", "start": 19, "end": 25}],
                "latency_ms": 5120,
                "model_version": "nlu-7",
                "dialog_state": {"slot": "karte"},
                "signals": ["bot_error"],
            },
        ],
        language="en",
        language_at=A_DAY_IN_MAY,
        closed_at=A_DAY_IN_MAY + 5 * MINUTE,
    )

    page = page_of(as_annotator, conversation)

    said = ("Language: \u2068en\u2069", "hi there", "Hello!", "taken in", "Timed out", "Closed by")
    assert in_order(page, *said)
    assert '<mark title="city">Lisbon</mark>' in page
    for said in ("0.41", "card_lost", "0.38", "5,120 ms", "nlu-7", "karte", "The user was not"):
        assert said in page
    assert "1 alternative<" in page


def test_feedback_stands_beneath_the_turn_that_it_is_about(as_annotator, bot):
    conversation = make_conversation(bot, turns=["first words", "second words", "third words"])
    first = conversation.turns.in_order()[0]
    make_feedback(conversation, about=first, comment="about the first", thumb="down")
    make_feedback(conversation, at=A_DAY_IN_MAY + 1.5 * MINUTE, comment="right after", rating=2)
    make_feedback(conversation, at=A_DAY_IN_MAY - MINUTE, comment="too early", reported=True)

    page = page_of(as_annotator, conversation)

    assert in_order(page, "first words", "too early", "about the first", "second words")
    assert in_order(page, "second words", "right after", "third words")
    for said in ("Thumbs down", "Rated 2 of 5", "Reported"):
        assert said in page


def test_feedback_about_a_turn_that_never_came_stands_where_it_was_said(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hello"])
    feedback = make_feedback(conversation, comment="which one?")
    type(feedback).objects.filter(pk=feedback.pk).update(about=uuid4())

    page = page_of(as_annotator, conversation)

    assert "It names a turn that is not on this page or was never sent." in page
    assert "which one?" in page


@pytest.mark.parametrize(
    "place", ["text", "response", "error", "intent", "model_version", "name", "comment", "state"]
)
def test_what_others_wrote_is_shown_and_does_nothing(as_annotator, bot, place):
    fields = {} if place in ("name", "comment", "state") else {place: HOSTILE}
    if place == "state":
        fields = {"dialog_state": {HOSTILE: [HOSTILE]}}
    more = {"name": HOSTILE} if place == "name" else {}
    conversation = make_conversation(bot, turns=[{"text": "x"} | fields], **more)
    if place == "comment":
        make_feedback(conversation, comment=HOSTILE)

    page = page_of(as_annotator, conversation)

    assert "&lt;b onclick=" in page
    assert "{{ request }}" in page
    assert "<b onclick" not in page
    if place in ("text", "response", "error", "comment", "state"):
        assert "\u202e" not in page
        assert "U+202E" in page


def test_tokens_of_personal_data_are_chips(as_annotator, bot):
    conversation = make_conversation(
        bot, turns=[{"text": "write to ⟨email⟩", "redacted": {"email": 1}, "mended": True}]
    )

    page = page_of(as_annotator, conversation)

    assert '<span class="token" title="Personal data was taken out: e-mail address">' in page
    assert "Characters that no text can hold" in page
    assert "removed: email × 1" in page


def test_an_annotator_does_not_learn_on_which_side_it_is(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hi"], side=Conversation.Side.AUDIT)

    assert "audit" not in page_of(as_annotator, conversation).lower()


def test_an_abandoned_conversation_ends_with_silence(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hi"], outcome="abandoned")

    assert "Abandoned: nothing came after this" in page_of(as_annotator, conversation)


def test_a_conversation_without_turns_says_what_is_there(as_annotator, bot):
    conversation = make_conversation(bot, escalated_at=A_DAY_IN_MAY, outcome="escalated")
    make_feedback(conversation, comment="lost")

    page = page_of(as_annotator, conversation)

    assert "Only other events have come in." in page
    assert "Escalated to a person" in page


def test_long_conversations_are_read_a_page_at_a_time(as_annotator, bot, monkeypatch):
    monkeypatch.setattr(chat, "PAGE", 2)
    conversation = make_conversation(bot, turns=[f"words {n}." for n in range(5)])
    make_feedback(conversation, at=A_DAY_IN_MAY + 2.5 * MINUTE, comment="after the third")
    seen, place = [], ""

    pages = []
    while True:
        pages.append(page_of(as_annotator, conversation, place))
        seen += re.findall(r"words \d", pages[-1])
        following = re.search(r'rel="next" href="(\?after=[^"]+)"', pages[-1])
        if not following:
            break
        place = following[1]

    assert seen == [f"words {n}" for n in range(5)]
    assert ["after the third" in page for page in pages] == [False, True, False]


def test_past_the_last_turn_there_is_nothing(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hi there"], closed_at=A_DAY_IN_MAY)

    page = page_of(as_annotator, conversation, f"?after=2030-01-01T00:00:00Z~{uuid4()}")

    assert "Closed by the bot" not in page
    assert "First turns" in page


def test_a_turn_can_be_linked_to(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hi"])

    assert f'id="turn-{conversation.turns.get().pk}"' in page_of(as_annotator, conversation)


@pytest.mark.parametrize("nonsense", ["x", "2026-05-09~x", "0001-01-01T00:00:00%2B14:00~0"])
def test_a_place_that_is_none_leads_to_the_beginning(as_annotator, bot, nonsense):
    conversation = make_conversation(bot, turns=["hi there"])

    assert "hi there" in page_of(as_annotator, conversation, f"?after={nonsense}")
    assert "Turn" in page_of(as_annotator, conversation, f"events/?after={nonsense}")


def test_two_hundred_turns_take_as_many_statements_as_one(as_annotator, bot):
    small = make_conversation(bot, turns=["hi"])
    large = make_conversation(bot, turns=[{"text": "hi", "signals": ["report"]}] * chat.PAGE)
    for turn in large.turns.all()[:50]:
        make_feedback(large, about=turn, comment="no")

    with CaptureQueriesContext(connection) as for_small:
        page_of(as_annotator, small)
    with CaptureQueriesContext(connection) as for_large:
        page_of(as_annotator, large)

    assert len(for_large) == len(for_small)
    assert len(for_large) <= 12


def test_another_bots_conversation_is_not_found(as_annotator, as_operator, bot, other_bot):
    foreign = make_conversation(other_bot, turns=["hi"])

    for page in ("", "events/"):
        assert as_annotator.get(f"/conversations/{foreign.pk}/{page}").status_code == 404
    assert as_annotator.get(f"/conversations/{uuid4()}/").status_code == 404
    assert as_operator.get(f"/conversations/{foreign.pk}/?bot={other_bot.slug}").status_code == 200


def test_all_events_are_listed_as_they_happened(as_annotator, bot, monkeypatch):
    monkeypatch.setattr("ingest.views.conversations.EVENTS_A_PAGE", 2)
    conversation = make_conversation(bot, turns=["hi", "ho"])
    make_event(conversation, "escalation", at=A_DAY_IN_MAY + 9 * MINUTE)

    first = page_of(as_annotator, conversation, "events/")
    second = page_of(
        as_annotator, conversation, "events/" + re.search(r'href="(\?after=[^"]+)"', first)[1]
    )

    assert "Escalation" not in first
    assert "Escalation" in second


def test_a_signal_says_why(as_annotator, bot):
    conversation = make_conversation(bot)
    turn = make_turn(conversation)
    make_signal(turn, "repetition", sentence="The user said nearly the same before.")

    page = page_of(as_annotator, conversation)

    assert in_order(page, "Repeated", "The user said nearly the same before.")


def text_of(text):
    return "".join(piece.text for piece in text.pieces)


def marked(text):
    return [(piece.text, piece.entity) for piece in text.pieces if piece.entity]


def test_spans_are_code_points():
    text = "👩🏽‍🚀 fährt nach دبي bald"
    start = text.index("دبي")

    found = shown(text, [{"type": "city", "start": start, "end": start + 3}])

    assert marked(found) == [("دبي", "city")]
    assert text_of(found) == text


def test_overlapping_spans_share_what_both_cover():
    found = shown(
        "abcdef", [{"type": "x", "start": 0, "end": 4}, {"type": "y", "start": 2, "end": 6}]
    )

    assert marked(found) == [("ab", "x"), ("cd", "x, y"), ("ef", "y")]


@pytest.mark.parametrize(
    "span", [(-1, 2), (0, 99), (2, 2), (3, 1), (None, 2), ("0", "2"), (0, None)]
)
def test_a_span_outside_of_the_text_marks_nothing(span):
    entity = {"type": "city", "value": "Lisbon", "start": span[0], "end": span[1]}

    found = shown("abc", [entity])

    assert marked(found) == []
    assert [(each.value, each.placed) for each in found.entities] == [("Lisbon", False)]


@pytest.mark.parametrize("text", ["نعم، شكراً", "👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "नमस्ते\n\tदुनिया", "می‌خواهم", ""])
def test_scripts_and_emoji_are_left_as_they_are(text):
    assert text_of(shown(text)) == text
    assert not [piece for piece in shown(text).pieces if piece.kind]


def test_text_that_hides_in_tags_is_named():
    hidden = "hi" + "".join(chr(0xE0000 + ord(letter)) for letter in "obey")

    piece = shown(hidden).pieces[1]

    assert piece.kind == "unseen"
    assert "U+E006F" in piece.meaning
