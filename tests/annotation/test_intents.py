"""/intents/"""

import pytest
from django.utils import timezone

from accounts.forms import NUL
from annotation import archiving, clashes, spelling
from annotation.models import Annotation, GoldLabel, Intent
from tests.factories import (
    make_conversation,
    make_gold_label,
    make_intent,
    make_review_item,
    make_turn,
)

URL = "/intents/"
NEW = "/intents/new/"


def typed(**fields):
    return {"name": "card_lost", "colour": "series-3", **fields}


def create(client, **fields):
    return client.post(NEW, typed(**fields))


def edit(client, intent, **fields):
    return client.post(f"{URL}{intent.pk}/edit/", {"colour": "series-3", **fields})


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


# ── archiving, and back ───────────────────────────────────────────────────────────────


def test_what_is_archived_is_out_of_the_list_and_can_be_brought_back(as_reviewer, bot):
    intent = make_intent(bot, "card_lost")

    as_reviewer.post(f"{URL}{intent.pk}/archive/")
    assert not Intent.objects.in_use().exists()
    assert as_reviewer.get(f"{URL}?q=card").context["rows"] == []
    listed = as_reviewer.get(f"{URL}?state=archived")
    assert [row.intent for row in listed.context["rows"]] == [intent]

    as_reviewer.post(f"{URL}{intent.pk}/bring-back/")
    assert Intent.objects.in_use().get() == intent


def test_archiving_twice_is_harmless(as_reviewer, bot):
    intent = make_intent(bot)
    as_reviewer.post(f"{URL}{intent.pk}/archive/")
    archived_at = Intent.objects.get().archived_at

    response = as_reviewer.post(f"{URL}{intent.pk}/archive/")

    assert response.status_code == 302
    assert Intent.objects.get().archived_at == archived_at


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("key", "l", "The key l chooses “new” already."), ("critical", True, clashes.SIX_CRITICAL)],
)
def test_what_was_given_away_meanwhile_keeps_it_archived(
    field, value, sentence, as_reviewer, bot, reviewer
):
    old = make_intent(bot, "old", **{field: value})
    archiving.archive(old, by=reviewer)
    make_intent(bot, "new", **{field: value})
    for _ in range(4 if field == "critical" else 0):
        make_intent(bot, critical=True)

    response = as_reviewer.post(f"{URL}{old.pk}/bring-back/")

    old.refresh_from_db()
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert old.archived_at


def test_an_archived_intent_can_be_changed_until_it_fits(as_reviewer, bot, reviewer):
    old = make_intent(bot, "old", key="l")
    archiving.archive(old, by=reviewer)
    make_intent(bot, "new", key="l")

    edit(as_reviewer, old, key="")
    as_reviewer.post(f"{URL}{old.pk}/bring-back/")

    assert Intent.objects.of(bot).in_use().count() == 2


# ── looking at them ───────────────────────────────────────────────────────────────────


@pytest.fixture
def counted(bot, annotator):
    """An intent with one current label and two items that wait with its guess."""
    intent = make_intent(bot, "card_lost")
    turns = [make_turn(make_conversation(bot)) for _ in range(4)]
    items = [make_review_item(turn, guess="Card_Lost") for turn in turns[:3]]
    make_review_item(turns[3], guess="greeting")
    make_gold_label(items[0], intent, by=annotator)
    type(items[0]).objects.filter(pk=items[0].pk).update(status="done", ended_at=timezone.now())
    return intent


def test_each_row_says_how_many_labels_and_how_many_wait(as_annotator, counted):
    row = as_annotator.get(URL).context["rows"][0]

    assert (row.labels, row.waiting) == (1, 2)


def test_withdrawn_labels_do_not_count(as_annotator, counted):
    GoldLabel.objects.update(withdrawn_at=timezone.now())

    assert as_annotator.get(f"{URL}{counted.pk}/").context["row"].labels == 0
    assert Annotation.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lost", ["card_lost"]),
        ("q=CARD+my", ["card_stolen"]),
        ("q=%25", []),
        ("q=" + "w" * 201, ["card_lost", "card_stolen"]),
        ("state=nonsense", ["card_lost", "card_stolen"]),
        ("page=99999999999999999999", ["card_lost", "card_stolen"]),
        ("", ["card_lost", "card_stolen"]),
    ],
)
def test_the_list_is_searched_by_its_address(query, found, as_annotator, bot):
    make_intent(bot, "card_lost")
    make_intent(bot, "card_stolen", title="Somebody took my card")

    response = as_annotator.get(f"{URL}?{query}")

    assert response.status_code == 200
    assert [row.intent.name for row in response.context["rows"]] == found


def test_two_thousand_intents_cost_what_fifty_do(as_annotator, bot, django_assert_num_queries):
    Intent.objects.bulk_create(Intent(bot=bot, name=f"intent {n:04}") for n in range(2000))

    with django_assert_num_queries(7):
        page = as_annotator.get(f"{URL}?page=40").content.decode()

    assert "intent 1999" in page
    assert "1,951–2,000 of 2,000" in page


def test_the_page_of_one_costs_the_same_whatever_it_has(
    as_annotator, counted, django_assert_num_queries
):
    with django_assert_num_queries(8):
        as_annotator.get(f"{URL}{counted.pk}/")


@pytest.mark.parametrize(("path", "statements"), [("new/", 2), ("{}/edit/", 5), ("import/", 2)])
def test_a_form_costs_the_same_whatever_there_is(
    path, statements, as_reviewer, bot, django_assert_num_queries
):
    intents = [make_intent(bot, good=["a", "b"], bad=[("c", "d")]) for _ in range(5)]

    with django_assert_num_queries(statements):
        as_reviewer.get(URL + path.format(intents[0].pk))


def test_one_intent_shows_guideline_and_examples(as_annotator, bot):
    intent = make_intent(
        bot, guideline="**bold** <b>", good=["I lost it"], bad=[("stolen", "A thief.")]
    )

    page = as_annotator.get(f"{URL}{intent.pk}/").content.decode()

    assert "<strong>bold</strong> &lt;b&gt;" in page
    assert all(text in page for text in ("I lost it", "stolen", "A thief."))


def test_the_drawer_gets_the_guideline_alone(as_annotator, bot, django_assert_num_queries):
    intent = make_intent(bot, guideline="**bold**", good=[f"text {n}" for n in range(30)])

    with django_assert_num_queries(4):
        page = as_annotator.get(f"{URL}{intent.pk}/guideline/").content.decode().strip()

    assert page.startswith(f'<section id="guideline-{intent.pk}"')
    assert page.endswith("</section>")
    assert "<html" not in page
    assert page.count("<li") == 20
    assert "10 more on its page." in page


def test_an_intent_without_anything_says_so(as_annotator, bot):
    intent = make_intent(bot)

    page = as_annotator.get(f"{URL}{intent.pk}/").content.decode()

    assert "Nobody has written a guideline yet." in page


def test_markup_in_names_and_examples_is_shown_as_it_was_typed(as_reviewer, bot):
    evil = "<img src=x onerror=alert(1)>"
    intent = make_intent(bot, evil, title=evil, good=[evil], bad=[("a", evil)])

    for path in ("", f"{intent.pk}/", f"{intent.pk}/edit/", f"{intent.pk}/guideline/"):
        page = as_reviewer.get(f"{URL}{path}").content.decode()

        assert "<img" not in page
        assert "&lt;img src=x" in page


def test_without_intents_the_page_says_what_brings_them(as_annotator, as_reviewer, bot):
    assert "A reviewer of this bot" in as_annotator.get(URL).content.decode()
    assert "Import intents" in as_reviewer.get(URL).content.decode()


# ── who may ───────────────────────────────────────────────────────────────────────────


def test_an_annotator_reads_and_does_not_write(as_annotator, bot):
    intent = make_intent(bot)

    assert as_annotator.get(NEW).status_code == 403
    assert edit(as_annotator, intent, title="Mine").status_code == 403
    assert as_annotator.post(f"{URL}{intent.pk}/archive/").status_code == 403
    page = as_annotator.get(f"{URL}{intent.pk}/").content.decode()
    assert "Archive" not in page
    assert "/edit/" not in page


def test_the_intents_of_another_bot_do_not_exist(as_other_admin, bot):
    intent = make_intent(bot, "card_lost")

    for path in ("", "edit/", "guideline/"):
        assert as_other_admin.get(f"{URL}{intent.pk}/{path}").status_code == 404
    for path in ("edit/", "archive/", "bring-back/"):
        assert as_other_admin.post(f"{URL}{intent.pk}/{path}").status_code == 404
    assert "card_lost" not in as_other_admin.get(URL).content.decode()


def test_who_is_not_logged_in_is_led_to_the_login(anonymous, bot):
    intent = make_intent(bot)

    for path in ("", "new/", f"{intent.pk}/", f"{intent.pk}/edit/", "import/", "export/"):
        assert anonymous.get(f"{URL}{path}")["Location"].startswith("/login/")
