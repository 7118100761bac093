"""What becomes of datasets, golden cases and versions when intents are changed."""

import numpy as np
import pytest

from annotation.models import IntentChange
from annotation.refactoring import beginning, previewing, splitting
from jobs import requesting, work
from tests.annotation.changing import merge, undo
from tests.annotation.changing import work as work_on
from tests.factories import make_intent
from tests.training.learning import run_of, sentences
from tests.training.saying import label, label_many
from tests.training.test_judging import put_live
from training import (
    asking,
    carrying,
    differing,
    golden,
    naming,
    rescoring,
    surveying,
    triggers,
)
from training.differing import Change
from training.freezing import freeze
from training.jobs import request_freezing
from training.models import DatasetVersion, GoldenCase

EXACT = GoldenCase.Kind.EXACT


def changes(older, newer, change=Change.RELABELLED):
    page = differing.page(older, newer, change=change, after=0)
    return [(row.text, row.was.name, row.now.name) for row in page.rows], dict(page.counted)


# ── datasets ──────────────────────────────────────────────────────────────────────────


def test_what_was_merged_is_shown_as_relabelled(bot, annotator, reviewer, lisbon, lost, stolen):
    label(bot, annotator, "hello", make_intent(bot, "greeting"))
    first = freeze(bot, by=annotator)
    merge(lost, stolen, by=reviewer)

    second = freeze(bot, by=annotator)

    rows, counted = changes(first, second)
    assert rows == [("I left my card in Lisbon", "card_lost", "card_stolen")]
    assert (counted[Change.ADDED], counted[Change.REMOVED]) == (0, 0)


def test_what_was_renamed_is_named_and_not_relabelled(bot, annotator, reviewer, lisbon, lost):
    first = freeze(bot, by=annotator)
    beginning.rename(lost, "card_missing", by=reviewer)

    second = freeze(bot, by=annotator)

    page = differing.page(first, second, change=Change.RELABELLED, after=0)
    assert page.rows == []
    assert page.renamed == [differing.Renamed("card_lost", "card_missing")]


def test_after_undoing_a_version_says_what_the_first_one_said(
    bot, annotator, reviewer, lisbon, lost, stolen
):
    label(bot, annotator, "hello", make_intent(bot, "greeting"))
    first = freeze(bot, by=annotator)
    change = merge(lost, stolen, by=reviewer)
    freeze(bot, by=annotator)
    undo(change, by=reviewer)

    third = freeze(bot, by=annotator)

    assert third.content_hash == first.content_hash
    assert changes(first, third) == ([], dict.fromkeys(Change, 0))


def test_what_was_merged_has_not_grown(bot, annotator, reviewer):
    five = [make_intent(bot, f"about_{each}") for each in "abcde"]
    for each in five:
        label_many(bot, annotator, each, 30)
    freeze(bot, by=annotator)
    merge(five[0], five[1], by=reviewer)
    for each in five[1:]:
        label_many(bot, annotator, each, 2, words="now and then")

    version = freeze(bot, by=annotator)

    assert version.intents.get(intent=five[1]).train_count == 62
    assert not version.intents.exclude(expected=None).exists()


def test_nothing_is_frozen_while_labels_move(bot, annotator, reviewer, engineer, lisbon, lost):
    change = beginning.merge(lost, make_intent(bot), by=reviewer)
    job = request_freezing(bot, by=engineer)

    work.run(job.pk)
    job.refresh_from_db()
    assert job.state == "queued"

    requesting.cancel(change.job)
    type(job).objects.filter(pk=job.pk).update(run_after=job.created_at)
    work.run(job.pk)
    job.refresh_from_db()
    assert (job.state, DatasetVersion.objects.count()) == ("failed", 0)
    assert "the merge of the intent “card_lost” stopped half way" in job.error


def test_labels_that_moved_are_no_new_labels(bot, annotator, reviewer, lisbon, lost, stolen):
    new = triggers.new_labels(bot, most=100)
    merge(lost, stolen, by=reviewer)

    assert triggers.new_labels(bot, most=100) == new - 1


def test_an_old_name_that_a_bot_said_is_no_mistake_of_it(bot, annotator, reviewer, lisbon, lost):
    first = freeze(bot, by=annotator)
    label(bot, annotator, "gone with the wind", lost, turn={"intent": "Card_Lost"})
    beginning.rename(lost, "card_missing", by=reviewer)
    label(bot, annotator, "gone for ever", lost, turn={"intent": "card_stolen"})

    second = freeze(bot, by=annotator)

    assert surveying.corrections(second, since=first).texts == ["gone for ever"]


# ── golden cases ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def cases(bot, reviewer, lisbon, lost):
    """A golden case of a turn of card_lost, and one that somebody typed."""
    return [
        golden.keep_turn(bot, lisbon[0].turn_id, by=reviewer),
        golden.keep(bot, by=reviewer, kind=EXACT, texts=["my card"], intent=lost, must_pass=True),
    ]


def in_use():
    rows = GoldenCase.objects.in_use().order_by("texts")
    return [(case.texts[0], case.intent.name, case.must_pass) for case in rows]


def test_golden_cases_go_along_with_a_merge_and_come_back(cases, reviewer, lost, stolen):
    before = list(GoldenCase.objects.in_use().order_by("pk").values())
    figures = {each.label: each.number for each in previewing.of_merge(lost, stolen).figures}
    assert figures["Golden cases"] == 2

    change = merge(lost, stolen, by=reviewer)
    assert in_use() == [
        ("I left my card in Lisbon", "card_stolen", False), ("my card", "card_stolen", True),
    ]  # fmt: skip
    undo(change, by=reviewer)

    assert list(GoldenCase.objects.in_use().order_by("pk").values()) == before


def test_of_a_split_those_go_along_whose_turn_does(cases, lisbon, reviewer, lost):
    change = splitting.draft(lost, "card_eaten", by=reviewer)
    splitting.pick_all(change, words="Lisbon")
    splitting.split(change, by=reviewer, ask_again=False)

    work_on(change)

    assert in_use() == [
        ("I left my card in Lisbon", "card_eaten", False), ("my card", "card_lost", True),
    ]  # fmt: skip


def test_a_case_that_was_archived_since_stays_so(cases, reviewer, lost, stolen):
    change = merge(lost, stolen, by=reviewer)
    golden.archive(GoldenCase.objects.in_use().get(texts=["my card"]), by=reviewer)

    undone = undo(change, by=reviewer)

    assert in_use() == [("I left my card in Lisbon", "card_lost", False)]
    assert undone.told == [carrying.STAYS.format(name="card_lost")]


# ── versions that learned the old names ───────────────────────────────────────────────


def test_a_version_answers_with_the_names_of_now(trainable, intents, reviewer):
    version = run_of(trainable, by=reviewer, seed=7).version
    lost, refund, loan = intents
    beginning.rename(loan, "credit", by=reviewer)
    merge(lost, refund, by=reviewer)
    texts = [*sentences("card_lost", 3), *sentences("loan", 3)]

    asked = asking.ready(trainable, version)
    answers, proba = asked.of_new(texts)

    assert sorted(asked.classes) == ["credit", "refund"]
    assert proba.shape == (6, 2)
    assert np.allclose(proba.sum(axis=1), 1, atol=1e-3)
    assert set(answers.tolist()) <= {"credit", "refund", ""}
    names = naming.names_now(version)
    assert names == {"card_lost": "refund", "refund": "refund", "loan": "credit"}


def test_merged_guesses_are_one_of_both(trainable):
    guesses = rescoring._guesses(
        ["a", "b", "c"], [0.5, 0.3, 0.2], {"a": "one", "c": "one", "b": "two"}
    )

    assert guesses == [{"intent": "one", "confidence": 0.7}, {"intent": "two", "confidence": 0.3}]


def test_a_preview_tells_of_what_is_live(trainable, intents, reviewer, admin):
    run = run_of(trainable, by=reviewer, seed=7)
    put_live(run.version, admin)

    notes = previewing.of_rename(intents[0], "other").notes

    assert carrying.LIVE.format(number=1, name="card_lost") in notes
    assert IntentChange.objects.count() == 0
