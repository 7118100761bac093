"""/intents/import/ and /intents/export/"""

import csv
import io
import json
import time
from base64 import b64encode

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation import archiving, clashes, spelling
from annotation.exchange import jsonl, planning, rasa, reading, table, yaml_tree
from annotation.exchange.entries import A_COLOUR, A_LIST, A_TEXT, YES_OR_NO
from annotation.models import EntityType, Intent
from tests.factories import make_entity_type, make_intent

IMPORT = "/intents/import/"
EXPORT = "/intents/export/"
FORMATS = ("csv", "jsonl", "rasa")
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "rasa": "yml"}


def send(client, content, *, name="words.csv", **fields):
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, raw), **fields})


def agree(client, shown):
    """Press Import on the preview."""
    agreed = shown.context["agreed"]
    return client.post(IMPORT, {field.name: field.value() for field in agreed})


def take_in(client, content, *, name="words.csv"):
    return agree(client, send(client, content, name=name))


def refusals(response):
    return [(each.line, each.field, each.reason) for each in response.context["plan"].refusals]


def names(steps):
    return [step.entry.name for step in steps]


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


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "This file is empty."),
        ("a.csv", b" \n \n", "This file is empty."),
        ("a.csv", b"\xef\xbb\xbf", "This file is empty."),
        ("a.csv", "name\ncard\n".encode("utf-16"), reading.UTF16),
        ("a.csv", "name\ncard\n".encode("utf-16-le"), reading.NUL),
        ("a.csv", b"name\nca\0rd\n", reading.NUL),
        ("a.csv", "name\nok\nkä\n".encode("latin-1"), "not UTF-8 from line 3 on"),
        ("a.csv", b"name\n" + b"w" * reading.LARGEST, reading.TOO_LARGE),
        ("a.csv", b"title,key\na,b\n", table.NO_NAME_COLUMN),
        ("a.csv", b'name,title\na,b\nc,"d"e\nf,g\n', "From line 3 on this is quoted"),
        ("a.csv", b'name,title\na,"never closed\n', "From line 2 on this is quoted"),
        ("a.csv", b"name\n", reading.NOTHING),
        ("a.yml", b"nlu: [", "This is not YAML from line"),
        ("a.yml", b"- intent: x", rasa.NOT_RASA),
        ("a.yml", b"intents: [a, b]", rasa.NOT_RASA),
        ("a.yml", b"just text", rasa.NOT_RASA),
        ("a.yml", b"# nothing", rasa.NOT_RASA),
        ("a.yml", b"nlu:\n- &a {intent: x}\n- *a\n", yaml_tree.ALIASES.format(line=3)),
        ("a.yml", b"nlu: !!python/object:os.system {}", yaml_tree.TAGS.format(line=1)),
        ("a.yml", b"nlu: []\nnlu: []\n", "“nlu” stands twice in one object, on line 2."),
        ("a.yml", b"nlu: []\n---\nnlu: []\n", yaml_tree.DOCUMENTS),
        ("a.yml", b"? [a]\n: b\n", yaml_tree.KEYS.format(line=1)),
        ("a.yml", b"nlu: " + b"[" * 100_000, yaml_tree.TOO_DEEP.format(line=1)),
        ("a.yml", b"nlu: " + b"{a: " * 100_000, yaml_tree.TOO_DEEP.format(line=1)),
        ("a.yml", b"\n".join(b"  " * n + b"a:" for n in range(99)), "more than 20 levels deep"),
        ("a.xls", b"name\ncard\n", "The name of the file does not tell."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(name, content, sentence, as_reviewer, bot):
    response = send(as_reviewer, content, name=name)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page.replace("&#x27;", "'")


def test_a_bomb_of_aliases_is_refused_at_its_first(as_reviewer, bot):
    rows = [b"a0: &a0 [x, x]"]
    rows += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)]

    response = send(as_reviewer, b"\n".join(rows), name="a.yml")

    assert response.status_code == 422
    assert "refers to another place of the file" in response.content.decode()


def test_without_a_file_the_form_says_so(as_reviewer, bot):
    response = as_reviewer.post(IMPORT)

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("{", (1, "", jsonl.NOT_JSON)),
        ("[1]", (1, "", jsonl.NOT_JSON)),
        ("[" * 100_000, (1, "", jsonl.NOT_JSON)),
        ('{"name": NaN}', (1, "", jsonl.NOT_JSON)),
        ('{"name": "a", "name": "b"}', (1, "", jsonl.NOT_JSON)),
        ('{"title": "a"}', (1, "name", spelling.NEEDS_A_NAME)),
        ('{"name": 5}', (1, "name", A_TEXT)),
        ('{"name": "a\\u0000"}', (1, "name", spelling.ODD)),
        ('{"name": "a\\ud800"}', (1, "name", spelling.ODD)),
        ('{"name": "a", "kind": "slot"}', (1, "kind", "Write intent or entity_type here.")),
        ('{"name": "a", "kind": []}', (1, "kind", "Write intent or entity_type here.")),
        ('{"name": "a", "colour": "red"}', (1, "colour", A_COLOUR)),
        ('{"name": "a", "critical": "perhaps"}', (1, "critical", YES_OR_NO)),
        ('{"name": "a", "key": "s"}', (1, "key", spelling.KEY_RESERVED)),
        ('{"name": "a", "good": "text"}', (1, "good", A_LIST)),
        ('{"name": "a", "good": [5]}', (1, "good", A_TEXT)),
        ('{"name": "a", "bad": [{"reason": "b"}]}', (1, "bad", A_TEXT)),
        ('{"name": "a", "bad": ["b => c"]}', (1, "bad", spelling.ARROW_IN_TEXT)),
        (
            '{"name": "a", "kind": "entity_type", "good": ["b"]}',
            (1, "good", "Only intents have examples. They were left out."),
        ),
    ],
)
def test_a_line_that_breaks_a_rule_is_refused_with_its_field(line, refusal, as_reviewer, bot):
    response = send(as_reviewer, f'{line}\n{{"name": "fine"}}\n', name="a.jsonl")

    assert refusals(response) == [refusal]
    assert "fine" in names(response.context["plan"].new)


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ("slot,a,,", (2, "kind", table.A_KIND)),
        ("intent,a,,,,", (2, "", "This row has 6 cells, the first 4.")),
        ("intent,,,", (2, "name", spelling.NEEDS_A_NAME)),
        ("good_example,card,,", (2, "good", spelling.NEEDS_A_TEXT)),
        ("good_example,,text,", (2, "name", spelling.NEEDS_A_NAME)),
        ("bad_example,card,x => y,z", (2, "bad", spelling.ARROW_IN_TEXT)),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_its_field(rows, refusal, as_reviewer, bot):
    response = send(as_reviewer, f"kind,name,text,reason\n{rows}\nintent,fine,,\n")

    assert refusals(response)[0] == refusal
    assert "fine" in names(response.context["plan"].new)


def test_the_examples_of_a_refused_row_are_refused_with_it(as_reviewer, bot):
    response = send(as_reviewer, "kind,name,key,text\ngood_example,card,,hello\nintent,card,s,\n")

    assert refusals(response) == [
        (2, "name", table.WITHOUT_INTENT),
        (3, "key", spelling.KEY_RESERVED),
    ]


def test_a_name_that_stands_twice_counts_once(as_reviewer, bot):
    response = send(as_reviewer, "name,title\nKarte,one\nkarte,two\nKARTE,three\n")

    first = planning.STANDS_TWICE.format(line=2)
    assert refusals(response) == [(3, "name", first), (4, "name", first)]
    assert names(response.context["plan"].new) == ["Karte"]


def test_what_rasa_has_and_we_have_not_is_told(as_reviewer, bot):
    file = """\
version: "3.1"
nlu:
- intent: card_lost
  metadata: {mood: calm}
  examples: |
    - I lost my [card](card_type)
    - I lost my [card](card_type)
    # a comment
- intent: from_a_list
  examples:
  - text: |
      hello
    metadata: {sentiment: neutral}
  - good morning
- synonym: card
  examples: |
    - plastic
- lookup: city
- regex: zip
- nonsense: 1
stories: []
"""

    response = send(as_reviewer, file, name="nlu.yaml")

    plan = response.context["plan"]
    assert [(step.entry.name, step.entry.good) for step in plan.new] == [
        ("card_lost", ["I lost my [card](card_type)"]),
        ("from_a_list", ["hello", "good morning"]),
    ]
    assert refusals(response) == [
        (7, "good", "This example stands here before. It was kept once."),
        (8, "examples", rasa.A_DASH),
        (20, "", rasa.NO_INTENT),
    ]
    told = " ".join(plan.notes)
    assert all(word in told for word in ("“mood”", "“stories”", "1 × synonym", "1 × lookup"))


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


def test_too_many_are_refused_as_a_whole(as_reviewer, bot):
    response = send(as_reviewer, "name\n" + "".join(f"intent {n}\n" for n in range(5001)))

    assert response.status_code == 422
    assert "more than 5,000 intents and entity types" in response.content.decode()


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
