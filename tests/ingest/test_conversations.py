"""/conversations/"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ingest import listing
from ingest.models import Conversation
from tests.factories import A_DAY_IN_MAY, make_conversation


def page_of(client, query=""):
    response = client.get(f"/conversations/{query}")
    assert response.status_code == 200
    return response.content.decode()


def fill(bot, number):
    return [
        make_conversation(
            bot,
            turns=[{"text": f"number {n}", "signals": ["thumbs_down", "bot_error"]}],
            signals=["bot_error", "thumbs_down"],
            started_at=A_DAY_IN_MAY + timedelta(minutes=n),
        )
        for n in range(number)
    ]


def test_the_list_shows_the_conversations_of_this_bot_alone(as_annotator, bot, other_bot):
    own, foreign = make_conversation(bot), make_conversation(other_bot)

    page = page_of(as_annotator)

    assert f"/conversations/{own.pk}/" in page
    assert f"/conversations/{foreign.pk}/" not in page


def test_a_row_shows_what_its_flagged_turn_says(as_annotator, bot):
    make_conversation(
        bot,
        turns=["hello", {"text": "that is\n wrong", "signals": ["thumbs_down"]}, "bye"],
        signals=["thumbs_down"],
        outcome="escalated",
        channel="web",
        language="pt",
        lowest_confidence=0.41,
    )

    page = page_of(as_annotator)

    for said in ("that is wrong", "Thumbs down", "Escalated", "web", "pt", "0.41"):
        assert said in page
    assert "hello" not in page


def test_without_signals_a_row_shows_what_was_said_first(as_annotator, bot):
    make_conversation(bot, turns=[{"text": "", "response": "Welcome!"}, "hello", "again"])

    page = page_of(as_annotator)

    assert "hello" in page
    assert "again" not in page


def test_on_which_side_a_conversation_is_stays_unseen(as_annotator, bot):
    make_conversation(bot, side=Conversation.Side.AUDIT)

    assert "audit" not in page_of(as_annotator).lower()


def test_markup_in_a_text_is_shown_as_text(as_annotator, bot):
    make_conversation(bot, turns=["<script>alert(1)</script> {{ bot }} {% now 'Y' %}"])

    page = page_of(as_annotator)

    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ bot }} {% now &#x27;Y&#x27; %}" in page


@pytest.mark.parametrize(
    "query",
    [
        *("signal=thumbs_down", "outcome=escalated", "channel=web", "language=pt"),
        *("intent=card_lost", "below=0.5", "since=2026-05-09", "until=2026-05-09"),
        *("q=stolen", "q=STOL", "q=stol+wall", "q=%27stolen%27+%26+%21", "q=shop.example.com"),
        "q=stolen&signal=thumbs_down&since=2026-05-09",
    ],
)
def test_the_list_is_filtered_by_its_address(as_annotator, bot, query):
    wanted = make_conversation(
        bot,
        turns=["my wallet was stolen at shop.example.com"],
        signals=["bot_error", "thumbs_down"],
        outcome="escalated",
        channel="web",
        language="pt",
        intents=["card_lost", "greet"],
        lowest_confidence=0.49,
    )
    others = [
        make_conversation(bot, started_at=A_DAY_IN_MAY + timedelta(days=days), turns=["hello"])
        for days in (-1, 1)
    ]

    page = page_of(as_annotator, f"?{query}")

    assert f"/conversations/{wanted.pk}/" in page
    left_out = [other for other in others if f"/conversations/{other.pk}/" not in page]
    assert left_out
    assert len(left_out) == 2 or "since" in query or "until" in query


@pytest.mark.parametrize("few", [1, 100])
def test_words_signals_and_intents_are_looked_for_together(as_annotator, bot, monkeypatch, few):
    monkeypatch.setattr("ingest.finding.FEW", few)
    odd = "it's \\ 'quoted' & | card"
    wanted = [
        make_conversation(bot, turns=["stolen"], signals=["bot_error"], intents=[odd])
        for _ in range(2)
    ]
    others = [
        make_conversation(bot, turns=["stolen"], signals=["bot_error"], intents=["card"]),
        make_conversation(bot, turns=["stolen"], signals=["slow_answer"], intents=[odd]),
        make_conversation(bot, turns=["lost"], signals=["bot_error"], intents=[odd]),
    ]

    page = page_of(as_annotator, f"?q=stolen&signal=bot_error&{urlencode({'intent': odd})}")

    assert all(f"/conversations/{each.pk}/" in page for each in wanted)
    assert not any(f"/conversations/{each.pk}/" in page for each in others)


def test_a_signal_is_found_by_no_word(as_annotator, bot):
    conversation = make_conversation(bot, turns=["hello"], signals=["bot_error"])

    for words in ("=signal:bot_error", "signal", "bot_error"):
        page = page_of(as_annotator, f"?{urlencode({'q': words})}")
        assert f"/conversations/{conversation.pk}/" not in page


@pytest.mark.parametrize("query", ["½", "²", "①", "½²"])
def test_without_a_word_nothing_is_found_whatever_else_is_asked(as_annotator, bot, query):
    conversation = make_conversation(bot, turns=[f"hello {query}"], signals=["bot_error"])

    for asked in ({"q": query}, {"q": query, "signal": "bot_error"}):
        assert f"/conversations/{conversation.pk}/" not in page_of(
            as_annotator, f"?{urlencode(asked)}"
        )


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("that is the end.Next sentence", "next"),
        ("debit/ocelot card", "ocelot"),
        ("look at www.foo.example/axolotl", "axolotl"),
        ("el co\u0301ndor", "c\u00f3ndor"),
        ("el c\u00f3ndor", "co\u0301ndor"),
        ("a trans\u00adfer", "transfer"),
        ("press <card> & wait", "<card>"),
        ("due 2026-05-09", "2026-05-09"),
        ("my credit-card", "card"),
    ],
)
def test_words_are_found_however_they_are_joined(as_annotator, bot, text, query):
    conversation = make_conversation(bot, turns=[text])

    page = page_of(as_annotator, f"?{urlencode({'q': query})}")

    assert f"/conversations/{conversation.pk}/" in page


def test_days_the_wrong_way_round_are_left_out(as_annotator, bot):
    conversation = make_conversation(bot)

    page = page_of(as_annotator, "?since=2026-05-10&until=2026-05-01")

    assert "The first day is after the last, so both were left out." in page
    assert f"/conversations/{conversation.pk}/" in page


def test_all_words_of_a_search_have_to_be_there(as_annotator, bot):
    conversation = make_conversation(bot, turns=["my wallet was stolen"])

    assert f"/conversations/{conversation.pk}/" not in page_of(as_annotator, "?q=stolen+card")


def test_a_word_that_very_many_say_is_found_too(as_annotator, bot, monkeypatch):
    monkeypatch.setattr("ingest.finding.FEW", 1)
    conversations = fill(bot, 3)

    page = page_of(as_annotator, "?q=number")

    assert all(f"/conversations/{each.pk}/" in page for each in conversations)


@pytest.mark.parametrize(
    "query", ["%3Cb%3E", "%27%27%5C%5C%26x", "x" * 200, "%F0%9F%98%80a", "a%3A%2A"]
)
def test_no_sign_of_a_query_language_breaks_the_search(as_annotator, bot, query):
    make_conversation(bot, turns=["hello"])

    assert "No conversation is like that" in page_of(as_annotator, f"?q={query}")


def test_a_search_without_a_word_says_so(as_annotator, bot):
    make_conversation(bot)

    page = page_of(as_annotator, "?q=%3F%21")

    assert "Type a word to look for." in page


@pytest.mark.parametrize(
    "nonsense",
    [
        *("signal=flying", "outcome=x", "below=2", "below=nan", "below=x", "since=yesterday"),
        *("since=9999-12-31", "until=9999-12-31", "until=0001-01-01", "channel=" + "x" * 50),
        *("before=x", "before=2026-05-09~x", "before=0001-01-01T00:00:00%2B14:00~" + "0" * 32),
        "before=2026-05-09T14:02:00~" + "0" * 32,
    ],
)
def test_a_filter_that_makes_no_sense_is_named_and_left_out(as_annotator, bot, nonsense):
    conversation = make_conversation(bot)

    page = page_of(as_annotator, f"?{nonsense}")

    assert "Not all that you asked for was looked for" in page
    assert f"/conversations/{conversation.pk}/" in page


def test_what_is_filtered_by_is_offered_again(as_annotator, bot):
    make_conversation(bot, channel="web", intents=["card_lost"])

    page = page_of(as_annotator, "?channel=fax&intent=card_lost")

    assert '<option value="fax" selected>fax</option>' in page
    assert '<option value="web">web</option>' in page
    assert '<option value="card_lost" selected>card_lost</option>' in page
    assert "No conversation is like that" in page


def test_an_empty_list_says_how_to_connect_the_bot(as_annotator, as_admin, bot):
    assert "An admin of the bot connects it" in page_of(as_annotator)

    page = page_of(as_admin)
    assert "/settings/webhooks/test/" in page
    assert "./loop import_events" in page


def test_older_conversations_are_one_link_away(as_annotator, bot):
    # All at one time: only their keys tell them apart.
    made = [make_conversation(bot) for _ in range(2 * listing.PAGE + 1)]

    seen, url = [], "/conversations/?outcome=open"
    while url:
        response = as_annotator.get(url)
        page = response.context["page"]
        seen += [row.key for row in page.rows]
        assert "outcome=open" in url
        place = page.older_before
        url = f"/conversations/?outcome=open&before={place}" if place else None

    assert sorted(seen) == sorted(conversation.pk for conversation in made)
    assert 'rel="next"' not in response.content.decode()


def test_a_place_survives_the_address(as_annotator, bot):
    moment = datetime(2026, 5, 9, 1, 2, 3, 456789, tzinfo=UTC)
    conversations = [make_conversation(bot, started_at=moment) for _ in range(listing.PAGE + 1)]
    oldest = min(conversation.pk for conversation in conversations)

    first = page_of(as_annotator)

    href = first.split('rel="next"')[1].split('href="')[1].split('"')[0]
    second = page_of(as_annotator, href)
    assert f"/conversations/{oldest}/" in second


def test_the_number_is_exact_until_there_are_very_many(as_annotator, bot, monkeypatch):
    fill(bot, listing.PAGE + 2)
    assert f"{listing.PAGE + 2} conversations" in page_of(as_annotator)
    assert f"{listing.PAGE + 2} conversations" in page_of(as_annotator, "?q=number")

    monkeypatch.setattr(listing, "MOST_COUNTED", listing.PAGE)
    assert f"More than {listing.PAGE} conversations" in page_of(as_annotator)


@pytest.mark.parametrize("query", ["", "?q=number&signal=bot_error"])
def test_fifty_rows_take_as_many_statements_as_one(as_annotator, bot, query):
    fill(bot, 1)
    with CaptureQueriesContext(connection) as for_one:
        page_of(as_annotator, query)
    fill(bot, 2 * listing.PAGE)

    with CaptureQueriesContext(connection) as for_fifty:
        page_of(as_annotator, query)

    assert len(for_fifty) <= 12
    # Those of one page need no counting.
    assert len(for_fifty) <= len(for_one) + 2


def test_a_search_that_takes_too_long_is_stopped_and_says_so(as_annotator, bot, monkeypatch):
    make_conversation(bot, turns=["hello"])
    monkeypatch.setattr("ingest.finding.few_of", sleeping)

    page = page_of(as_annotator, "?q=hello&channel=web")

    assert "The search took too long." in page
    assert 'value="hello"' in page
    assert '<option value="web" selected>' in page


def test_a_number_that_takes_too_long_is_left_out(as_annotator, bot, monkeypatch):
    conversation = make_conversation(bot)
    monkeypatch.setattr("ingest.listing._number", sleeping)

    page = page_of(as_annotator)

    assert f"/conversations/{conversation.pk}/" in page
    assert "1 conversation" not in page


def sleeping(*_, **__):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")


def test_a_bot_that_somebody_may_not_see_has_no_list(as_annotator, other_bot):
    assert as_annotator.get(f"/conversations/?bot={other_bot.slug}").status_code == 404
