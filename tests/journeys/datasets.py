"""Dataset versions with something of everything that their pages show."""

from datetime import timedelta

from django.utils import timezone

from jobs.models import Job
from tests.factories import make_annotation, make_gold_label, make_intent, make_item, make_member
from training.freezing import freeze
from training.jobs import FREEZE
from training.models import DatasetVersion

WORDS = ("limit", "transfer", "branch", "salary", "invoice", "cheque", "mortgage", "visa", "fee")


def labelled(bot, by, intent, text, **fields):
    item = make_item(bot, text, status="done", ended_at="2026-05-09T14:02Z", **fields)
    gold = make_gold_label(item, intent, by=by)
    type(gold).objects.filter(pk=gold.pk).update(
        text=item.text, side=item.conversation.side, chance=0.02 if fields else None
    )
    return item


def versions_to_look_at(bot, *, by):
    """Two versions: the second holds an intent back, has two labels for a text and lost a row."""
    names = [
        "card_lost_twice",
        "transfer_failed",
        "a_rather_long_intent_name.with_parts",
        "w" * 118,
    ]
    intents = [make_intent(bot, f"{name}_{n}"[:120]) for n, name in enumerate(names)]
    for intent in intents:
        for n in range(12):
            labelled(bot, by, intent, f"{WORDS[n % 9]} {intent.pk} {n} where is it")
    labelled(bot, by, intents[0], "the audit asks where it is", side="audit")
    first = freeze(bot, by=by)
    for n in range(40):
        labelled(bot, by, intents[0], f"suddenly everybody asks {n} for {WORDS[n % 9]} {n * 7}")
    texts = ("بطاقتي ضاعت", "Where is it?", "So where is it", "a" * 300)
    for intent, text in zip(intents, texts, strict=True):
        labelled(bot, by, intent, text)
    labelled(bot, by, intents[2], "where is it")
    twice = labelled(bot, by, intents[1], "what did two people say of this")
    make_annotation(twice, make_member(bot, username="second-opinion"), verdict="oos")
    second = freeze(bot, by=None)
    DatasetVersion.objects.filter(pk=second.pk).update(erased_count=3)
    Job.objects.create(
        kind=FREEZE, bot=bot, created_by=by, state="running", attempt=1, token="2" * 32,
        started_at=timezone.now(), lease_until=timezone.now() + timedelta(hours=9), done=61_000,
        total=98_000, message="Looking for texts that say nearly the same",
    )  # fmt: skip
    return {
        "dataset": second,
        "first_dataset": first,
        "dataset_intent": second.intents.get(intent=intents[0]),
        "long_intent": second.intents.get(intent=intents[3]),
    }
