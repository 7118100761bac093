"""Takes in what came of an answer: opinions of end users, and calls for a person."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from ingest import identities, receiving
from ingest.preparing import Keeper, Prepared, prepare
from ingest.reading import read_event
from ingest.receiving import Receipt
from serving.models import Prediction
from serving.turns import WhatWasSaid


class UnknownPrediction(Exception):
    """No prediction of the bot has that id."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The conversation that something is said in."""

    key: UUID
    name: str


def hear(said: WhatWasSaid, *, keeper: Keeper, now: datetime) -> Receipt:
    """Store what was said. Raise UnknownPrediction, or receiving.IdConflict."""
    place = _place_of(said.prediction_id, keeper) if said.prediction_id else None
    events = [_prepared(raw, said, place, keeper, now) for raw in _events(said)]
    return receiving.store(events, keeper=keeper)


def _place_of(prediction_id: UUID, keeper: Keeper) -> _Place:
    found = (
        Prediction.objects.filter(bot=keeper.bot_id, pk=prediction_id)
        .values_list("conversation", "conversation_name")
        .first()
    )
    if found is None:
        raise UnknownPrediction
    return _Place(*found)


def _events(said: WhatWasSaid) -> Iterator[dict[str, Any]]:
    """The events that say the same, with fields of the events' API."""
    about = {
        # A prediction's conversation is put in its place below.
        "conversation_id": said.conversation_id or "-",
        "user_id": said.user_id,
        "timestamp": said.timestamp.isoformat() if said.timestamp else None,
    }
    if said.is_an_opinion:
        opinion = said.model_dump(include={"thumb", "rating", "reported", "comment"})
        which = {"about": said.about, "prediction_id": said.prediction_id}
        yield {"kind": "feedback", "feedback": opinion, **about, **which}
    if said.escalated:
        yield {"kind": "escalation", **about}


def _prepared(
    raw: dict[str, Any], said: WhatWasSaid, place: _Place | None, keeper: Keeper, now: datetime
) -> Prepared:
    read = read_event(raw)
    name = f"{_name(said, keeper)} {read.event.kind}"
    prepared = prepare(read, name=name, sent_at=now, keeper=keeper)
    if place is None:
        return prepared
    return replace(prepared, conversation=place.key, conversation_name=place.name)


def _name(said: WhatWasSaid, keeper: Keeper) -> str:
    """What it is known by. The same said of one prediction is the same, sent once or twice.

    NUL, because no id can hold it: whatever events are called, none is called this.
    """
    if said.feedback_id:
        return f"\0feedback {said.feedback_id}"
    if said.prediction_id is None:
        return f"\0feedback {uuid4()}"
    content = said.model_dump_json(exclude_defaults=True).encode()
    return f"\0said {identities.digest_of(content, salt=keeper.salt)}"
