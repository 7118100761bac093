"""Reads a file of events in. A killed import goes on where it was, and nothing is stored twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db import reset_queries
from django.utils import timezone

from accounts.models import Bot
from ingest import import_batches
from ingest.adapters.formats import FORMATS, format_of, records
from ingest.adapters.opening import Source
from ingest.adapters.records import BrokenFile, Place, Record
from ingest.drafting import Manner, events_of, manner
from ingest.import_batches import Batch
from ingest.models import Import
from ingest.reading import NotUsable
from ingest.refused_lines import RefusedLines
from ingest.senders import keeper_of

PAST = timedelta(days=7)  # conversations without a time are so old at most
# Rows that may pass before one says what format the file has.
MOST_ROWS = 1000
MOST_RIDDLES = 5


class FormatUnknown(Exception):
    """No row at the beginning of the file looks like one of the formats."""


@dataclass(frozen=True)
class Wishes:
    """What the person who imports asks for. None: what the file says, or the default."""

    format: str | None = None
    starting: datetime | None = None
    channel: str | None = None
    language: str | None = None
    again: bool = False


@dataclass
class Importing:
    """One run over a file: what is left of it, and the row that says how far it was read."""

    row: Import
    manner: Manner
    records: Iterator[Record]


def begin(source: Source, *, bot: Bot, wishes: Wishes) -> Importing:
    """See what `source` holds and how far it was read. Raise FormatUnknown or BrokenFile."""
    beginning = source.beginning()
    rows = records(source.stream, name=source.name, beginning=beginning, after=Place())
    passed: list[Record] = []
    format = wishes.format or _told(rows, passed)
    row = _row(bot, source.fingerprint(format), wishes)
    rest: Iterator[Record] = chain(passed, rows)
    if row.offset:
        place = Place(row.offset, row.lines)
        rest = records(source.rewound(), name=source.name, beginning=beginning, after=place)
    made = manner(
        FORMATS[format],
        starting=row.starting,
        keeper=keeper_of(bot),
        channel=wishes.channel,
        language=wishes.language,
    )
    return Importing(row, made, rest)


def run(importing: Importing, *, refused: RefusedLines, watch: Callable[[Import], None]) -> None:
    """Store what is left, batch by batch, and tell `watch` after each.

    Raise BrokenFile or ReadElsewhere. What was stored until then is known when it is run again.
    """
    row, batch = importing.row, Batch()
    refused.cut(row.refused_bytes)

    def keep() -> None:
        import_batches.keep(batch, row=row, keeper=importing.manner.keeper, refused=refused)
        reset_queries()  # with LEARNLOOP_DEBUG every statement would stay in memory
        watch(row)

    try:
        for record, following in _pairs(importing.records):
            _take(record, following, batch, importing.manner)
            if batch.is_full:
                keep()
                batch = Batch()
    except BrokenFile:
        keep()
        raise
    keep()
    import_batches.end(row)


def _take(record: Record, following: Record | None, batch: Batch, manner: Manner) -> None:
    try:
        batch.add(record, events_of(record, following, manner=manner))
    except NotUsable as reason:
        batch.refuse(record, reason)


def _pairs(records: Iterator[Record]) -> Iterator[tuple[Record, Record | None]]:
    """Each record with the one after it."""
    current = next(records, None)
    while current:
        try:
            following = next(records, None)
        except BrokenFile:
            yield current, None
            raise
        yield current, following
        current = following


def _told(rows: Iterator[Record], passed: list[Record]) -> str:
    """The format of the first record that has one. All that were looked at are put to `passed`."""
    riddles = 0
    for record in rows:
        passed.append(record)
        if format := format_of(record):
            return format
        riddles += not record.refusal
        if riddles == MOST_RIDDLES or len(passed) == MOST_ROWS:
            break
    raise FormatUnknown


def _row(bot: Bot, fingerprint: UUID, wishes: Wishes) -> Import:
    now = timezone.now()
    row, _ = Import.objects.get_or_create(
        bot=bot,
        source=fingerprint,
        defaults={"starting": wishes.starting or (now - PAST).replace(microsecond=0)},
    )
    if wishes.again:
        Import.objects.filter(pk=row.pk).update(
            **dict.fromkeys(("offset", "lines", "accepted", "duplicates", "erased"), 0),
            **dict.fromkeys(("refused", "refused_bytes"), 0),
            starting=wishes.starting or row.starting,
            started_at=now,
            ended_at=None,
        )
        row.refresh_from_db()
    return row
