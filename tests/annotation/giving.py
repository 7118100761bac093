"""Answers, as people give them."""

from uuid import uuid4

from annotation.answering import Answer, answer
from annotation.holding import take
from annotation.models import Annotation

Verdict = Annotation.Verdict


def give(item, user, *, intent=None, verdict=None, **said):
    """Hold an item and answer it."""
    take(item.pk, user, bot=item.bot)
    return send(item, user, intent=intent, verdict=verdict, **said)


def send(item, user, *, intent=None, verdict=None, submission=None, **said):
    verdict = verdict or (Verdict.INTENT if intent else Verdict.OUT_OF_SCOPE)
    key = intent.pk if intent else None
    whole = Answer(submission or uuid4(), verdict, intent_id=key, **said)
    return answer(item.pk, user, whole, bot=item.bot)
