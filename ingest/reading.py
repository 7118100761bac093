"""From the bytes of a request to events, or to the reason why not."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.events import A_TIME, Batch, Event

DEEPEST = 500  # lists and objects in one another
LONGEST_NUMBER = 40  # digits; no field is meant to hold more
# Only these can put into a text what no text can hold.
TELLTALE = re.compile(rb"\\u(?:0000|d[89a-f])", re.I)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
PROSE = ("user_input", "bot_response", "error_message", "dialog_state")
# Where errors that belong to a whole event point to.
FIELDS = {
    "turn": "user_input",
    "feedback": "feedback",
    "place": "prediction_id",
    "opinion": "thumb",
}
# Types of error whose words stand in events.py; for pydantic's own we have these.
OURS = {"identifier", "number", "timestamp", "dialog_state", "words", *FIELDS}
SENTENCES = {
    "missing": "This field is needed.",
    "model_type": "Send an object here.",
    "dict_type": "Send an object here.",
    "list_type": "Send a list here.",
    "string_type": "Send a text here.",
    "string_unicode": "Send a name without halves of surrogate pairs.",
    "string_too_short": "Send at least one character, or leave the field out.",
    "string_too_long": "Send at most {max_length} characters.",
    "too_short": "Send at least one.",
    "too_long": "Send at most {max_length} of these at once.",
    "enum": "Send one of {expected}.",
    "literal_error": "Send one of {expected}.",
    "float_type": "Send a number here.",
    "int_type": "Send a whole number here.",
    "bool_type": "Send true or false here.",
    "datetime_parsing": A_TIME,
    "datetime_from_date_parsing": A_TIME,
    "uuid_type": "Send the prediction_id as /predict answered it.",
    "uuid_parsing": "Send the prediction_id as /predict answered it.",
    "greater_than_equal": "Send a number from {ge} on.",
    "less_than_equal": "Send a number of at most {le}.",
}
OTHERWISE = "This cannot be read. The documentation says what to send."


class BadJson(Exception):
    """The body is not one JSON value that every reader would understand alike."""


class NotUsable(Exception):
    """An event breaks a rule. `field` names the place, the text says what to send."""

    def __init__(self, message: str, *, field: str | None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Read:
    """One event as it was sent, and whether characters in it had to be replaced."""

    event: Event
    mended: bool = False


def read_body(body: bytes) -> list[Read]:
    """Return the event, or the events of the batch, in `body`. Raise BadJson or NotUsable."""
    try:
        sent = read_json(body)
        if not isinstance(sent, dict):
            raise NotUsable('Send one event, or {"events": […]}.', field=None)
        raw = sent.get("events", [sent])
        # Looking for what is rarely there costs more than everything else.
        mended = _mended(raw) if TELLTALE.search(body) else set()
        events = checked(Batch, sent).events if "events" in sent else [checked(Event, sent)]
    except RecursionError as error:
        raise BadJson from error
    return [Read(event, number in mended) for number, event in enumerate(events)]


def read_event(raw: dict[str, Any]) -> Read:
    """The same for an event that is already out of its JSON."""
    mended = _mended([raw])
    return Read(checked(Event, raw), mended=bool(mended))


def read_json(body: bytes) -> Any:
    """Parse strictly: what parsers differ about is refused rather than guessed."""
    try:
        sent = json.loads(
            body.decode(),
            object_pairs_hook=_without_repeated_keys,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short_enough,
        )
    except (ValueError, RecursionError) as error:
        raise BadJson from error
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        _refuse_too_deep(sent)
    return sent


def _refuse_too_deep(sent: Any) -> None:
    """What Python's own limit leaves depends on who calls."""
    level = [sent]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _within(each)]
        if not level:
            return
    raise BadJson


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated key")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError("not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("too large")
    return number


def _short_enough(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("too long")
    return int(text)


Kind = TypeVar("Kind", bound=BaseModel)


def checked(kind: type[Kind], sent: Any) -> Kind:
    """Return `sent` as a `kind`. Raise NotUsable with the first mistake, or BadJson."""
    try:
        return kind.model_validate(sent)
    except ValidationError as error:
        raise _not_usable(error) from None
    except RecursionError as error:
        raise BadJson from error


def _not_usable(error: ValidationError) -> NotUsable:
    """What the first mistake is, without a word of what was sent."""
    first = error.errors(include_url=False, include_input=False)[0]
    steps = [str(step) for step in first["loc"]]
    whole = FIELDS.get(first["type"])
    if whole and steps[-1:] != [whole]:
        steps.append(whole)
    return NotUsable(_sentence(first), field=".".join(steps) or None)


def _sentence(error: ErrorDetails) -> str:
    """Our words, with the limits that were passed: pydantic speaks of its own types."""
    if error["type"] in OURS:
        return error["msg"]
    return SENTENCES.get(error["type"], OTHERWISE).format(**error.get("ctx", {}))


def _mended(events: Any) -> set[int]:
    """Replace what no text can hold, in place; the numbers of the events that had it."""
    if not isinstance(events, list):
        return set()
    return {number for number, raw in enumerate(events) if isinstance(raw, dict) and _mend(raw)}


def _mend(raw: dict[str, Any]) -> bool:
    changed = False
    for holder, key in _places(raw):
        mended = storable(holder[key])
        changed |= mended != holder[key]
        holder[key] = mended
    return changed


def _places(raw: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where people or bots wrote freely. A name with such a character is refused instead."""
    yield from ((raw, key) for key in PROSE if key in raw)
    entities = raw.get("entities_extracted")
    inner = [raw.get("feedback"), *(entities if isinstance(entities, list) else [])]
    for holder in inner:
        if isinstance(holder, dict):
            yield from ((holder, key) for key in ("comment", "value") if key in holder)


def storable(value: Any) -> Any:
    """Return `value` with U+FFFD in the place of what no text can hold."""
    if isinstance(value, str):
        return UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value
