"""A merge of intents ends, and is undone exactly, whoever is killed meanwhile (promise 4)."""

import random

import numpy as np
import pytest

from annotation.models import GoldLabel, IntentChange
from annotation.refactoring import beginning, restoring
from tests.annotation.changing import state_of
from tests.factories import make_bot, make_intent, make_member
from tests.training.filling import fill

LABELS = 9_000  # five slices


@pytest.fixture
def reviewer_and_intents():
    """A reviewer, and two intents of which the first has many labels."""
    bot = make_bot()
    reviewer = make_member(bot, "reviewer")
    source, into = make_intent(bot, "source", good=["a"]), make_intent(bot, "into")
    texts = [f"said {row}" for row in range(LABELS)]
    vectors = np.zeros((LABELS, 1), np.float16)
    fill(bot, reviewer, texts, vectors, intents=[source.pk] * LABELS)
    return reviewer, source, into


def test_a_merge_is_done_once_and_undone_exactly_while_its_workers_are_killed(
    machine, reviewer_and_intents, full_size
):
    reviewer, source, into = reviewer_and_intents
    rng, before = random.Random(7), state_of(source.bot)
    harms = [machine.kill_horse, machine.kill_worker_of_horse, machine.kill_parent]

    for _ in range(25 if full_size else 1):
        change = beginning.merge(source, into, by=reviewer)
        kill_in_the_middle(machine, change, rng.choice(harms))
        assert ends(machine, change, IntentChange.State.DONE)
        of_into = GoldLabel.objects.current().filter(intent=into)
        assert of_into.count() == LABELS
        assert IntentChange.objects.get(pk=change.pk).moved == LABELS

        restoring.undo(change, by=reviewer)
        kill_in_the_middle(machine, change, rng.choice(harms))
        assert ends(machine, change, IntentChange.State.UNDONE)
        assert state_of(source.bot) == before


def kill_in_the_middle(machine, change, harm):
    """Kill something once a slice is stored, and before all are."""
    labels = GoldLabel.objects.current()
    start = labels.filter(intent=change.intent).count()
    assert machine.until(lambda: labels.filter(intent=change.intent).count() != start, within=60)
    machine.until(lambda: harm() or is_over(change), within=30)


def is_over(change):
    return not IntentChange.objects.under_way().filter(pk=change.pk).exists()


def ends(machine, change, state):
    return machine.until(lambda: is_over(change), within=120) and (
        IntentChange.objects.get(pk=change.pk).state == state
    )
