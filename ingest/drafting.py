"""From a row of a file to events that can be stored."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from ingest.adapters.formats import Format
from ingest.adapters.records import Draft, Record
from ingest.events import Event
from ingest.preparing import Keeper, Prepared, prepare
from ingest.reading import NotUsable, read_event

# Where a file has no times, its conversations begin within so long.
SPREAD = timedelta(days=6)
CHANNEL = "import"
TOO_DEEP = "This line is nested too deep."
# They are said once of all the turns of a record.
OF_THE_WHOLE = {"conversation_id", "channel", "language"}


@dataclass(frozen=True)
class Manner:
    """How the records of one file become events. `said` is what all of them say."""

    format: Format
    starting: datetime
    keeper: Keeper = field(repr=False)
    said: dict[str, str]


def manner(
    format: Format,
    *,
    starting: datetime,
    keeper: Keeper,
    channel: str | None = None,
    language: str | None = None,
) -> Manner:
    channel = channel or ("" if format.has_channel else CHANNEL)
    said = {"channel": channel, "language": language or ""}
    return Manner(format, starting, keeper, {name: word for name, word in said.items() if word})


def events_of(record: Record, following: Record | None, *, manner: Manner) -> list[Prepared]:
    """The events of `record`, which stands before `following`. Raise NotUsable."""
    if record.refusal:
        raise record.refusal
    try:
        drafts = manner.format.drafts(record, following)
        return [_prepared(draft, record, manner) for draft in drafts]
    except RecursionError:
        raise NotUsable(TOO_DEEP, field=None) from None


def _prepared(draft: Draft, record: Record, manner: Manner) -> Prepared:
    try:
        read = read_event(manner.said | draft.fields)
    except NotUsable as mistake:
        raise _as_in_the_file(mistake, draft, manner.format) from None
    name = draft.name if draft.is_named else f"import {record.name()} {draft.name}"
    # The made time is no part of the event: reading the file again at another time is no conflict.
    sent_at = read.event.timestamp or _moment(read.event, draft, record, manner.starting)
    return prepare(read, name=name, sent_at=sent_at, keeper=manner.keeper)


def _moment(event: Event, draft: Draft, record: Record, starting: datetime) -> datetime:
    """Made from what the conversation is called, so that its rows may lie anywhere in the file."""
    digest = sha256(event.conversation_id.encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    begins = starting + timedelta(seconds=int(share * SPREAD.total_seconds()))
    if draft.minute is None:
        return begins + timedelta(microseconds=record.line)
    return begins + timedelta(minutes=draft.minute)


def _as_in_the_file(mistake: NotUsable, draft: Draft, format: Format) -> NotUsable:
    """The same with the field's name in the file."""
    steps = (mistake.field or "").split(".")
    place = "" if steps[0] in OF_THE_WHOLE else draft.place
    field = place + ".".join(format.names.get(step, step) for step in steps)
    return NotUsable(str(mistake), field=field.rstrip(".") or None)
