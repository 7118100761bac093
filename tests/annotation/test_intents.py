"""/intents/: the list, the page of one, archiving it, and who may."""

import pytest
from django.utils import timezone

from annotation import archiving, clashes
from annotation.models import Annotation, GoldLabel, Intent
from tests.annotation.intent_form import NEW, URL, edit
from tests.factories import (
    make_conversation,
    make_gold_label,
    make_intent,
    make_review_item,
    make_turn,
)

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
