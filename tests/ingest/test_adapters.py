"""What is made of the rows of a file, whatever its format."""

import contextlib
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.adapters import csv_file, dialogues, events, jsonl_file, utterances
from ingest.adapters.formats import format_of, records
from ingest.adapters.records import LONGEST, BrokenFile, Place, Record
from ingest.reading import NotUsable

START = Place()


def jsonl(content, *, after=START):
    return list(jsonl_file.records(stream_of(content), after=after))


def table(content, *, after=START):
    return list(csv_file.records(stream_of(content), after=after))


def stream_of(content):
    return io.BytesIO(content if isinstance(content, bytes) else content.encode())


def record(**fields):
    return Record(7, 7, 100, json.dumps(fields).encode(), fields)


# ── JSONL ─────────────────────────────────────────────────────────────────────────────


def test_each_line_is_a_record_that_knows_its_line_and_where_it_ends():
    first, second = jsonl('{"text": "é"}\n\n{"text": "b"}')

    assert (first.line, first.end, first.fields) == (1, 15, {"text": "é"})
    assert (second.line, second.end, second.fields) == (3, 29, {"text": "b"})


def test_a_byte_order_mark_and_windows_endings_are_no_part_of_the_content():
    plain, windows = jsonl('{"text": "a"}\n'), jsonl(b'\xef\xbb\xbf{"text": "a"}\r\n')

    assert windows[0].fields == {"text": "a"}
    assert windows[0].raw == plain[0].raw


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not one JSON object"),
        (b"[1]", "not one JSON object"),
        (b'{"a": 1, "a": 2}', "not one JSON object"),
        (b'{"a": NaN}', "not one JSON object"),
        (b"[" * 100_000, "not one JSON object"),
        ('{"text": "año"}'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_line_that_is_no_object_is_refused_and_the_next_is_read(line, reason):
    bad, good = jsonl(line + b'\n{"text": "a"}')

    assert reason in str(bad.refusal)
    assert good.fields == {"text": "a"}


def test_a_line_that_is_too_long_is_passed_over():
    long = b'{"text": "' + b"a" * (3 * LONGEST) + b'"}\n'

    bad, good = jsonl(long + b'{"text": "a"}\n')

    assert "more than 1,048,576 bytes" in str(bad.refusal)
    assert (bad.line, bad.end) == (1, len(long))
    assert (good.line, good.fields) == (2, {"text": "a"})


def test_a_line_of_the_longest_length_is_read():
    text = "a" * (LONGEST - len('{"text": ""}'))

    (record,) = jsonl(json.dumps({"text": text}) + "\n")

    assert record.fields == {"text": text}


def test_reading_goes_on_after_a_place():
    content = '{"text": "a"}\n{"text": "b"}\n{"text": "c"}\n'
    first = jsonl(content)[0]

    rest = jsonl(content, after=Place(first.end, first.line))

    assert [(each.line, each.fields["text"]) for each in rest] == [(2, "b"), (3, "c")]


def test_a_disk_that_fails_is_a_broken_file():
    class Failing(io.BytesIO):
        def readline(self, *_):
            raise OSError("Input/output error")

    with pytest.raises(BrokenFile):
        list(jsonl_file.records(Failing(), after=START))


# ── CSV ───────────────────────────────────────────────────────────────────────────────


def test_cells_are_texts_numbers_or_json_as_their_column_says():
    (row,) = table(
        "conversation_id,user_input,confidence,latency_ms,entities_extracted,dialog_state\n"
        '007,12,0.5,120.0,"[{""type"": ""city""}]","{""a"": 1}"\n'
    )

    assert row.fields == {
        "conversation_id": "007",
        "user_input": "12",
        "confidence": 0.5,
        "latency_ms": 120,
        "entities_extracted": [{"type": "city"}],
        "dialog_state": {"a": 1},
    }
    assert isinstance(row.fields["latency_ms"], int)


def test_an_empty_cell_is_a_field_that_is_not_there():
    (row,) = table("conversation_id,user_input,channel\nc-1,hi,\n")

    assert row.fields == {"conversation_id": "c-1", "user_input": "hi"}


def test_a_quoted_cell_may_hold_line_breaks_quotes_and_a_megabyte():
    long = "x" * 1_000_000

    first, second = table(f'conversation_id,user_input\r\nc-1,"a\r\n\r\n""b"" {long}"\r\nc-2,z\r\n')

    assert first.fields["user_input"] == f'a\r\n\r\n"b" {long}'
    assert (first.line, first.last_line) == (2, 4)
    assert (second.line, second.fields["user_input"]) == (5, "z")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_first_row_tells_what_parts_the_cells(delimiter):
    (row,) = table(f"conversation_id{delimiter}user_input\nc-1{delimiter}hi\n")

    assert row.fields == {"conversation_id": "c-1", "user_input": "hi"}


def test_a_table_may_begin_with_a_byte_order_mark():
    (row,) = table(b"\xef\xbb\xbfconversation_id,user_input\nc-1,hi\n")

    assert row.fields["conversation_id"] == "c-1"


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("c-1,hi,high", "confidence", "Write a number"),
        ("c-1,hi,nan", "confidence", "Write a number"),
        ("c-1,hi", None, "2 cells, and the first row names 3"),
        ("c-1,hi,0.5,more", None, "4 cells, and the first row names 3"),
        ('c-1,"hi" there,0.5', None, "quoted"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_next_is_read(line, field, reason):
    bad, good = table(f"conversation_id,user_input,confidence\n{line}\nc-2,hi,0.5\n")

    assert reason in str(bad.refusal)
    assert (bad.line, bad.refusal.field) == (2, field)
    assert good.fields["conversation_id"] == "c-2"


def test_json_that_is_none_is_refused_with_its_column():
    (bad,) = table("conversation_id,dialog_state\nc-1,{oops}\n")

    assert (bad.refusal.field, str(bad.refusal)) == ("dialog_state", "Write JSON in this cell.")


def test_a_quotation_mark_that_never_closes_costs_one_row():
    rows = table('conversation_id,user_input\nc-1,"oops\nc-2,hi\nc-3,ho\n')

    assert [row.line for row in rows] == [2, 3, 4]
    assert "quoted" in str(rows[0].refusal)
    assert [row.fields.get("conversation_id") for row in rows[1:]] == ["c-2", "c-3"]


def test_a_quotation_mark_does_not_swallow_more_than_a_record_may_hold():
    many = "c-2,hi\n" * (LONGEST // 7 + 10)

    rows = table(f'conversation_id,user_input\nc-1,"oops\n{many}')

    assert "quoted" in str(rows[0].refusal)
    assert len(rows) == 1 + LONGEST // 7 + 10
    assert all(row.fields for row in rows[1:])


def test_a_row_that_is_not_utf8_is_refused_whole():
    content = 'conversation_id,user_input\nc-1,"a\nño"\nc-2,hi\n'.encode("latin-1")

    bad, good = table(content)

    assert "not UTF-8" in str(bad.refusal)
    assert (bad.line, bad.last_line, good.line) == (2, 3, 4)


def test_rows_without_anything_are_no_records():
    (row,) = table("conversation_id,user_input\n\n,\n , \nc-1,hi\n")

    assert row.line == 5


def test_reading_a_table_goes_on_after_a_place_with_the_same_names():
    content = 'conversation_id,user_input\nc-1,"a\nb"\nc-2,hi\n'
    first = table(content)[0]

    (rest,) = table(content, after=Place(first.end, first.last_line))

    assert (rest.line, rest.fields) == (4, {"conversation_id": "c-2", "user_input": "hi"})


# ── any content ───────────────────────────────────────────────────────────────────────

PIECES = [
    *(
        b"\n",
        b"\r\n",
        b"\r",
        b",",
        b'"',
        b'""',
        b"{",
        b"}",
        b"[",
        b":",
        b" ",
        b"\xff",
        b"\xc3",
        b"\x00",
    ),
    *(b'{"text": "a"}', b'{"text": "\\ud800"}', b"text,turn", b"c-1", b"0.5", "ñ".encode()),
]
content = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


@given(content)
@pytest.mark.parametrize("read", [jsonl, table])
def test_whatever_a_file_holds_each_of_its_records_is_a_place_to_go_on_from(read, content):
    found = read(content)

    for number, each in enumerate(found, start=1):
        rest = read(content, after=Place(each.end, each.last_line))
        assert repr(rest) == repr(found[number:])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "text",
                        "turns",
                        "turn",
                        "role",
                        "entities",
                        "start",
                        "end",
                        "label",
                        "dialogue_id",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
@pytest.mark.parametrize("format", [events, utterances, dialogues])
def test_whatever_a_record_holds_it_is_drafted_or_refused(format, value):
    fields = value if isinstance(value, dict) else {"text": value, "turns": value}

    with contextlib.suppress(NotUsable):
        assert format.drafts(record(**fields), record(**fields))


# ── which format ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "format"),
    [
        ({"conversation_id": "c", "user_input": "hi"}, "events"),
        ({"text": "hi", "intent": "greet"}, "utterances"),
        ({"dialogue_id": "d", "turns": []}, "dialogues"),
        ({"question": "hi"}, None),
    ],
)
def test_a_record_tells_its_format(fields, format):
    assert format_of(record(**fields)) == format


@pytest.mark.parametrize("name", ["x.csv", "x.CSV.gz", "x", "", "x.txt"])
def test_a_table_is_known_by_its_name_or_its_first_line(name):
    stream = stream_of("text,intent\nhi,greet\n")

    (row,) = records(stream, name=name, beginning=b"text,intent", after=START)

    assert row.fields == {"text": "hi", "intent": "greet"}


@pytest.mark.parametrize("beginning", [b'{"text"', b'\xef\xbb\xbf {"text"', b"text?\n", b""])
def test_all_else_is_read_as_objects(beginning):
    (row,) = records(stream_of('{"text": "hi"}'), name="", beginning=beginning, after=START)

    assert row.fields == {"text": "hi"}
