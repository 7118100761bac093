"""replay/reading.py: labelled files."""

import gzip
import json

import pytest

from replay.reading import OUT_OF_SCOPE, NotReadable, Said, read


@pytest.fixture
def written(tmp_path):
    def write(*rows, packed=False):
        path = tmp_path / "file.jsonl"
        text = "\n".join(json.dumps(row) for row in rows).encode()
        path.write_bytes(gzip.compress(text) if packed else text)
        return path

    return write


def utterance(text, intent, **fields):
    return {"text": text, "intent": intent} | fields


@pytest.mark.parametrize("packed", [False, True])
def test_utterances_are_traffic_but_for_their_own_test_split(written, packed):
    rows = [utterance(f"lost {n}", "card_lost", split="train") for n in range(5)]
    rows += [utterance("sing", "oos", split="train"), utterance("old", "card_lost", split="val")]
    rows += [utterance("where is it", "card_lost", split="test")]
    material = read(written(*rows, packed=packed), seed=1)

    assert material.turns == 6
    assert material.tests == (Said("where is it", "card_lost"),)
    assert material.intents == ["card_lost"]
    meant = {said.text: said.intent for talk in material.talks for said in talk.turns}
    assert meant["sing"] == OUT_OF_SCOPE
    assert material.has_own_test


def test_a_file_without_splits_keeps_whole_conversations_for_the_test(written):
    rows = [
        {"dialogue_id": f"d{n}", "turns": [
            {"role": "user", "text": f"hi {n}", "intent": "hello"},
            {"role": "bot", "text": "Hello."}, {"role": "bot", "text": "How can I help?"},
            {"role": "user", "text": "bye", "intent": "NONE"},
        ]}
        for n in range(100)
    ]  # fmt: skip
    material = read(written(*rows), seed=1)

    assert not material.has_own_test
    assert material.turns + len(material.tests) == 200
    assert 5 <= len(material.tests) // 2 <= 40
    talk = material.talks[0]
    assert [said.response for said in talk.turns] == ["Hello.\nHow can I help?", ""]
    assert talk.turns[1].intent == OUT_OF_SCOPE


def test_the_order_follows_from_the_seed(written):
    path = written(
        *[utterance(f"t{n}", "a", split="train") for n in range(50)],
        utterance("x", "a", split="test"),
    )

    assert read(path, seed=3) == read(path, seed=3)
    assert read(path, seed=3).talks != read(path, seed=4).talks


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "Line 1 of .* is not JSON in UTF-8"),
        (b'{"text": "a", "intent": "b"}\n\n{"text": ', "Line 3 of .* is not JSON in UTF-8"),
        (b"[" * 100_000, "Line 1 of .* is not JSON in UTF-8"),
        (b"\x1f\x8b broken", "packed by gzip, and broken"),
        (gzip.compress(b'{"text": "cut"}', mtime=0)[:-9], "packed by gzip, and broken"),
        (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 30, "packed by gzip, and broken"),
        (b'{"id": 1}', "Line 1 of"),
        (b'{"text": 5, "intent": "a"}', "Line 1 of"),
        (b'{"text": "only one", "intent": "a", "split": "test"}', "both to play and to test on"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(tmp_path, content, says):
    path = tmp_path / "file.jsonl"
    path.write_bytes(content)

    with pytest.raises(NotReadable, match=says):
        read(path, seed=0)


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(NotReadable, match="no such file"):
        read(tmp_path / "nowhere.jsonl", seed=0)


def test_lines_end_where_json_lines_end(tmp_path):
    path = tmp_path / "file.jsonl"
    said = "a\u2028b\x85c"
    rows = [utterance(said, "a", split=split) for split in ("train", "test")]
    lines = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\ufeff" + lines)

    assert [each.text for each in read(path, seed=0).tests] == [said]
