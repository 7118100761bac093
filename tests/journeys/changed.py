"""Changes of intents in every state that one bot can have at once."""

from annotation.models import IntentChange
from annotation.refactoring import beginning, splitting
from tests.annotation.changing import merge, say_and_label, undo, work
from tests.factories import make_intent

SAID = (
    *("my card was eaten by the machine", "the ATM kept it", "بطاقتي ضاعت", "w" * 120),
    *("I cannot find my card", "it is gone since yesterday, and nobody in the house has seen it"),
)


def changes_of_every_state(bot, *, by):
    """By the names that are in the addresses of their pages."""
    gone = make_intent(bot, "pin_gone", by=by, title="PIN gone", good=["gone"], critical=False)
    stolen = make_intent(bot, "pin_taken", by=by, key="t", guideline="Somebody took it.")
    for text in SAID:
        say_and_label(bot, text, gone, by=by)
    say_and_label(bot, "a thief took it", stolen, by=by)
    renamed = make_intent(bot, "helo", by=by)
    return {
        "change_renamed": beginning.rename(renamed, "hello", by=by),
        "change_draft": picked(splitting.draft(gone, "card_eaten", by=by)),
        "change_split": split(bot, gone, by=by),
        "change_undone": undone(bot, by=by),
        "change_under_way": under_way(bot, stolen, by=by),
        "to_change": renamed,
    }


def picked(draft):
    splitting.pick_all(draft, words="c")
    return draft


def split(bot, intent, *, by):
    draft = splitting.draft(intent, "card_found", by=by)
    splitting.pick_all(draft, words="find")
    splitting.split(draft, by=by, ask_again=True)
    return work(draft)


def undone(bot, *, by):
    """A merge that was undone after somebody had gone on with it."""
    source, into = make_intent(bot, "thanks", by=by), make_intent(bot, "bye", by=by)
    say_and_label(bot, "thank you", source, by=by)
    change = merge(source, into, by=by)
    say_and_label(bot, "see you", into, by=by)
    into.examples.create(text="ciao")
    return undo(change, by=by)


def under_way(bot, stolen, *, by):
    source = make_intent(bot, "card_robbed", by=by)
    change = beginning.merge(source, stolen, by=by)
    type(change.job).objects.filter(pk=change.job_id).update(
        done=2000, total=100_000, message="Moving labels"
    )
    return IntentChange.objects.get(pk=change.pk)
