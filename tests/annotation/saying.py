"""Turns in which something was found, as the queue hears of them."""

from annotation import following, queueing
from annotation.models import ReviewItem
from tests.factories import make_conversation, make_signal, make_text, make_turn

# Kind, weight, sentence.
UNSURE = ("low_confidence", 0.5, "The bot was 0.41 sure of card_lost, less than 0.5.")
CLOSE = ("small_margin", 0.4, "The bot hesitated between card_lost 0.41 and card_stolen 0.38.")
DOWN = ("thumbs_down", 0.8, "The user gave a thumbs down.")
SLOW = ("slow_answer", 0.1, "The answer took 9.0 s.")


def say(bot, text="My wallet is gone", *signals, side="train", intent="card_lost", **fields):
    """A turn in a conversation of its own, in which `signals` were found."""
    kinds = sorted(kind for kind, *_ in signals)
    talk = make_conversation(bot, turns=[], side=side, signals=kinds, audit_share=0.02)
    turn = make_turn(talk, text, distinct_text=make_text(bot, text), intent=intent, **fields)
    for kind, weight, sentence in signals:
        make_signal(turn, kind, weight=weight, sentence=sentence)
    following.note_conversations(bot, [talk.pk])
    return turn


def find(turn, *signals):
    """Other signals than before are found of a turn."""
    turn.signals.all().delete()
    for kind, weight, sentence in signals:
        make_signal(turn, kind, weight=weight, sentence=sentence)
    following.note(turn.bot, [turn.conversation_id])


def queued(bot):
    """All open items, after what was noted was worked off; the most useful first."""
    queueing.queue_due(bot)
    return list(ReviewItem.objects.of(bot).open().most_useful_first())
