"""Bots that can be trained: labels of a few intents, with vectors of the real encoder."""

import uuid

from ingest.embedding import embed_waiting
from jobs import work
from tests.training.saying import label
from training import starting
from training.models import TrainingRun

TEMPLATES = (
    *("where is {}", "i cannot find {}", "please help me with {}", "tell me about {} today"),
    *("what happened to {}", "something is wrong with {}", "i asked about {} last week"),
    *("nobody answers me about {}", "how do i get {} back", "{} does not work any more"),
)
SUBJECTS = {
    "card_lost": ("my lost card", "the card i lost", "the missing debit card"),
    "refund": ("my refund", "the money you owe me", "the refund for my order"),
    "loan": ("a loan", "the mortgage for a house", "my loan application"),
}


def sentences(intent, number):
    """So many different texts about one thing."""
    subjects = SUBJECTS[intent]
    return [
        TEMPLATES[n % 10].format(subjects[n // 10 % 3]) + " please" * (n // 30)
        for n in range(number)
    ]


def labelled(bot, by, intents, *, each=12, after=0, side="train", encode=True):
    """Gold labels of these intents, by their names, and vectors of what was said.

    The texts are those behind the first `after`.
    """
    for intent in intents:
        for text in sentences(intent.name, after + each)[after:]:
            label(bot, by, text, intent, side=side)
    if encode:
        embed_waiting(bot)


def run_of(bot, *, trigger=TrainingRun.Trigger.HAND, **fields):
    """A run that was asked for, and carried out."""
    run = starting.start(bot, trigger=trigger, **fields)
    return carried_out(run)


def carried_out(run):
    work.Delivery.token = uuid.uuid4()
    work.run(run.job_id)
    return TrainingRun.objects.with_what_is_shown().get(pk=run.pk)
