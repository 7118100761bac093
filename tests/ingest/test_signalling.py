"""Signals of stored conversations: when they are found, and what is left alone."""

import random
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from prometheus_client import REGISTRY

from ingest import searching, signalling, transcribing
from ingest.models import Conversation, Feedback, IntakeSettings, SearchEntry, Signal, Turn
from tests.ingest.talking import add_turn, key_number, make_conversation

UNSURE = {"confidence": 0.2, "intent": "card_lost", "text": "my wallet is gone"}
SURE = {"confidence": 0.9, "intent": "hello", "text": "hello"}


def stored(conversation):
    rows = Signal.objects.filter(conversation=conversation)
    return sorted(rows.values_list("kind", "turn__at", "weight", "sentence"))


def matching(words):
    query = "SELECT conversation_id FROM ingest_searchentry WHERE words @@ to_tsquery('simple', %s)"
    with connection.cursor() as cursor:
        cursor.execute(query, [words])
        return [row[0] for row in cursor.fetchall()]


def test_a_due_conversation_gets_its_signals_and_is_due_no_more(bot):
    conversation = make_conversation(
        bot,
        turns=[SURE, UNSURE | {"at": 1, "error": "timeout"}],
        feedback=[{"at": 2, "thumb": "down"}],
    )

    assert signalling.find_signals(bot) == 1

    conversation.refresh_from_db()
    assert conversation.signals == ["bot_error", "low_confidence", "thumbs_down"]
    assert conversation.weight == pytest.approx(0.7 + 0.5 + 0.8)
    assert conversation.due_since is None
    assert [kind for kind, *_ in stored(conversation)] == conversation.signals
    assert Signal.objects.filter(bot=bot, at=conversation.last_at - timedelta(minutes=1)).count()


def test_a_conversation_that_is_not_due_is_left_alone(bot):
    make_conversation(bot, turns=[UNSURE], due_since=None)

    assert signalling.find_signals(bot) == 0
    assert not Signal.objects.exists()


def test_another_bots_conversations_are_left_alone(bot, other_bot):
    make_conversation(other_bot, turns=[UNSURE])

    assert signalling.find_signals(bot) == 0
    assert Conversation.objects.of(other_bot).due().exists()


def test_a_conversation_without_turns_is_done_too(bot):
    conversation = make_conversation(bot, feedback=[{"thumb": "down"}])

    signalling.find_signals(bot)

    conversation.refresh_from_db()
    assert (conversation.signals, conversation.weight, conversation.due_since) == ([], 0, None)


def test_signals_that_do_not_hold_any_more_are_gone_and_the_others_keep_their_row(bot):
    conversation = make_conversation(bot, turns=[UNSURE | {"error": "timeout"}])
    signalling.find_signals(bot)
    kept = Signal.objects.get(kind="low_confidence").pk
    Turn.objects.update(error="")

    Conversation.objects.update(due_since=timezone.now())
    signalling.find_signals(bot)

    conversation.refresh_from_db()
    assert conversation.signals == ["low_confidence"]
    assert list(Signal.objects.values_list("pk", "kind")) == [(kept, "low_confidence")]


def test_weights_and_thresholds_of_the_bot_are_used(bot):
    IntakeSettings.objects.create(
        bot=bot, signals={"low_confidence": {"weight": 0.25, "threshold": 0.95}}
    )
    conversation = make_conversation(bot, turns=[SURE])

    signalling.find_signals(bot)

    assert stored(conversation) == [
        ("low_confidence", conversation.started_at, 0.25,
         "The bot was 0.90 sure of hello, less than 0.95.")
    ]  # fmt: skip


def test_the_order_in_which_rows_came_does_not_matter(bot):
    draw = random.Random(3)
    turns = [
        {"key": key_number(7000 + place), "at": place // 2, "confidence": draw.random(),
         "text": draw.choice(["my card is gone", "where is my card"])}
        for place in range(12)
    ]  # fmt: skip
    said = [
        {"key": key_number(8000 + place), "at": place, "rating": draw.randrange(1, 6)}
        for place in range(6)
    ]
    found = []
    for _ in range(4):
        draw.shuffle(turns)
        draw.shuffle(said)
        conversation = make_conversation(bot, turns=turns, feedback=said, outcome="abandoned")
        signalling.find_signals(bot)
        found.append(stored(conversation))
        for rows in (Signal, SearchEntry, Turn, Feedback):
            rows.objects.all().delete()
        conversation.events.all().delete()

    assert found[0] != []
    assert found == [found[0]] * 4


# ── what changes meanwhile ────────────────────────────────────────────────────────────


def just_before_writing(happens):
    """A way of writing that lets something happen once, after everything was read."""
    left = [happens]

    @contextmanager
    def writing():
        if left:
            left.pop()()
        with transaction.atomic():
            yield

    return writing


def test_what_came_meanwhile_is_looked_at_in_the_next_run(bot):
    conversation = make_conversation(bot, turns=[SURE])

    def another_turn():
        add_turn(conversation, at=1, **UNSURE)
        Conversation.objects.update(changes=2)

    signalling.find_signals(bot, writing=just_before_writing(another_turn))
    done = signalling.find_signals(bot)

    conversation.refresh_from_db()
    assert done == 1
    assert (conversation.signals, conversation.due_since) == (["low_confidence"], None)


def test_one_that_became_due_meanwhile_is_left_for_the_next_run(bot):
    make_conversation(bot, turns=[SURE])

    def another():
        make_conversation(bot, turns=[UNSURE])

    done = signalling.find_signals(bot, writing=just_before_writing(another))

    assert done == 1
    assert Conversation.objects.of(bot).due().count() == 1


def test_a_conversation_that_was_deleted_meanwhile_breaks_nothing(bot):
    gone = make_conversation(bot, turns=[UNSURE])
    kept = make_conversation(bot, turns=[UNSURE])

    def delete():
        gone.turns.all().delete()
        gone.events.all().delete()
        gone.delete()

    done = signalling.find_signals(bot, writing=just_before_writing(delete))

    assert done == 1
    assert [kind for kind, *_ in stored(kept)] == ["low_confidence"]


def test_batches_go_on_until_nothing_is_due(bot, monkeypatch):
    monkeypatch.setattr(transcribing, "AT_ONCE", 3)
    for _ in range(8):
        make_conversation(bot, turns=[UNSURE])
    told = []

    done = signalling.find_signals(bot, on_progress=lambda *said: told.append(said))

    assert done == 8
    assert [(n, total) for n, total, _ in told] == [(3, 8), (6, 8), (8, 8)]
    assert not Conversation.objects.due().exists()


def test_a_batch_holds_no_more_turns_than_fit(bot, monkeypatch):
    monkeypatch.setattr(transcribing, "MOST_TURNS", 3)
    for turns in (2, 1, 2, 5):
        make_conversation(bot, turns=[{"at": place} for place in range(turns)])
    told = []

    signalling.find_signals(bot, on_progress=lambda done, *_: told.append(done))

    assert told == [2, 3, 4]


def test_the_time_from_acknowledgement_to_signals_is_measured(bot):
    def total():
        return REGISTRY.get_sample_value("learnloop_signal_lag_seconds_sum") or 0.0

    make_conversation(bot, turns=[SURE], due_since=timezone.now() - timedelta(seconds=90))
    before = total()

    signalling.find_signals(bot)

    assert 90 <= total() - before < 120


def test_a_batch_takes_the_same_queries_whatever_its_size(bot, django_assert_num_queries):
    for _ in range(20):
        make_conversation(bot, turns=[UNSURE] * 3, feedback=[{"rating": 1}])

    # Newest, count; a batch, the settings, its turns, its feedback; savepoint and back, four
    # writes; five by the queue, which notes them and asks for its job; the look that finds nothing.
    with django_assert_num_queries(18):
        signalling.find_signals(bot)


# ── again, after settings changed ─────────────────────────────────────────────────────


def test_conversations_of_the_last_month_are_marked_again(bot, other_bot, monkeypatch):
    monkeypatch.setattr(signalling, "MARKED_AT_ONCE", 2)
    now = timezone.now()
    for age in (0, 1, 29, 31):
        make_conversation(bot, start=now - timedelta(days=age), due_since=None)
    make_conversation(other_bot, start=now, due_since=None)

    assert signalling.find_again(bot) == 3

    due = Conversation.objects.due()
    assert {each.bot for each in due} == {bot}
    assert all(each.started_at > now - timedelta(days=30) for each in due)
    assert {each.changes for each in due} == {2}


def test_what_is_due_already_stays_due_since_then(bot):
    long_ago = timezone.now() - timedelta(hours=1)
    make_conversation(bot, start=timezone.now(), due_since=long_ago)

    signalling.find_again(bot)

    assert Conversation.objects.get().due_since == long_ago


def test_settings_that_change_meanwhile_are_used_in_the_end(bot):
    conversation = make_conversation(bot, start=timezone.now(), turns=[UNSURE])

    def change():
        IntakeSettings.objects.create(bot=bot, signals={"low_confidence": {"weight": 0.1}})
        signalling.find_again(bot)

    signalling.find_signals(bot, writing=just_before_writing(change))
    signalling.find_signals(bot)

    assert [weight for _, _, weight, _ in stored(conversation)] == [0.1]


# ── words ─────────────────────────────────────────────────────────────────────────────


def test_a_conversation_is_found_by_words_of_both_sides(bot):
    conversation = make_conversation(
        bot, turns=[{"text": "Wallet verloren", "response": "In welcher Straße?"}]
    )

    signalling.find_signals(bot)

    assert matching("wallet & straße") == [conversation.pk]
    assert matching("purse") == []
    assert SearchEntry.objects.get().started_at == conversation.started_at


def test_words_of_turns_that_are_gone_are_not_found_any_more(bot):
    make_conversation(bot, turns=[{"text": "wallet"}, {"at": 1, "text": "purse"}])
    signalling.find_signals(bot)
    Turn.objects.filter(text="purse").delete()

    Conversation.objects.update(due_since=timezone.now())
    signalling.find_signals(bot)

    assert matching("wallet")
    assert not matching("purse")


def rare_words(number, *, seed):
    """Hyphenated words of letters that take four bytes each, all different."""
    draw = random.Random(seed)

    def letters():
        return "".join(chr(draw.randrange(0x20000, 0x2A000)) for _ in range(2))

    return " ".join(f"{letters()}-{letters()}" for _ in range(number))


def test_no_conversation_has_too_many_words_for_the_search(bot):
    """More than a tsvector holds, if all of them were kept."""
    texts = [rare_words(3300, seed=place) for place in range(12)]
    turns = [{"at": 1 + place, "text": text} for place, text in enumerate(texts)]
    conversation = make_conversation(bot, turns=[{"text": "wallet"}, *turns])

    signalling.find_signals(bot)

    assert matching("wallet") == [conversation.pk]


def test_an_endless_word_is_left_out_of_the_search(bot):
    conversation = make_conversation(bot, turns=[{"text": "wallet " + "x" * 19_000}])

    signalling.find_signals(bot)

    assert matching("wallet") == [conversation.pk]


def test_only_the_beginning_of_an_endless_conversation_is_searched(bot, monkeypatch):
    monkeypatch.setattr(searching, "MOST_CHARACTERS", 50)
    make_conversation(
        bot, turns=[{"at": place, "text": f"word{place} and other things"} for place in range(9)]
    )

    signalling.find_signals(bot)

    assert matching("word0")
    assert not matching("word8")


def test_a_conversation_that_changes_meanwhile_waits_behind_the_others(bot, monkeypatch):
    busy = make_conversation(bot, turns=[UNSURE])
    other = make_conversation(bot, turns=[SURE])
    due = {each.pk: each.due_since for each in Conversation.objects.all()}
    look = signalling.signals_of

    def look_while_it_changes(*args, **more):
        Conversation.objects.filter(pk=busy.pk).update(changes=F("changes") + 1)
        return look(*args, **more)

    monkeypatch.setattr(signalling, "signals_of", look_while_it_changes)

    signalling.find_signals(bot)

    busy.refresh_from_db()
    other.refresh_from_db()
    assert other.due_since is None
    assert busy.due_since > max(due.values())
