"""What an import cannot use, and how it says how far it is."""

import io
import json

import pytest
from django.core.management import CommandError
from django.utils import timezone

from ingest.management.progress import Progress
from ingest.models import Conversation, Import, IncomingEvent, Tombstone, Turn
from ingest.senders import keeper_of
from tests.ingest.importing import a_dialogue, an_event, import_file, refused_of, write

pytestmark = pytest.mark.django_db


# ── lines that cannot be used ─────────────────────────────────────────────────────────


def test_lines_that_cannot_be_used_are_named_without_what_they_hold(bot, tmp_path):
    rows = [
        an_event(1),
        "secret, not JSON\n",
        an_event(2, confidence="secret"),
        an_event(3, kind="secret"),
        {"user_input": "secret"},
        an_event(4),
    ]
    file = write(tmp_path / "events.jsonl", rows)

    said = import_file(file)

    assert "2 stored" in said
    assert f"Refused: 4 lines; {file}.refused.jsonl says why" in said
    refused = refused_of(file)
    assert [(each["line"], each["field"]) for each in refused] == [
        (2, None),
        (3, "confidence"),
        (4, "kind"),
        (5, "conversation_id"),
    ]
    assert all(each["reason"] for each in refused)
    assert "secret" not in json.dumps(refused)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"text": "x" * 20_001}, "text"),
        ({"text": "hi", "dialogue_id": "d" * 201}, "dialogue_id"),
        ({"text": "hi", "entities": [{"start": 0, "end": 1, "label": ""}]}, "entities.0.label"),
        ({"dialogue_id": "d", "turns": [{"role": "user", "text": "x" * 20_001}]}, "turns.0.text"),
        ({"turns": [{"role": "user", "text": "hi"}]}, "dialogue_id"),
    ],
)
def test_the_field_is_named_as_in_the_file(bot, tmp_path, row, field):
    file = write(tmp_path / "set.jsonl", [row])

    with pytest.raises(CommandError, match="Nothing could be used"):
        import_file(file)

    assert [each["field"] for each in refused_of(file)] == [field]
    assert not Conversation.objects.exists()


def test_where_to_write_refused_lines_can_be_chosen(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(), "no JSON\n"])

    import_file(file, refused=tmp_path / "why.jsonl")

    assert json.loads((tmp_path / "why.jsonl").read_text())["line"] == 2
    assert not (tmp_path / "events.jsonl.refused.jsonl").exists()


def test_refused_lines_that_cannot_be_written_stop_it_before_the_batch_is_stored(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(), "no JSON\n"])

    with pytest.raises(CommandError, match="Choose a --refused file. Nothing was stored."):
        import_file(file, refused=tmp_path / "nowhere" / "why.jsonl")

    assert not IncomingEvent.objects.exists()


def test_an_event_that_says_something_else_than_before_is_refused_alone(bot, tmp_path):
    import_file(write(tmp_path / "one.jsonl", [an_event(n) for n in range(10)]))
    rows = [an_event(n, user_input="other") if n in (3, 7) else an_event(n) for n in range(20)]
    file = write(tmp_path / "two.jsonl", rows)

    said = import_file(file)

    assert "10 stored, 8 known before. Refused: 2 lines" in said
    assert [each["line"] for each in refused_of(file)] == [4, 8]
    assert "stored before with other content" in refused_of(file)[0]["reason"]


def test_of_two_events_with_one_id_in_a_file_the_first_is_kept(bot, tmp_path):
    rows = [an_event(1), an_event(1, user_input="other"), an_event(1)]
    file = write(tmp_path / "events.jsonl", rows)

    said = import_file(file)

    assert "1 stored, 1 known before. Refused: 1 line" in said
    assert Turn.objects.get().text == "number 1"


def test_a_file_of_conflicts_takes_few_statements(bot, tmp_path, django_assert_max_num_queries):
    import_file(write(tmp_path / "one.jsonl", [an_event(n) for n in range(500)]))
    file = write(tmp_path / "two.jsonl", [an_event(n, user_input="other") for n in range(500)])

    with django_assert_max_num_queries(40), pytest.raises(CommandError):
        import_file(file)

    assert len(refused_of(file)) == 500


def test_a_dialogue_of_which_one_turn_is_in_conflict_is_refused_whole(bot, tmp_path):
    dialogue = a_dialogue("d")
    import_file(write(tmp_path / "one.jsonl", [dialogue]), channel="web")
    file = write(tmp_path / "two.jsonl", [dialogue, a_dialogue("e")])

    said = import_file(file, channel="app")

    assert "4 stored, 0 known before. Refused: 1 line" in said


def test_what_the_database_cannot_hold_is_refused_alone(bot, tmp_path):
    # Tokens are longer than the shortest addresses.
    grows = " ".join(["a@b.co"] * 17)
    rows = [an_event(n, intent_detected=grows if n == 5 else "ok") for n in range(20)]
    file = write(tmp_path / "events.jsonl", rows)

    said = import_file(file)

    assert "19 stored" in said
    assert [each["line"] for each in refused_of(file)] == [6]


def test_events_of_somebody_who_was_erased_are_left_out_and_counted(bot, tmp_path):
    rows = [an_event(n, user_id="ana" if n < 3 else "ben") for n in range(10)]
    file = write(tmp_path / "events.jsonl", rows)
    from accounts.pseudonyms import pseudonym

    ana = pseudonym("ana", salt=keeper_of(bot).salt)
    Tombstone.objects.create(bot=bot, subject=ana, erased_at=timezone.now())

    said = import_file(file)

    assert "7 stored, 0 known before, 3 left out because somebody was erased" in said


# ── files that cannot be used ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n", "look like no format"),
        (b'{"question": "hi"}\n' * 50, "look like no format"),
        (b"no JSON\n" * 5, "look like no format"),
    ],
)
def test_a_file_of_no_known_format_is_refused(bot, tmp_path, content, sentence):
    file = tmp_path / "file.jsonl"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        import_file(file)

    assert not Import.objects.exists()


def test_the_format_can_be_said(bot, tmp_path):
    file = write(tmp_path / "file.jsonl", ["no JSON\n"] * 3)

    with pytest.raises(CommandError, match="Nothing could be used. .* Refused: 3 lines"):
        import_file(file, format="events")


def test_the_first_good_line_tells_the_format(bot, tmp_path):
    file = write(tmp_path / "file.jsonl", ["no JSON\n", {"other": 1}, {"text": "hi"}])

    said = import_file(file)

    assert "2 stored, 0 known before. Refused: 2 lines" in said


def test_a_file_that_is_not_there_is_said(bot, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: no such file"):
        import_file(tmp_path / "nothing.jsonl")


def test_a_bot_that_is_not_there_is_said(bot, tmp_path):
    with pytest.raises(CommandError, match="There is no bot shop. Bots: bank-bot."):
        import_file(write(tmp_path / "events.jsonl", [an_event()]), bot="shop")


def test_a_channel_that_no_event_could_have_is_said_at_once(bot, tmp_path):
    with pytest.raises(CommandError, match="--channel"):
        import_file(write(tmp_path / "events.jsonl", [an_event()]), channel="x" * 41)


def test_of_a_packed_file_that_was_cut_off_the_beginning_is_stored(bot, tmp_path):
    file = write(tmp_path / "events.jsonl.gz", [an_event(n) for n in range(3000)], pack=True)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(CommandError, match="cannot be read: .*Everything up to line .* is stored"):
        import_file(file)

    assert 500 < IncomingEvent.objects.count() < 3000


# ── how far it is ─────────────────────────────────────────────────────────────────────


class Terminal(io.StringIO):
    def write(self, text, style_func=None, ending=None):
        return super().write(text)

    def isatty(self):
        return True


class Log(Terminal):
    def isatty(self):
        return False


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("out", "every"), [(Terminal, 0.5), (Log, 10)])
def test_progress_is_said_from_time_to_time(out, every):
    out, clock = out(), Clock()
    progress = Progress(out, total=1000, clock=clock)

    for position in range(100):
        clock.now += every / 10
        progress.show(position=position, events=50)

    assert 9 <= out.getvalue().count("events") <= 10


def shown(out, *, total, at):
    """What is written when it is so far after a minute; it began with a quarter done before."""
    clock = Clock()
    progress = Progress(out, total=total, clock=clock)
    progress.show(position=250, events=1000)
    clock.now = 60
    progress.show(position=at, events=7000)
    progress.end()
    return out.getvalue()


def test_a_terminal_shows_one_line_with_the_time_that_is_left():
    line = " 60% ██████████████░░░░░░░░░░ · 7,000 events, 100 a second · 1 min 8 s left"

    assert shown(Terminal(), total=1000, at=600) == f"\r\033[K{line}\r\033[K"


def test_a_log_has_a_line_without_a_bar():
    line = "3% · 7,000 events, 100 a second · 2 h 47 min left\n"

    assert shown(Log(), total=10_000, at=308) == line


def test_of_a_pipe_nobody_knows_what_is_left():
    assert shown(Log(), total=None, at=0) == "7,000 events, 100 a second\n"


@pytest.mark.parametrize("name", ["events.jsonl", "notes.txt"])
def test_a_file_that_holds_something_else_is_not_written_over(bot, tmp_path, name):
    file = write(tmp_path / "events.jsonl", [an_event()])
    (tmp_path / "notes.txt").write_text("not to be lost\n")
    before = (tmp_path / name).read_bytes()

    with pytest.raises(CommandError, match="holds something else"):
        import_file(file, refused=tmp_path / name)

    assert (tmp_path / name).read_bytes() == before
    assert not Turn.objects.exists()


def test_the_report_of_an_earlier_import_is_written_anew(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(), "no json\n"])
    import_file(file)

    import_file(file, again=True)

    assert [each["line"] for each in refused_of(file)] == [2]
