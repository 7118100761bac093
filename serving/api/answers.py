"""What follows once predictions are stored: they are counted, and sent back."""

import time
from collections.abc import Sequence
from typing import Any

import orjson
import structlog

from serving.callers import Caller
from serving.measuring import PREDICTIONS
from serving.predicting import Predicted
from serving.turns import Asked, TurnToPredict
from serving.waking import WAKER

COUNTED = {outcome: PREDICTIONS.labels(outcome) for outcome in ("none", "outside", "intent")}
OTHERS = 4  # intents beside the one that is answered

NO_VERSION = (
    "No version answers for this bot yet. What was sent is stored and waits for people under "
    "Review. Train a version and promote it under Models, or go on without an intent."
)


def settled(
    predicted: Sequence[Predicted], asked: Sequence[Asked], caller: Caller, *, batch: bool
) -> bytes | None:
    """See to what comes after storing, and return the body of a 200; None without a version."""
    WAKER.something_waits(caller.bot_id, at=time.monotonic())
    for each in predicted:
        outcome = "none" if each.version is None else "outside" if each.out_of_scope else "intent"
        COUNTED[outcome].inc()
    if any(each.version is None for each in predicted):
        return None
    answers = [answered(each, one.turn) for each, one in zip(predicted, asked, strict=True)]
    return orjson.dumps({"predictions": answers} if batch else answers[0])


def answered(predicted: Predicted, turn: TurnToPredict) -> dict[str, Any]:
    """One answer. Entities are cut from the text as it was sent, which is stored nowhere."""
    best_first = predicted.best_first
    others = best_first if predicted.out_of_scope else best_first[1 : 1 + OTHERS]
    return {
        "prediction_id": str(predicted.id),
        "intent": predicted.intent,
        "confidence": best_first[0][1],
        "alternatives": [{"intent": name, "confidence": sure} for name, sure in others],
        "entities": [
            {**span, "text": turn.text[span["start"] : span["end"]]} for span in predicted.spans
        ],
        "out_of_scope": predicted.out_of_scope,
        "model_version": predicted.version,
        "arm": predicted.arm,
    }


def not_answered(predicted: Sequence[Predicted]) -> dict[str, Any]:
    """That nobody could answer, in the shape of every refusal, and what the turns go by."""
    return {
        "error": {"code": "no_version", "message": NO_VERSION, "field": None},
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "prediction_ids": [str(each.id) for each in predicted],
    }
