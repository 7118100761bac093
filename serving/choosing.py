"""Queues what the live version is least at home with, for its own sake and at a bounded rate.

What has signals queues by itself, behind what was picked. Here are picks among what came in just
now: new topics, and the closest calls. The next draw of the queue looks at all of them again.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Bot
from annotation import picking
from annotation.picking import Pick
from ingest.models import Conversation, Turn
from ingest.signals.symptoms import rounded_down
from serving.models import Prediction
from training.models import ModelVersion
from training.policies import HESITATES, MARGIN, NOVELTY

Writing = Callable[[], AbstractContextManager[None]]

CLOSE = 0.1  # a margin that is smaller is a close call
HOUR = timedelta(hours=1)
# Beside what was picked from all texts, and not before it.
USEFUL = 0.5

NO_INTENT_FITS = "No intent of version {number} seems to fit; the nearest is {nearest} {sure}."


def queue_some(
    bot: Bot, batch: Sequence[Prediction], *, writing: Writing = transaction.atomic
) -> int:
    """Queue the most useful of `batch` that there is room for in this hour; how many."""
    wanted = [each for each in batch if each.version_id and _is_worth_a_look(each)]
    room = _room(bot) if wanted else 0
    if not room:
        return 0
    wanted.sort(key=_usefulness, reverse=True)
    picks = _picks(bot, wanted)
    with writing():
        chosen = dict(list(picks.items())[:room])
        queued = picking.add(bot, list(chosen.values()), writing=transaction.atomic)
        keys = [key for key, pick in chosen.items() if pick.text in queued]
        Prediction.objects.filter(pk__in=keys).update(queued_at=timezone.now())
    return len(keys)


def _is_worth_a_look(prediction: Prediction) -> bool:
    margin = prediction.margin
    return prediction.out_of_scope or (margin is not None and margin < CLOSE)


def _usefulness(prediction: Prediction) -> float:
    """From 0 to 1. New topics and close calls take turns, each kind the most telling first."""
    if prediction.out_of_scope:
        far = max(prediction.outside or 0.0, 0.0)
        return far / (1 + far)
    return 1 - (prediction.margin or 0.0) / CLOSE


def _room(bot: Bot) -> int:
    """How many more may be queued, of those of an hour."""
    lately = Prediction.objects.of(bot).filter(queued_at__gt=timezone.now() - HOUR)
    return max(settings.QUEUED_AN_HOUR - lately.count(), 0)


def _picks(bot: Bot, predictions: Sequence[Prediction]) -> dict[UUID, Pick]:
    """What to queue of them, by their keys: each text once, and nothing of the audit side."""
    turns = Turn.objects.of(bot).filter(
        pk__in=[each.pk for each in predictions],
        conversation__side=Conversation.Side.TRAIN,
        distinct_text__isnull=False,
    )
    texts = dict(turns.values_list("pk", "distinct_text"))
    numbers = _numbers(predictions)
    picks: dict[UUID, Pick] = {}
    seen: set[Any] = set()
    for each in predictions:
        text = texts.get(each.pk)
        if text is not None and text not in seen:
            seen.add(text)
            picks[each.pk] = _pick(each, text, number=numbers[each.version_id])
    return picks


def _numbers(predictions: Sequence[Prediction]) -> dict[Any, int]:
    versions = {each.version_id for each in predictions if each.version_id}
    return dict(ModelVersion.objects.filter(pk__in=versions).values_list("pk", "number"))


def _pick(prediction: Prediction, text: UUID, *, number: int) -> Pick:
    guesses = prediction.best_first
    return Pick(
        text,
        NOVELTY if prediction.out_of_scope else MARGIN,
        _reason(prediction, number),
        useful=USEFUL * _usefulness(prediction),
        guesses=guesses,
        margin=prediction.margin,
        guessed_by=f"version {number}",
        novel=prediction.out_of_scope,
    )


def _reason(prediction: Prediction, number: int) -> str:
    first, *others = prediction.best_first
    if prediction.out_of_scope or not others:
        sure = rounded_down(first["confidence"])
        return NO_INTENT_FITS.format(number=number, nearest=first["intent"], sure=sure)
    return HESITATES.format(
        number=number,
        first=first["intent"],
        sure=rounded_down(first["confidence"]),
        second=others[0]["intent"],
        less=rounded_down(others[0]["confidence"]),
    )
