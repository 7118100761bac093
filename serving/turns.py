"""What a bot may ask, and say of an answer: fields, limits, sentences; and from bytes to them."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from ingest.events import LanguageTag, Lenient, Moment, Prose, Reference, Remark, ShortName
from ingest.reading import BadJson, NotUsable, checked, read_json, storable

MOST_TURNS = 256  # of a batch
BATCH = "turns"


def _with_words(text: str) -> str:
    if text.strip():
        return text
    raise PydanticCustomError("words", "Send the words of the end user.")


class TurnToPredict(Lenient):
    """What an end user said, to be understood."""

    conversation_id: Reference = Field(description="Yours; the same for all of its turns.")
    text: Annotated[Prose, AfterValidator(_with_words)] = Field(
        description="What the end user said."
    )
    event_id: Reference | None = Field(
        None, description="Yours, unique in your bot. With it the request can be repeated."
    )
    user_id: Reference | None = Field(None, description="Stored as a pseudonym only.")
    language: LanguageTag | None = Field(None, description="en, es, pt-BR …")
    channel: ShortName | None = Field(None, description="web, app, phone …")
    timestamp: Moment | None = Field(None, description="ISO 8601; left out, it is now.")


class TurnsToPredict(BaseModel):
    """Several that are stored together, or not at all."""

    turns: list[TurnToPredict] = Field(min_length=1, max_length=MOST_TURNS)


class WhatWasSaid(Lenient):
    """What came of an answer: an opinion, or that a person had to take over."""

    prediction_id: UUID | None = Field(None, description="From /predict.")
    conversation_id: Reference | None = Field(None, description="Where there is no prediction_id.")
    about: Reference | None = Field(
        None, description="event_id of the turn; left out, it is the last one before."
    )
    thumb: Literal["up", "down"] | None = None
    rating: Annotated[StrictInt, Field(ge=1, le=5)] | None = None
    reported: StrictBool = False
    comment: Remark = ""
    escalated: StrictBool = Field(False, description="A person takes over.")
    feedback_id: Reference | None = Field(
        None, description="Yours. With it the request can be repeated."
    )
    timestamp: Moment | None = Field(None, description="ISO 8601; left out, it is now.")
    user_id: Reference | None = Field(None, description="Stored as a pseudonym only.")

    @property
    def is_an_opinion(self) -> bool:
        return bool(self.thumb or self.rating is not None or self.reported or self.comment.strip())

    @model_validator(mode="after")
    def _is_of_something_and_says_something(self) -> Self:
        if self.prediction_id is None and self.conversation_id is None:
            raise PydanticCustomError("place", "Send a prediction_id or a conversation_id.")
        if not self.is_an_opinion and not self.escalated:
            raise PydanticCustomError(
                "opinion", "Send a thumb, a rating, a report, a comment or escalated."
            )
        return self


class Asked:
    """One turn as it was sent, and whether characters in it had to be replaced."""

    __slots__ = ("mended", "turn")

    def __init__(self, turn: TurnToPredict, *, mended: bool) -> None:
        self.turn, self.mended = turn, mended


def read_turns(body: bytes) -> tuple[list[Asked], bool]:
    """Return the turns in `body`, and whether they came as a batch. Raise BadJson or NotUsable."""
    sent = _object(body, 'Send one turn, or {"turns": […]}.')
    batch = BATCH in sent
    raw = sent[BATCH] if batch else [sent]
    mended = [_mend(each, "text") for each in raw] if isinstance(raw, list) else []
    turns = checked(TurnsToPredict, sent).turns if batch else [checked(TurnToPredict, sent)]
    return [Asked(turn, mended=each) for turn, each in zip(turns, mended, strict=True)], batch


def read_what_was_said(body: bytes) -> WhatWasSaid:
    """Return what `body` says of an answer. Raise BadJson or NotUsable."""
    sent = _object(body, "Send one object.")
    _mend(sent, "comment")
    return checked(WhatWasSaid, sent)


def _object(body: bytes, otherwise: str) -> dict[str, Any]:
    sent = read_json(body)
    if not isinstance(sent, dict):
        raise NotUsable(otherwise, field=None)
    return sent


def _mend(raw: Any, key: str) -> bool:
    """Replace what no text can hold, in place; whether there was any."""
    if not isinstance(raw, dict) or not isinstance(raw.get(key), str):
        return False
    mended = storable(raw[key])
    changed = bool(mended != raw[key])
    raw[key] = mended
    return changed


__all__ = [
    "Asked",
    "BadJson",
    "NotUsable",
    "TurnToPredict",
    "TurnsToPredict",
    "WhatWasSaid",
    "read_turns",
    "read_what_was_said",
]
