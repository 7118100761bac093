"""Turns that have a gold label, as freezing finds them."""

from django.db.models import F

from annotation.models import EntitySpan
from ingest.models import IncomingEvent
from tests.factories import make_conversation, make_gold, make_text, make_turn


def label(bot, by, text, intent=None, *, side="train", user=None, talk=None, **fields):
    """A GoldLabel of a turn in a conversation of its own. Without an `intent`: out of scope.

    `answer` are fields of the Annotation, `spans` (type, start, end) of it.
    """
    answer, spans = fields.pop("answer", {}), fields.pop("spans", ())
    talk = talk or make_conversation(bot, turns=[], side=side, searchable=False)
    turn = make_turn(
        talk, text, distinct_text=make_text(bot, text) if text else None,
        **fields.pop("turn", {}),
    )  # fmt: skip
    if user:
        IncomingEvent.objects.filter(pk=turn.pk).update(user=user)
    gold = make_gold(turn, by, intent=intent, side=side, **fields)
    for type_, start, end in spans:
        EntitySpan.objects.create(
            annotation=gold.annotation, type=type_, start=start, end=end, text=text[start:end]
        )
    for name, value in answer.items():
        setattr(gold.annotation, name, value)
    gold.annotation.save()
    return gold


SUBJECTS = (
    *("lisbon", "card", "mortgage", "fee", "branch", "transfer", "salary", "pin", "limit", "visa"),
    *("euro", "loan", "safe", "invoice", "refund", "cheque", "deposit", "credit", "debit", "tax"),
)


def label_many(bot, by, intent, number, *, words="about", **fields):
    """`number` gold labels of one intent whose texts are not near each other."""
    return [
        label(bot, by, f"{words} {SUBJECTS[each % 20]} {each} {intent}", intent, **fields)
        for each in range(number)
    ]


def withdraw(gold):
    type(gold).objects.filter(pk=gold.pk).update(withdrawn_at=F("created_at"))
