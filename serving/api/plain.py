"""The plain case of /predict: a live key, turns that can be read, a version that answers them.

All else is the business of the view, which says why.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.models import Scope
from ingest.reading import BadJson, NotUsable
from serving import predicting
from serving.answering import Answerer
from serving.api.answers import settled
from serving.api.keyed import CONFLICT, COUNTED, METER
from serving.callers import CALLERS, Caller
from serving.loading import VERSIONS
from serving.turns import Asked, read_turns

# As in ingest/api: larger ones are read one after the other, and those of the view with them.
LARGE = 20_000  # bytes
NOT_PLAIN = (BadJson, NotUsable, predicting.Outdated)


def answer(token: str, body: bytes, told: dict[str, Any]) -> bytes | None:
    """What the view would answer with 200; None where that is to be asked instead.

    Then nothing was stored, or the same would be stored once, and what the view need not find out
    again is in `told`. What it would only break by again is raised, and may have been stored.
    """
    now = time.monotonic()
    caller = CALLERS.with_token(token, at=now)
    if caller is None or Scope.PREDICT.value not in caller.scopes or len(body) > LARGE:
        return None
    try:
        return _answer(caller, body, now, told)
    except predicting.IdConflict as conflict:
        told[CONFLICT] = conflict.place
    except NOT_PLAIN:
        pass
    return None


def _answer(caller: Caller, body: bytes, now: float, told: dict[str, Any]) -> bytes | None:
    asked, batch = read_turns(body)
    if len({turn.turn.event_id is None for turn in asked}) > 1:
        return None  # some may have been asked before there was a version, and others are new
    answerer = VERSIONS.at_hand(caller.live)
    if answerer is None or not METER.takes(caller.bot_id, most=settings.PREDICT_RATE, at=now):
        return None
    told[COUNTED] = True
    return _said(asked, answerer, caller, batch=batch)


def _said(
    asked: Sequence[Asked], answerer: Answerer, caller: Caller, *, batch: bool
) -> bytes | None:
    now = datetime.now(UTC)
    predicted = predicting.predict(asked, answerer=answerer, caller=caller, now=now)
    if any(each.version is None for each in predicted):  # asked before there was one
        return None
    return settled(predicted, asked, caller, batch=batch)
