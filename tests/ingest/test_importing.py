"""Events, utterances and dialogues of a file become turns."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ingest.models import Conversation, Feedback, IncomingEvent, Turn
from jobs.models import Job, Process
from tests.ingest.importing import a_dialogue, an_event, import_file, read_until_killed, write

pytestmark = pytest.mark.django_db


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
