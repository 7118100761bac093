"""training/downloads/: each format, read back by something else than what wrote it."""

import csv
import io
import json
import zipfile

import pytest
import yaml

from tests.factories import make_annotation, make_entity_type, make_intent
from tests.training.saying import label
from training.downloads.formats import FORMATS
from training.freezing import freeze


def download(version, format):
    return b"".join(FORMATS[format].stream(version))


def objects(content):
    return [json.loads(line) for line in content.decode().split("\n") if line]


@pytest.fixture
def version(bot, annotator, ben, lost, stolen):
    """Rows with everything that a row can have."""
    city = make_entity_type(bot, "city")
    gold = label(
        bot,
        annotator,
        "👛 lost in Lisbon [really](now)",
        lost,
        chance=0.25,
        seconds=4.5,
        spans=[(city, 10, 16)],
        answer={"better_answer": "=HYPERLINK(1)"},
        turn={"response": "@Sorry?"},
    )
    make_annotation(gold.annotation.item, ben, verdict="oos")
    label(bot, annotator, "it was\ntaken\u2028from me", stolen)
    label(bot, annotator, "=1+1 is the weather")
    label(bot, annotator, "gone for good", lost, side="audit", chance=0.02)
    return freeze(bot, by=annotator)


# ── Hugging Face ──────────────────────────────────────────────────────────────────────


def test_hugging_face_has_two_splits_and_a_card_that_counts_them(version):
    archive = zipfile.ZipFile(io.BytesIO(download(version, "huggingface")))

    assert archive.testzip() is None
    assert archive.namelist() == ["data/train.jsonl", "data/test.jsonl", "README.md"]
    card = yaml.safe_load(archive.read("README.md").decode().split("---")[1])
    train, test = card["dataset_info"]["splits"]
    assert (train["name"], train["num_examples"]) == ("train", 3)
    assert (test["name"], test["num_examples"]) == ("test", 1)
    assert train["num_bytes"] == archive.getinfo("data/train.jsonl").file_size
    assert len(objects(archive.read("data/train.jsonl"))) == 3


def test_every_column_of_hugging_face_is_a_feature_of_the_card(version):
    archive = zipfile.ZipFile(io.BytesIO(download(version, "huggingface")))
    card = yaml.safe_load(archive.read("README.md").decode().split("---")[1])

    features = {each["name"]: each for each in card["dataset_info"]["features"]}
    rows = objects(archive.read("data/train.jsonl"))

    assert all(set(row) == set(features) for row in rows)
    names = features["label"]["dtype"]["class_label"]["names"]
    assert names == {"0": "card_lost", "1": "card_stolen", "2": "out_of_scope"}
    assert [(row["intent"], row["label"]) for row in rows] == [
        ("card_lost", 0),
        ("card_stolen", 1),
        (None, 2),
    ]
    assert rows[0]["entities"] == [{"start": 10, "end": 16, "type": "city", "text": "Lisbon"}]
    assert rows[0]["opinions"] == [{"verdict": "oos", "intent": None}]


def test_without_an_audit_there_is_no_test_split(bot, annotator, lisbon):
    archive = zipfile.ZipFile(io.BytesIO(download(freeze(bot, by=annotator), "huggingface")))

    assert archive.namelist() == ["data/train.jsonl", "README.md"]


def test_an_intent_called_out_of_scope_is_another_label(bot, annotator, lost):
    label(bot, annotator, "gone", lost)
    label(bot, annotator, "hm", make_intent(bot, "out_of_scope"))
    label(bot, annotator, "the weather")

    archive = zipfile.ZipFile(io.BytesIO(download(freeze(bot, by=annotator), "huggingface")))

    assert [row["label"] for row in objects(archive.read("data/train.jsonl"))] == [0, 1, 2]


# ── Rasa ──────────────────────────────────────────────────────────────────────────────


def test_rasa_reads_intents_and_marked_entities(version):
    nlu = yaml.safe_load(download(version, "rasa"))["nlu"]

    assert [each["intent"] for each in nlu] == ["card_lost", "card_stolen", "out_of_scope"]
    assert nlu[0]["examples"] == '- 👛 lost in [Lisbon]{"entity": "city"} [really] (now)\n'


def test_rasa_has_each_example_in_one_line_and_no_audit(version):
    text = download(version, "rasa").decode()

    assert "    - it was taken from me\n" in text
    assert "gone for good" not in text


def test_rasa_survives_whatever_a_text_or_a_name_holds(bot, annotator, lost):
    label(bot, annotator, "gone", lost)
    name = 'odd: "name" \\ #{x} 余'
    for text in ("- a: b", "# c", "\x07bell\x85", "tab\there", "|", "'''"):
        label(bot, annotator, f"{text}", make_intent(bot, name) if text == "- a: b" else lost)

    nlu = yaml.safe_load(download(freeze(bot, by=annotator), "rasa"))["nlu"]

    assert nlu[1]["intent"] == name
    assert "- bell\n" in nlu[0]["examples"]


# ── CSV, spaCy, chats ─────────────────────────────────────────────────────────────────


def test_no_cell_of_the_csv_is_a_formula(version):
    rows = list(csv.DictReader(io.StringIO(download(version, "csv").decode(), newline="")))

    assert [row["side"] for row in rows] == ["train", "train", "train", "audit"]
    assert rows[2]["text"] == "'=1+1 is the weather"
    assert rows[0]["better_answer"] == "'=HYPERLINK(1)"
    assert rows[0]["response"] == "'@Sorry?"
    assert (rows[0]["chance"], rows[0]["seconds"]) == ("0.25", "4.5")
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row.values() if cell)


def test_spacy_has_a_value_for_each_intent_and_spans(version):
    first, *_, last = objects(download(version, "spacy"))

    assert first["cats"] == {"card_lost": 1.0, "card_stolen": 0.0}
    assert first["spans"] == [{"start": 10, "end": 16, "label": "city"}]
    assert first["text"][10:16] == "Lisbon"
    assert last["meta"]["side"] == "audit"


def test_out_of_scope_is_none_of_the_intents_for_spacy(version):
    third = objects(download(version, "spacy"))[2]

    assert set(third["cats"].values()) == {0.0}


def test_better_answers_are_chats(version):
    (chat,) = objects(download(version, "chat"))

    assert [(each["role"], each["content"]) for each in chat["messages"]] == [
        ("user", "👛 lost in Lisbon [really](now)"),
        ("assistant", "=HYPERLINK(1)"),
    ]


def test_a_better_answer_stands_beside_the_bots(version):
    (pair,) = objects(download(version, "pairs"))

    assert pair["prompt"][0]["content"].startswith("👛")
    assert (pair["chosen"][0]["content"], pair["rejected"][0]["content"]) == (
        "=HYPERLINK(1)",
        "@Sorry?",
    )
