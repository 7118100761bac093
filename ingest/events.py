"""What a bot may send: the fields of an event, their limits and their sentences."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

LONGEST_TEXT = 20_000  # characters
LONGEST_REFERENCE = 200
MOST_EVENTS = 1000  # of a batch
LARGEST_STATE = 16_384  # characters of JSON
DEEPEST_STATE = 20
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER_BY = timedelta(days=1)
# Digits alone would be read as seconds or milliseconds, in a text as well.
DATED = re.compile(r"[0-9]{4}-")
A_TIME = "Send a time like 2026-05-09T14:02:11Z."
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # controls and halves of surrogate pairs


def _readable(text: str) -> str:
    if UNSEEN.search(text):
        raise PydanticCustomError("identifier", "Send a name without control characters.")
    return text


def _a_number(value: Any) -> Any:
    if isinstance(value, bool | str | bytes):
        raise PydanticCustomError("number", "Send a number, not a text or a boolean.")
    return value


def _a_text(value: Any) -> Any:
    if value is not None and not (isinstance(value, str) and DATED.match(value)):
        raise PydanticCustomError("timestamp", A_TIME)
    return value


def _in_time(at: datetime) -> datetime:
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= datetime.now(UTC) + CLOCKS_DIFFER_BY:
        raise PydanticCustomError(
            "timestamp", "Send a time between the year 2000 and tomorrow. Is the clock right?"
        )
    # Of zones, the database knows fewer than ISO 8601.
    return at.astimezone(UTC)


def _is_name(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, min_length=1, max_length=longest)


def _is_prose(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, max_length=longest)


READABLE = AfterValidator(_readable)
Name = Annotated[str, _is_name(120), READABLE]
ShortName = Annotated[str, _is_name(40), READABLE]
LanguageTag = Annotated[str, _is_name(20), READABLE]
Reference = Annotated[str, _is_name(LONGEST_REFERENCE), READABLE]
Prose = Annotated[str, _is_prose(LONGEST_TEXT)]
Remark = Annotated[str, _is_prose(4000)]
Value = Annotated[str, _is_prose(1000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), BeforeValidator(_a_number)]
Moment = Annotated[datetime, BeforeValidator(_a_text), AfterValidator(_in_time)]
Count = Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


class Kind(StrEnum):
    TURN = "turn"
    FEEDBACK = "feedback"
    ESCALATION = "escalation"
    CLOSED = "closed"


class Alternative(BaseModel):
    intent: Name
    confidence: Share


class Entity(BaseModel):
    """A span of `user_input`, in code points; `end` is excluded."""

    type: Name
    value: Value | None = None
    start: Count | None = None
    end: Count | None = None


class Lenient(BaseModel):
    """Null stands for a field that was left out, and fields that nobody knows are passed over."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        if isinstance(sent, dict) and None in sent.values():
            return {key: value for key, value in sent.items() if value is not None}
        return sent


class Said(Lenient):
    """What the end user said of a turn."""

    thumb: Literal["up", "down"] | None = None
    rating: Annotated[StrictInt, Field(ge=1, le=5)] | None = None
    reported: StrictBool = False
    comment: Remark = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.thumb or self.rating is not None or self.reported or self.comment.strip():
            return self
        raise PydanticCustomError("feedback", "Send a thumb, a rating, a report or a comment.")


class Event(Lenient):
    """Something that happened in a conversation."""

    kind: Kind = Field(Kind.TURN, description="What happened; a turn if nothing is said.")
    conversation_id: Reference = Field(description="Yours; the same for all of its events.")
    event_id: Reference | None = Field(
        None, description="Yours, unique in your bot. Without one the webhook-id stands for it."
    )
    timestamp: Moment | None = Field(
        None, description="ISO 8601. Without a zone it is UTC; left out, it is the signed time."
    )
    user_input: Prose | None = Field(None, description="What the end user said.")
    bot_response: Prose | None = Field(None, description="What the bot answered.")
    intent_detected: Name | None = Field(None, description="What the bot took it for.")
    confidence: Share | None = Field(None, description="Of intent_detected.")
    alternatives: list[Alternative] = Field(
        [], max_length=20, description="What else it may have been."
    )
    entities_extracted: list[Entity] = Field([], max_length=100)
    dialog_state: dict[str, Any] = Field({}, description="Anything, up to 16 KiB of JSON.")
    error_message: Remark | None = Field(None, description="What went wrong in the bot.")
    latency_ms: Count | None = Field(None, description="Until the bot answered.")
    model_version: Name | None = Field(None, description="What answered.")
    channel: ShortName | None = Field(None, description="web, app, phone …")
    language: LanguageTag | None = Field(None, description="en, es, pt-BR …")
    user_id: Reference | None = Field(None, description="Stored as a pseudonym only.")
    feedback: Said | None = Field(None, description="For events of kind feedback.")
    about: Reference | None = Field(
        None, description="event_id of the turn that the feedback is about; else the last before."
    )
    prediction_id: UUID | None = Field(
        None,
        description="From /predict. A turn completes the one that was predicted; feedback is "
        "about it.",
    )

    @field_validator("dialog_state")
    @classmethod
    def _small_enough(cls, state: dict[str, Any]) -> dict[str, Any]:
        if state and (_depth(state) > DEEPEST_STATE or len(json.dumps(state)) > LARGEST_STATE):
            raise PydanticCustomError(
                "dialog_state", "Send at most 16 KiB of JSON, nested at most 20 deep."
            )
        return state

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if (
            self.kind == Kind.TURN
            and not self.completes_a_turn
            and not any(map(_says, self._said()))
        ):
            raise PydanticCustomError(
                "turn", "Send user_input, bot_response or error_message with a turn."
            )
        if self.kind == Kind.FEEDBACK and self.feedback is None:
            raise PydanticCustomError("feedback", "Send `feedback` with an event of this kind.")
        return self

    @property
    def completes_a_turn(self) -> bool:
        return self.kind == Kind.TURN and self.prediction_id is not None

    def _said(self) -> Iterator[str | None]:
        yield from (self.user_input, self.bot_response, self.error_message)


class Batch(BaseModel):
    """Several events that are stored together, or not at all."""

    events: list[Event] = Field(min_length=1, max_length=MOST_EVENTS)


def _says(text: str | None) -> bool:
    return bool(text and text.strip())


def _depth(value: Any) -> int:
    """Levels of lists and dicts, counted up to one more than are allowed."""
    level, depth = [value], 0
    while inner := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > DEEPEST_STATE:
            break
        level = [deeper for each in inner for deeper in _inside(each)]
    return depth


def _inside(value: dict[str, Any] | list[Any]) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value
