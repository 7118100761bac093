"""Some rows of a file that are stored together with how far it was read."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DataError, transaction
from django.db.models import F
from django.utils import timezone

from ingest.adapters.records import Place, Record
from ingest.models import Import, IncomingEvent
from ingest.preparing import Keeper, Prepared
from ingest.reading import NotUsable
from ingest.receiving import IdConflict, Receipt, store
from ingest.refused_lines import Refusal, RefusedLines

ROWS = 1000  # events and refusals of a batch
BYTES = 4 * 1024 * 1024
CONFLICT = (
    "This event was stored before with other content, which was kept. If it is meant to be "
    "another event, give it another id."
)
NOT_TAKEN = "The database cannot hold what this line says."


class ReadElsewhere(Exception):
    """Another run reads the same file in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The events of one row."""

    line: int
    events: list[Prepared]


@dataclass
class Batch:
    entries: list[Entry] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    place: Place | None = None  # up to which the file is read with this batch
    _rows: int = 0
    _bytes: int = 0

    def add(self, record: Record, events: list[Prepared]) -> None:
        self.entries.append(Entry(record.line, events))
        self._count(record, len(events))

    def refuse(self, record: Record, reason: NotUsable) -> None:
        self.refusals.append(Refusal(record.line, reason.field, str(reason)))
        self._count(record, 1)

    def _count(self, record: Record, rows: int) -> None:
        self._rows += rows
        self._bytes += len(record.raw)
        self.place = Place(record.end, record.last_line)

    @property
    def is_full(self) -> bool:
        return self._rows >= ROWS or self._bytes >= BYTES


def keep(batch: Batch, *, row: Import, keeper: Keeper, refused: RefusedLines) -> None:
    """Store `batch` and that the file of `row` is read so far, or neither. Raise ReadElsewhere."""
    if batch.place is None:
        return
    mine = Import.objects.filter(pk=row.pk, offset=row.offset, ended_at=None)
    with transaction.atomic():
        # First, and held until the end: of two runs one goes on, and writes the refused lines.
        if not mine.update(offset=batch.place.offset, lines=batch.place.line):
            raise ReadElsewhere
        kept = _keep_what_fits(batch.entries, keeper)
        refusals = sorted([*batch.refusals, *kept.refusals], key=lambda each: each.line)
        Import.objects.filter(pk=row.pk).update(
            accepted=F("accepted") + kept.receipt.accepted,
            duplicates=F("duplicates") + kept.receipt.duplicates,
            erased=F("erased") + kept.receipt.erased,
            refused=F("refused") + len(refusals),
            refused_bytes=refused.write(refusals, at=row.refused_bytes),
        )
    row.refresh_from_db()


def end(row: Import) -> None:
    """Say that the file was read to its end."""
    Import.objects.filter(pk=row.pk, offset=row.offset).update(ended_at=timezone.now())
    row.refresh_from_db()


@dataclass(frozen=True, slots=True)
class _Kept:
    receipt: Receipt
    refusals: list[Refusal]

    def __add__(self, other: "_Kept") -> "_Kept":
        one, two = self.receipt, other.receipt
        receipt = Receipt(
            one.accepted + two.accepted, one.duplicates + two.duplicates, one.erased + two.erased
        )
        return _Kept(receipt, self.refusals + other.refusals)


def _keep_what_fits(entries: Sequence[Entry], keeper: Keeper) -> _Kept:
    """Store the rows that can be stored. A row is stored whole or refused whole."""
    events = [event for entry in entries for event in entry.events]
    try:
        return _Kept(store(events, keeper=keeper), [])
    except IdConflict:
        lines = _lines_in_conflict(entries)
        if not lines:
            raise
        rest = [entry for entry in entries if entry.line not in lines]
        return _keep_what_fits(rest, keeper) + _refused(lines, CONFLICT)
    except DataError:
        if len(entries) == 1:
            return _refused({entries[0].line}, NOT_TAKEN)
        middle = len(entries) // 2
        halves = entries[:middle], entries[middle:]
        return _keep_what_fits(halves[0], keeper) + _keep_what_fits(halves[1], keeper)


def _refused(lines: Set[int], reason: str) -> _Kept:
    return _Kept(Receipt(0), [Refusal(line, None, reason) for line in sorted(lines)])


def _lines_in_conflict(entries: Sequence[Entry]) -> set[int]:
    """All at once: a file may hold nothing else."""
    keys = {event.id for entry in entries for event in entry.events}
    stored = IncomingEvent.objects.filter(pk__in=keys).values_list("pk", "digest")
    digests: dict[UUID, UUID] = dict(stored)
    return {
        entry.line
        for entry in entries
        for event in entry.events
        if digests.setdefault(event.id, event.digest) != event.digest
    }
