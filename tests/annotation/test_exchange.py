"""/intents/import/ and /intents/export/"""

import csv
import io
import json
import time
from base64 import b64encode

import pytest
import yaml

from annotation import archiving, clashes
from annotation.exchange import planning, reading
from annotation.models import EntityType, Intent
from tests.annotation.importing import IMPORT, agree, names, refusals, send, take_in
from tests.factories import make_entity_type, make_intent

EXPORT = "/intents/export/"
FORMATS = ("csv", "jsonl", "rasa")
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "rasa": "yml"}


@pytest.fixture
def words(bot):
    """Words whose every field could be lost on the way."""
    make_intent(
        bot, "=card_lost", title="+Card", guideline="@x\n\n- a, \"b\"; 'c'\n\t| d |",
        critical=True, colour="series-4", key="l",
        good=["-1", "[Lisbon](city) => x", "- dash", "# hash", "'=1", "no", "é 👩‍👩‍👧 بطاقة"],
        bad=[("it: stolen", "=A thief => really"), ("{a}", "")],
    )  # fmt: skip
    make_intent(bot, "no")
    make_intent(bot, "1.0", title="true", guideline="~")
    make_entity_type(bot, "city", title="City", guideline="Mark *it*.\nAll.", key="c")
    make_entity_type(bot, "null", colour="series-6")


def export(client, format):
    return client.get(EXPORT, {"format": format}).content


# ── out ───────────────────────────────────────────────────────────────────────────────


def test_a_spreadsheet_takes_nothing_for_a_formula(as_annotator, words):
    text = export(as_annotator, "csv").decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=card_lost" in cells
    assert "''=1" in cells


def test_jsonl_has_an_object_a_line(as_annotator, words):
    lines = export(as_annotator, "jsonl").decode().splitlines()

    said = [json.loads(line) for line in lines]
    assert [each["name"] for each in said] == ["1.0", "=card_lost", "no", "city", "null"]
    assert said[1]["bad"][0] == {"text": "it: stolen", "reason": "=A thief => really"}


def test_rasa_reads_what_is_written_for_it(as_annotator, words):
    data = yaml.safe_load(export(as_annotator, "rasa"))

    lost = data["nlu"][1]
    assert data["version"] == "3.1"
    assert [each["intent"] for each in data["nlu"]] == ["1.0", "=card_lost", "no"]
    assert lost["examples"].splitlines()[:2] == ["- -1", "- [Lisbon](city) => x"]
    assert lost["metadata"]["critical"] is True


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_is_named_after_its_bot(format, as_annotator, words):
    response = as_annotator.get(EXPORT, {"format": format})

    assert response["Content-Disposition"] == (
        f'attachment; filename="bank-bot-intents.{ENDINGS[format]}"'
    )


def test_what_is_archived_is_not_exported(as_annotator, bot, reviewer):
    archiving.archive(make_intent(bot, "old"), by=reviewer)
    make_intent(bot, "new")

    assert b"old" not in export(as_annotator, "jsonl")


def test_a_format_that_there_is_not_is_not_found(as_annotator, bot):
    assert as_annotator.get(EXPORT, {"format": "xls"}).status_code == 404


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_costs_the_same_however_many_there_are(
    format, as_annotator, bot, django_assert_num_queries
):
    for number in range(30):
        make_intent(bot, good=[f"text {number}"])

    with django_assert_num_queries(6):
        as_annotator.get(EXPORT, {"format": format})


# ── out, and in again ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_exported_comes_in_elsewhere_without_loss(
    format, as_annotator, as_other_admin, words, other_bot
):
    exported = export(as_annotator, format)

    response = take_in(as_other_admin, exported, name=f"words.{ENDINGS[format]}")

    assert response.status_code == 302
    assert export(as_other_admin, "jsonl") == export(as_annotator, "jsonl")


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_exported_changes_nothing_where_it_came_from(format, as_reviewer, words):
    exported = export(as_reviewer, format)

    plan = send(as_reviewer, exported, name=f"words.{ENDINGS[format]}").context["plan"]

    assert (plan.new, plan.changed, plan.unchanged, plan.refusals) == ([], [], 5, [])
    assert not plan.does_something


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
@pytest.mark.parametrize("format", FORMATS)
def test_the_ends_of_lines_do_not_matter(format, ending, as_reviewer, words):
    exported = export(as_reviewer, format).decode().replace("\r\n", "\n").replace("\n", ending)

    plan = send(as_reviewer, exported, name=f"words.{ENDINGS[format]}").context["plan"]

    assert (plan.unchanged, plan.refusals) == (5, [])


# ── in ────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_stored_before_somebody_agrees(as_reviewer, bot):
    shown = send(as_reviewer, "name,guideline\ncard_lost,Nobody took it.\n")

    assert names(shown.context["plan"].new) == ["card_lost"]
    assert not Intent.objects.exists()
    assert agree(as_reviewer, shown)["Location"] == "/intents/"
    assert Intent.objects.of(bot).get().guideline == "Nobody took it."


def test_what_the_file_is_silent_about_stays(as_reviewer, bot):
    intent = make_intent(
        bot, "card_lost", title="Old", key="l", critical=True, good=["a"], bad=[("b", "c")]
    )
    make_intent(bot, "other")

    take_in(as_reviewer, "name,guideline\nCARD_LOST,New.\n")

    intent.refresh_from_db()
    assert (intent.name, intent.title, intent.guideline) == ("card_lost", "Old", "New.")
    assert (intent.key, intent.critical, intent.examples.count()) == ("l", True, 2)
    assert Intent.objects.in_use().count() == 2


def test_an_example_that_changes_sides_stands_once(as_reviewer, bot):
    intent = make_intent(bot, "card_lost", good=["a"], bad=[("b", "c"), ("d", "")])

    take_in(as_reviewer, '{"name": "card_lost", "good": ["a", "b"]}', name="words.jsonl")

    told = intent.examples.values_list("text", "belongs")
    assert list(told) == [("a", True), ("b", True), ("d", False)]


def test_an_empty_cell_empties_and_an_absent_column_does_not(as_reviewer, bot):
    intent = make_intent(bot, "card_lost", title="Old", guideline="Old.", good=["a"])

    take_in(as_reviewer, "name;title;text\ncard_lost;;\n")

    intent.refresh_from_db()
    assert (intent.title, intent.guideline, intent.examples.count()) == ("", "Old.", 0)


def test_two_intents_swap_their_keys(as_reviewer, bot):
    make_intent(bot, "first", key="l")
    make_intent(bot, "second", key="q")

    take_in(as_reviewer, "name,key\nfirst,q\nsecond,l\n")

    assert dict(Intent.objects.values_list("name", "key")) == {"first": "q", "second": "l"}


def test_what_is_archived_is_neither_changed_nor_brought_back(as_reviewer, bot, reviewer):
    archiving.archive(make_intent(bot, "old"), by=reviewer)

    shown = send(as_reviewer, "name,title\nOLD,New\n")

    assert refusals(shown) == [(2, "name", planning.ARCHIVED)]
    assert not shown.context["plan"].does_something


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name,key\nfirst,x1\n", None),
        ("name,key\nnew,l\n", "The key l would choose “old” and “new”."),
        ("name,key\na,q\nb,q\n", "The key q would choose “a” and “b”."),
        ("name,critical\n" + "".join(f"c{n},yes\n" for n in range(6)), "6 intents would be critic"),
    ],
)
def test_what_does_not_go_together_is_told_before(content, sentence, as_reviewer, bot):
    make_intent(bot, "old", key="l")

    shown = send(as_reviewer, content)

    told = shown.context["plan"].obstacles
    assert bool(told) == bool(sentence)
    assert sentence is None or sentence in told[0]
    assert agree(as_reviewer, shown).status_code == 409
    assert Intent.objects.count() == 1


def test_a_change_in_between_shows_the_plan_again(as_reviewer, bot):
    intent = make_intent(bot, "card_lost", guideline="Old.")
    shown = send(as_reviewer, "name,guideline\ncard_lost,Mine.\n")
    Intent.objects.update(guideline="Theirs.")

    again = agree(as_reviewer, shown)

    intent.refresh_from_db()
    assert again.status_code == 409
    assert "somebody changed intents or entity types while you looked" in again.content.decode()
    assert intent.guideline == "Theirs."
    assert agree(as_reviewer, again).status_code == 302


@pytest.mark.parametrize(
    "spoilt",
    [{"content": ""}, {"content": "%%%"}, {"content": "AAA="}, {"plan": ""}, {"format": "xls"}],
)
def test_a_file_that_comes_spoilt_the_second_time_is_refused(spoilt, as_reviewer, bot):
    content = b64encode(b"name\ncard_lost\n").decode()

    response = as_reviewer.post(
        IMPORT, {"content": content, "format": "csv", "plan": "0" * 64, **spoilt}
    )

    assert response.status_code == 422
    assert "did not arrive in full" in response.content.decode()


def test_somebody_else_cannot_be_given_a_plan_of_another_bot(as_reviewer, as_other_admin, bot):
    make_intent(bot, "card_lost")
    shown = send(as_reviewer, "name,title\ncard_lost,New\n")

    assert agree(as_other_admin, shown).status_code == 409
    assert Intent.objects.get().title == ""


@pytest.mark.slow
def test_a_file_of_five_megabytes_comes_in_within_seconds(as_reviewer, bot):
    said = "this is one of many texts that somebody wrote, and there are a great many of them"
    examples = "".join(f"    - {number:04} {said}\n" for number in range(1900))
    file = "nlu:\n" + "".join(
        f"- intent: intent_{number}\n  examples: |\n{examples}" for number in range(26)
    )
    assert 0.8 < len(file) / reading.LARGEST < 1
    began = time.monotonic()

    response = take_in(as_reviewer, file, name="a.yml")

    assert time.monotonic() - began < 60  # a sixth of this where nothing else runs
    assert response.status_code == 302
    assert Intent.objects.first().examples.count() == 1900


def test_an_import_of_many_costs_few_statements(as_reviewer, bot, django_assert_max_num_queries):
    make_intent(bot, "intent 7", good=["old"])
    rows = "".join(f"intent,intent {n},\ngood_example,intent {n},text\n" for n in range(400))
    shown = send(as_reviewer, f"kind,name,text\n{rows}")

    with django_assert_max_num_queries(22):
        response = agree(as_reviewer, shown)

    assert response.status_code == 302
    assert Intent.objects.count() == 400


def test_entity_types_come_in_beside_intents(as_reviewer, bot, reviewer):
    take_in(as_reviewer, "kind,name,critical,key\nentity_type,city,,1\nintent,card,yes,\n")

    city = EntityType.objects.get()
    assert (city.name, city.key, city.created_by) == ("city", "1", reviewer)
    assert Intent.objects.get().critical


def test_an_import_is_logged_in_numbers(as_reviewer, bot, caplog):
    take_in(as_reviewer, "name,title\nsecret_name,secret title\n")

    line = next(line for line in caplog.text.splitlines() if "intents_imported" in line)
    assert "'new': 1" in line
    assert "secret" not in line


def test_markup_in_a_file_is_shown_as_it_was_typed(as_reviewer, bot):
    evil = "<img src=x onerror=alert(1)>"

    page = send(as_reviewer, f"name,{evil}\n{evil},x\n").content.decode()

    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_an_annotator_exports_and_does_not_import(as_annotator, bot):
    assert as_annotator.get(EXPORT).status_code == 200
    assert as_annotator.get(IMPORT).status_code == 403
    assert send(as_annotator, "name\ncard\n").status_code == 403


def test_the_words_of_another_bot_are_not_exported(as_other_admin, bot):
    make_intent(bot, "card_lost")

    assert b"card_lost" not in export(as_other_admin, "csv")


def test_five_critical_intents_come_in(as_reviewer, bot):
    take_in(as_reviewer, "name,critical\n" + "".join(f"c{n},yes\n" for n in range(5)))

    assert Intent.objects.critical().count() == clashes.MOST_CRITICAL
