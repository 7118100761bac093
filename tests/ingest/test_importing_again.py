"""A file that is read again, in parts, or from standard input."""

import json
import sys

import pytest
from django.db import connection

from ingest import importing
from ingest.adapters.opening import Source
from ingest.import_batches import ReadElsewhere
from ingest.importing import Wishes
from ingest.models import Conversation, Import, Turn
from ingest.refused_lines import RefusedLines
from tests.ingest.importing import an_event, import_file, read_until_killed, refused_of, write

pytestmark = pytest.mark.django_db


# ── again ─────────────────────────────────────────────────────────────────────────────


def test_a_file_that_was_read_is_not_read_again_unless_asked_for(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(n, event_id=None) for n in range(20)])
    import_file(file)

    said = import_file(file)
    said_again = import_file(file, again=True)

    assert "was read in before. Events: 20 stored" in said
    assert "0 stored, 20 known before" in said_again
    assert (Import.objects.count(), Turn.objects.count()) == (1, 20)


def test_the_same_events_in_another_file_are_known(bot, tmp_path):
    rows = [an_event(n) for n in range(20)]
    import_file(write(tmp_path / "events.jsonl", rows))

    said = import_file(write(tmp_path / "packed.jsonl.gz", rows, pack=True))

    assert "0 stored, 20 known before" in said


def test_a_file_that_has_grown_brings_what_is_new(bot, tmp_path):
    rows = [an_event(n) for n in range(20)]
    import_file(write(tmp_path / "events.jsonl", rows))

    said = import_file(write(tmp_path / "events.jsonl", [*rows, an_event(20)]))

    assert "1 stored, 20 known before" in said


def test_two_bots_read_the_same_file_each_for_itself(bot, other_bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event()])

    import_file(file)
    said = import_file(file, bot="travel-bot")

    assert "1 stored, 0 known before" in said


# ── going on ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pack", [False, True])
def test_a_killed_import_goes_on_where_it_was(bot, tmp_path, pack):
    rows = ["no JSON\n" if n % 100 == 7 else an_event(n) for n in range(2500)]
    file = write(tmp_path / "events.jsonl", rows, pack=pack)
    read_until_killed(file, bot, batches=1)

    said = import_file(file)

    assert "Going on after line 1,000." in said
    assert "2,475 stored, 0 known before. Refused: 25 lines" in said
    assert Turn.objects.count() == sum(Conversation.objects.values_list("turn_count", flat=True))
    assert [each["line"] for each in refused_of(file)] == list(range(8, 2501, 100))


def test_a_killed_import_of_a_table_goes_on_in_its_middle(bot, tmp_path):
    rows = [f'c-{n},"{n}\nx"\n' for n in range(1500)]
    file = write(tmp_path / "events.csv", ["conversation_id,user_input\n", *rows])
    read_until_killed(file, bot, batches=1)

    said = import_file(file)

    assert "Going on after line 2,001." in said
    assert "1,500 stored, 0 known before. Refused: 0" in said


def test_what_was_written_of_a_batch_that_was_not_stored_is_written_once(bot, tmp_path):
    rows = ["no JSON\n" if n in (3, 1700) else an_event(n) for n in range(2500)]
    file = write(tmp_path / "events.jsonl", rows)
    read_until_killed(file, bot, batches=1)
    with file.with_name("events.jsonl.refused.jsonl").open("a") as left:
        left.write('{"line": 1701, "field": null, "rea')

    import_file(file)

    assert [each["line"] for each in refused_of(file)] == [4, 1701]


def test_it_goes_on_though_the_refused_lines_were_taken_away(bot, tmp_path):
    rows = ["no JSON\n" if n in (3, 1700) else an_event(n) for n in range(2500)]
    file = write(tmp_path / "events.jsonl", rows)
    read_until_killed(file, bot, batches=1)
    file.with_name("events.jsonl.refused.jsonl").unlink()

    import_file(file)

    assert [each["line"] for each in refused_of(file)] == [1701]


def test_of_two_runs_over_one_file_one_goes_on(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(n) for n in range(10)])
    refused = RefusedLines(tmp_path / "refused.jsonl")
    sources = [Source(str(file)) for _ in range(2)]
    slow, quick = [importing.begin(each, bot=bot, wishes=Wishes()) for each in sources]

    importing.run(quick, refused=refused, watch=lambda _: None)
    with pytest.raises(ReadElsewhere):
        importing.run(slow, refused=refused, watch=lambda _: None)

    for each in sources:
        each.close()
    assert Import.objects.get().accepted == 10


def test_with_debugging_on_statements_do_not_pile_up(bot, tmp_path, settings):
    settings.DEBUG = True
    file = write(tmp_path / "events.jsonl", [an_event(n) for n in range(3000)])

    import_file(file)

    assert len(connection.queries) < 10


# ── standard input ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pack", [False, True])
def test_standard_input_is_read_and_known_the_second_time(bot, tmp_path, monkeypatch, pack):
    monkeypatch.chdir(tmp_path)
    rows = ["no JSON\n", *(an_event(n, event_id=None) for n in range(5))]
    file = write(tmp_path / "events", rows, pack=pack)

    def pipe():
        with file.open() as stdin, monkeypatch.context() as piped:
            piped.setattr(sys, "stdin", stdin)
            return import_file("-")

    first, second = pipe(), pipe()

    assert "5 stored, 0 known before. Refused: 1 line; import.refused.jsonl says why" in first
    assert "0 stored, 5 known before" in second
    assert json.loads((tmp_path / "import.refused.jsonl").read_text())["line"] == 1
