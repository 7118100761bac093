"""/intents/import/: files that cannot be read, and lines of others that are refused."""

import pytest

from annotation import spelling
from annotation.exchange import jsonl, planning, rasa, reading, table, yaml_tree
from annotation.exchange.entries import A_COLOUR, A_LIST, A_TEXT, YES_OR_NO
from tests.annotation.importing import IMPORT, names, refusals, send


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


def test_too_many_are_refused_as_a_whole(as_reviewer, bot):
    response = send(as_reviewer, "name\n" + "".join(f"intent {n}\n" for n in range(5001)))

    assert response.status_code == 422
    assert "more than 5,000 intents and entity types" in response.content.decode()
