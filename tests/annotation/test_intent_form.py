"""/intents/new/ and /intents/<n>/edit/: making an intent, and changing one."""

import pytest

from accounts.forms import NUL
from annotation import archiving, clashes, spelling
from annotation.models import Intent
from tests.annotation.intent_form import NEW, URL, create, edit
from tests.factories import make_intent


def texts(intent, *, belongs=True):
    return [row.text for row in intent.examples.filter(belongs=belongs)]


# ── making one ────────────────────────────────────────────────────────────────────────


def test_an_intent_is_made_with_its_guideline_and_examples(as_reviewer, bot, reviewer):
    response = create(
        as_reviewer,
        title="Card lost",
        guideline="**Nobody** took it.\r\n\r\n- gone",
        critical="on",
        key="L",
        good="I lost my card\r\n\r\n  my   wallet is gone ",
        bad="it was stolen => A thief: card_stolen.\nthe card",
    )

    intent = Intent.objects.of(bot).get()
    assert response["Location"] == f"{URL}{intent.pk}/"
    assert (intent.title, intent.key, intent.colour) == ("Card lost", "l", "series-3")
    assert intent.guideline == "**Nobody** took it.\n\n- gone"
    assert intent.critical
    assert intent.created_by == reviewer
    assert texts(intent) == ["I lost my card", "my wallet is gone"]
    rows = intent.examples.filter(belongs=False).values_list("text", "reason")
    assert list(rows) == [("it was stolen", "A thief: card_stolen."), ("the card", "")]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Give it a name: the one that the bot uses."),
        ({"name": "   "}, "Give it a name: the one that the bot uses."),
        ({"name": "\u200b\u2060"}, spelling.NEEDS_A_NAME),
        ({"name": "w" * 121}, "This has 121 characters. Leave at most 120."),
        ({"name": "card\0lost"}, NUL),
        ({"name": "card\tlost"}, spelling.ODD),
        ({"name": "card\x85lost"}, spelling.ODD),
        ({"title": "w" * 121}, "Leave at most 120."),
        ({"guideline": "w" * 20_001}, "This has 20,001 characters. Leave at most 20,000."),
        ({"guideline": "a\x07"}, spelling.ODD),
        ({"colour": "red"}, "Select a valid choice."),
        ({"colour": ""}, "This field is required."),
        ({"key": "1"}, spelling.KEY_RESERVED),
        ({"key": "S"}, spelling.KEY_RESERVED),
        ({"key": "?"}, spelling.KEY_RESERVED),
        ({"key": "ab"}, spelling.NO_KEY),
        ({"key": "!"}, spelling.NO_KEY),
        ({"good": "fine\n" + "w" * 1001}, "Line 2: This has 1,001 characters."),
        ({"good": "same\nother\nsame"}, "“same” stands twice"),
        ({"good": "same", "bad": "same => no"}, "“same” stands twice"),
        ({"bad": "ok => so\n=> no text"}, f"Line 2: {spelling.NEEDS_A_TEXT}"),
        ({"bad": "ok => " + "w" * 301}, "Line 1: This has 301 characters."),
        ({"good": "\n".join(map(str, range(2001)))}, "These are 2,001 examples."),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(fields, sentence, as_reviewer, bot):
    response = create(as_reviewer, **{"guideline": "Typed with care.", **fields})

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert fields.get("guideline", "Typed with care.")[:20] in page
    assert not Intent.objects.exists()


@pytest.mark.parametrize("name", ["card_lost", "Card_LOST", "  card_lost "])
def test_a_name_is_there_once_whatever_its_capitals(name, as_reviewer, bot, other_bot):
    make_intent(bot, "card_lost")
    make_intent(other_bot, "greeting")

    response = create(as_reviewer, name=name)

    assert response.status_code == 422
    assert "“card_lost” is there already." in response.content.decode()
    assert create(as_reviewer, name="Greeting").status_code == 302


def test_the_name_of_an_archived_intent_leads_to_bringing_it_back(as_reviewer, bot, reviewer):
    archiving.archive(make_intent(bot, "card_lost"), by=reviewer)

    response = create(as_reviewer)

    assert response.status_code == 422
    assert "“card_lost” is archived. Bring it back" in response.content.decode()


def test_a_key_chooses_one_intent_in_use(as_reviewer, bot, reviewer, other_bot):
    make_intent(other_bot, key="l")
    archiving.archive(make_intent(bot, "old", key="l"), by=reviewer)
    assert create(as_reviewer, name="first", key="l").status_code == 302

    response = create(as_reviewer, name="second", key="L")

    assert response.status_code == 422
    assert "The key l chooses “first” already." in response.content.decode()


def test_a_sixth_critical_intent_is_refused(as_reviewer, bot, other_bot):
    make_intent(other_bot, critical=True)
    for number in range(5):
        make_intent(bot, f"critical_{number}", critical=True)

    response = create(as_reviewer, critical="on")

    assert response.status_code == 422
    assert clashes.SIX_CRITICAL in response.content.decode()
    assert create(as_reviewer).status_code == 302


def test_a_form_with_its_colour_chosen_is_shown(as_reviewer, bot):
    page = as_reviewer.get(NEW).content.decode()

    assert 'value="series-1"' in page
    assert page.count("checked") == 1


# ── changing one ──────────────────────────────────────────────────────────────────────


def test_all_but_the_name_is_changed(as_reviewer, bot):
    intent = make_intent(bot, "card_lost", title="Old", good=["old"], bad=[("older", "so")])

    response = edit(as_reviewer, intent, name="other", title="New", good="new", key="q")

    intent.refresh_from_db()
    assert response["Location"] == f"{URL}{intent.pk}/"
    assert (intent.name, intent.title, intent.key) == ("card_lost", "New", "q")
    assert texts(intent) == ["new"]
    assert texts(intent, belongs=False) == []


def test_saving_what_the_form_shows_changes_nothing(as_reviewer, bot):
    fields = {
        "title": "Card lost", "guideline": "One.\n\n- two", "critical": True, "key": "l",
        "good": ["a => b", "b"], "bad": [("c", "d => e"), ("f", "")],
    }  # fmt: skip
    intent = make_intent(bot, "card_lost", **fields)
    form = as_reviewer.get(f"{URL}{intent.pk}/edit/").context["form"]

    edit(as_reviewer, intent, **{name: form[name].value() for name in form.fields})

    intent.refresh_from_db()
    assert texts(intent) == ["a => b", "b"]
    rows = intent.examples.filter(belongs=False).values_list("text", "reason")
    assert list(rows) == fields["bad"]
    assert (intent.guideline, intent.critical, intent.key) == ("One.\n\n- two", True, "l")


def test_a_refused_change_keeps_what_was_typed(as_reviewer, bot):
    make_intent(bot, "greeting", key="h")
    intent = make_intent(bot, "card_lost", guideline="Old.")

    response = edit(as_reviewer, intent, guideline="Typed with care.", key="h")

    intent.refresh_from_db()
    assert response.status_code == 422
    assert "The key h chooses “greeting” already." in response.content.decode()
    assert "Typed with care." in response.content.decode()
    assert intent.guideline == "Old."


def test_nobody_writes_over_what_they_have_not_seen(as_reviewer, bot):
    intent = make_intent(bot, "card_lost", guideline="Old.")
    seen = as_reviewer.get(f"{URL}{intent.pk}/edit/").context["form"]["seen"].value()
    edit(as_reviewer, intent, guideline="Theirs.", good="theirs")

    response = edit(as_reviewer, intent, guideline="Mine.", seen=seen)

    intent.refresh_from_db()
    page = response.content.decode()
    assert response.status_code == 409
    assert "somebody changed this since you opened it" in page
    assert "Mine." in page
    assert intent.guideline == "Theirs."


def test_saving_again_after_that_replaces_it(as_reviewer, bot):
    intent = make_intent(bot, "card_lost")
    told = edit(as_reviewer, intent, guideline="Mine.", seen="0" * 64)
    assert told.status_code == 409

    again = edit(as_reviewer, intent, guideline="Mine.", seen=told.context["form"]["seen"].value())

    intent.refresh_from_db()
    assert again.status_code == 302
    assert intent.guideline == "Mine."


def test_one_of_five_critical_intents_can_still_be_changed(as_reviewer, bot):
    five = [make_intent(bot, critical=True) for _ in range(5)]

    assert edit(as_reviewer, five[0], critical="on", title="Still").status_code == 302
