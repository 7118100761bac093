"""Changes of intents as people and their jobs make them."""

from annotation.jobs import change_intents
from annotation.models import Annotation, GoldLabel, Intent, IntentChange, ReviewItem
from annotation.refactoring import beginning, restoring
from jobs import leasing
from jobs.work import Delivery, Task
from tests.factories import make_conversation, make_gold, make_text, make_turn


def say_and_label(bot, text, intent, *, by, **fields):
    """A turn that somebody labelled."""
    turn = make_turn(make_conversation(bot, turns=[]), text, distinct_text=make_text(bot, text))
    return make_gold(turn, by, intent=intent, **fields)


def work(change):
    """Do the change's job as a worker would, until it ends."""
    change = IntentChange.objects.get(pk=change.pk)
    job = leasing.claim(change.job_id, token=Delivery.token, worker="test")
    change_intents(Task(job, token=Delivery.token))
    change.refresh_from_db()
    return change


def merge(intent, into, *, by):
    return work(beginning.merge(intent, into, by=by))


def undo(change, *, by):
    restoring.undo(change, by=by)
    change = IntentChange.objects.get(pk=change.pk)
    return change if change.kind == "rename" else work(change)


def meant(bot):
    """What each turn of the bot means now, by its words."""
    current = GoldLabel.objects.of(bot).current().filter(intent__isnull=False)
    return dict(current.values_list("turn__text", "intent__name"))


def state_of(bot):
    """All that an undone change must leave as it was."""
    return {
        "intents": list(
            Intent.objects.of(bot).in_use().order_by("pk").values(
                "pk", "name", "title", "guideline", "critical", "key", "colour"
            )
        ),
        "examples": {
            intent.name: list(intent.examples.values_list("text", "belongs", "reason"))
            for intent in Intent.objects.of(bot).in_use()
        },
        "aliases": sorted(
            (alias.name, alias.intent.name)
            for intent in Intent.objects.of(bot)
            for alias in intent.aliases.all()
        ),
        "gold": list(GoldLabel.objects.of(bot).current().order_by("pk").values()),
        "items": list(ReviewItem.objects.of(bot).order_by("pk").values()),
        "answers": list(Annotation.objects.of(bot).standing().order_by("pk").values()),
    }  # fmt: skip
