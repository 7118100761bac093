"""./loop import_events"""

import gzip
import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ingest import importing
from ingest.adapters.opening import Source
from ingest.import_batches import ReadElsewhere
from ingest.importing import Wishes
from ingest.management.progress import Progress
from ingest.models import Conversation, Feedback, Import, IncomingEvent, Tombstone, Turn
from ingest.refused_lines import RefusedLines
from ingest.senders import keeper_of
from jobs.models import Job, Process

pytestmark = pytest.mark.django_db


class Killed(Exception):
    """Stands for the end of the process between two batches."""


def write(path, rows, *, pack=False):
    content = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(content.encode()) if pack else content.encode())
    return path


def an_event(number=1, **fields):
    return {
        "event_id": f"e-{number}",
        "conversation_id": f"c-{number // 5}",
        "timestamp": "2026-05-09T14:02:11Z",
        "user_input": f"number {number}",
    } | fields


def import_file(path, *, bot="bank-bot", **options):
    said = io.StringIO()
    call_command("import_events", str(path), bot=bot, stdout=said, **options)
    return said.getvalue()


def refused_of(path):
    lines = path.with_name(f"{path.name}.refused.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def read_until_killed(path, bot, *, batches, **wishes):
    """Store some batches of `path`, and no more."""
    left = iter(range(batches - 1))

    def watch(_):
        if next(left, None) is None:
            raise Killed

    source = Source(str(path))
    begun = importing.begin(source, bot=bot, wishes=Wishes(**wishes))
    refused = RefusedLines(path.with_name(f"{path.name}.refused.jsonl"))
    with pytest.raises(Killed):
        importing.run(begun, refused=refused, watch=watch)
    source.close()


# ── what is stored ────────────────────────────────────────────────────────────────────


def test_events_of_a_file_become_turns_of_their_conversations(bot, tmp_path):
    file = write(
        tmp_path / "events.jsonl",
        [
            an_event(1, intent_detected="lost_card", confidence=0.4),
            an_event(2, kind="feedback", feedback={"thumb": "down"}, about="e-1"),
            an_event(3, kind="escalation"),
        ],
    )

    said = import_file(file)

    assert "3 stored, 0 known before" in said
    conversation = Conversation.objects.get()
    assert (conversation.outcome, conversation.intents) == ("escalated", ["lost_card"])
    assert Turn.objects.get().at == datetime(2026, 5, 9, 14, 2, 11, tzinfo=UTC)
    assert Feedback.objects.get().thumb == "down"


def test_a_table_of_events_becomes_turns(bot, tmp_path):
    file = write(
        tmp_path / "events.csv",
        [
            "conversation_id,user_input,bot_response,confidence,timestamp\n",
            'c-1,"one, two",yes,0.5,2026-05-09T14:02:11Z\n',
            "c-1,three,,,2026-05-09T14:03:11Z\n",
        ],
    )

    import_file(file)

    turns = Turn.objects.in_order().values_list("text", "response", "confidence")
    assert list(turns) == [("one, two", "yes", 0.5), ("three", "", None)]


def test_personal_data_is_taken_out_before_it_is_stored(bot, tmp_path):
    file = write(tmp_path / "events.jsonl", [an_event(user_input="write to ana@example.com")])

    import_file(file)

    assert Turn.objects.get().text == "write to ⟨email⟩"


def test_utterances_are_conversations_that_ended_without_what_people_decided(bot, tmp_path):
    entities = [{"start": 3, "end": 7, "label": "city"}]
    row = {"text": "to Rome", "intent": "travel", "split": "train", "entities": entities}
    file = write(tmp_path / "set.jsonl", [row, row])

    import_file(file)

    assert list(Conversation.objects.values_list("outcome", "intents", "channel")) == [
        ("closed", [], "import"),
        ("closed", [], "import"),
    ]
    assert {turn.intent for turn in Turn.objects.all()} == {""}
    assert Turn.objects.all()[0].entities == [
        {"type": "city", "value": "Rome", "start": 3, "end": 7}
    ]


def test_utterances_of_a_dialogue_are_in_the_order_of_their_turns_though_rows_lie_apart(
    bot, tmp_path
):
    rows = [("d", 4, "three"), ("e", 0, "other"), ("d", 0, "one"), ("d", 2, "two"), ("e", 1, "end")]
    file = write(
        tmp_path / "set.jsonl",
        [{"text": text, "dialogue_id": name, "turn": turn} for name, turn, text in rows],
    )

    import_file(file)

    dialogue = Conversation.objects.get(name="d")
    assert [turn.text for turn in dialogue.turns.in_order()] == ["one", "two", "three"]
    assert dialogue.last_at - dialogue.started_at == timedelta(minutes=5)
    assert IncomingEvent.objects.filter(kind="closed").count() == 2


def test_utterances_of_a_dialogue_without_numbers_keep_the_order_of_the_file(bot, tmp_path):
    words = ["one", "two", "three", "four", "five"]
    file = write(tmp_path / "set.jsonl", [{"text": word, "dialogue_id": "d"} for word in words])

    import_file(file)

    assert [turn.text for turn in Turn.objects.in_order()] == words


def test_a_dialogue_is_a_conversation_that_ended(bot, tmp_path):
    turns = [("bot", "welcome"), ("user", "hi"), ("action", "looked up"), ("bot", "hello")]
    messages = [{"role": role, "text": text} for role, text in turns]
    file = write(tmp_path / "set.jsonl", [{"dialogue_id": "d-1", "turns": messages}])

    import_file(file, channel="web", language="en")

    conversation = Conversation.objects.get(name="d-1")
    assert (conversation.outcome, conversation.channel, conversation.language) == (
        "closed",
        "web",
        "en",
    )
    said = conversation.turns.in_order().values_list("text", "response", "dialog_state")
    assert list(said) == [("", "welcome", {}), ("hi", "hello", {"actions": ["looked up"]})]


def test_the_search_for_signals_is_asked_for(bot, tmp_path):
    import_file(write(tmp_path / "events.jsonl", [an_event()]))

    assert Job.objects.filter(kind="find_signals", bot=bot).count() == 1


def test_without_a_worker_it_says_that_signals_wait(bot, tmp_path):
    one = import_file(write(tmp_path / "one.jsonl", [an_event(1)]))
    Process.objects.create(name="worker-1", role=Process.Role.WORKER)
    two = import_file(write(tmp_path / "two.jsonl", [an_event(2)]))

    assert "after the next ./loop up" in one
    assert "./loop up" not in two


# ── times of files that have none ─────────────────────────────────────────────────────


def a_dialogue(name, *, turns=3):
    messages = [{"role": "user", "text": f"{name} {number}"} for number in range(turns)]
    return {"dialogue_id": name, "turns": messages}


def test_conversations_without_times_lie_in_the_week_before(bot, tmp_path):
    now = timezone.now()

    import_file(write(tmp_path / "set.jsonl", [a_dialogue(f"d-{n}") for n in range(50)]))

    starts = sorted(Conversation.objects.values_list("started_at", flat=True))
    assert now - timedelta(days=7, seconds=1) <= starts[0]
    assert starts[-1] < now
    assert starts[-1] - starts[0] > timedelta(days=4)


def test_turns_without_times_are_a_minute_apart(bot, tmp_path):
    import_file(write(tmp_path / "set.jsonl", [a_dialogue("d")]))

    one, two, three = Turn.objects.in_order().values_list("at", flat=True)
    assert two - one == three - two == timedelta(minutes=1)


def test_times_depend_on_the_start_and_the_content_alone(bot, other_bot, tmp_path):
    dialogues = [a_dialogue(f"d-{n}") for n in range(5)]
    file = write(tmp_path / "set.jsonl", dialogues)
    start = datetime(2026, 1, 1, tzinfo=UTC)

    import_file(file, starting=start)
    import_file(file, starting=start, bot="travel-bot")

    def times(owner):
        return list(Turn.objects.of(owner).order_by("text").values_list("text", "at"))

    assert times(bot) == times(other_bot)
    assert times(bot)[0][1] >= start


def test_a_file_without_times_that_is_read_at_another_time_is_known(bot, tmp_path):
    file = write(tmp_path / "set.jsonl", [a_dialogue("d")])
    import_file(file)
    before = list(Turn.objects.in_order().values_list("at", flat=True))

    said = import_file(file, again=True, starting=datetime(2026, 1, 1, tzinfo=UTC))

    assert "0 stored, 4 known before. Refused: 0" in said
    assert list(Turn.objects.in_order().values_list("at", flat=True)) == before


def test_a_run_that_goes_on_keeps_the_start_of_the_first(bot, tmp_path):
    rows = [{"text": f"{n}", "dialogue_id": "d", "turn": n % 1000} for n in range(1500)]
    file = write(tmp_path / "set.jsonl", rows)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    read_until_killed(file, bot, batches=1, starting=start)

    import_file(file)

    conversation = Conversation.objects.get()
    assert conversation.last_at - conversation.started_at == timedelta(minutes=999)


def test_a_start_that_would_reach_into_the_future_is_refused(bot, tmp_path):
    file = write(tmp_path / "set.jsonl", [a_dialogue("d")])
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()

    with pytest.raises(CommandError, match="must lie that long back"):
        call_command("import_events", str(file), "--bot", "bank-bot", "--starting", yesterday)


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
