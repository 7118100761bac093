"""The audit log: what was done to who may do what, and to what is live, as a chain.

One chain for the whole install, so that the order of what happened in different bots is proven
too, and one number and one digest stand for all of it. Whoever verifies trusts nothing that the
database computes: the digests are made again here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import structlog
from django.db import connection

from accounts.models import AuditEntry, User

AT_ONCE = 10_000  # rows in memory
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_WORD = re.compile(r"[!-~]{1,64}")


def enter(event: str, *, by: User | None, bot_id: int | None, facts: dict[str, object]) -> None:
    """Enter what was done. It is kept, with its place in the chain, if the transaction is."""
    around = structlog.contextvars.get_contextvars()
    request_id = str(around.get("request_id", ""))
    AuditEntry.objects.create(
        event=event,
        by=by,
        bot_id=bot_id,
        # Whoever asks may choose the id of their request.
        request_id=request_id if ONE_WORD.fullmatch(request_id) else "",
        job_id=around.get("job_id"),
        facts=facts,
    )


@dataclass(frozen=True)
class Anchor:
    """The end of the chain as it was, kept where nobody who writes to the database writes."""

    number: int
    digest: str
    at: str


class Row(NamedTuple):
    number: int
    id: int
    at: datetime
    event: str
    by: int | None
    bot: int | None
    request_id: str
    job: int | None
    facts: str
    digest: str


class Broken(Exception):
    """The log is not what was written. `number` is the first place where that shows."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


@dataclass(frozen=True)
class Sound:
    """The log is what was written, as far as the chain and the anchors can tell."""

    entries: int
    digest: str
    anchors: int


def head() -> tuple[int, str] | None:
    """Number and digest of the newest entry; None while there is none."""
    newest = AuditEntry.objects.sealed().order_by("-number")
    return newest.values_list("number", "digest").first()  # type: ignore[return-value]


def verify(anchors: Iterable[Anchor] = ()) -> Sound:
    """Look at each entry from the first to the last. Raise Broken at the first wrong one."""
    kept: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        kept.setdefault(anchor.number, []).append(anchor)
    number, digest, checked = 0, "", 0
    for row in _rows():
        number += 1
        if row.number != number:
            raise Broken(
                number, f"Entry {number} is missing: after {number - 1} comes {row.number}."
            )
        if digest_of(row, before=digest) != row.digest:
            raise Broken(number, _altered(row))
        digest = row.digest
        for anchor in kept.pop(number, ()):
            if anchor.digest != digest:
                raise Broken(number, _rewritten(anchor))
            checked += 1
    _nothing_beside_the_chain(number)
    if kept:
        raise Broken(number + 1, _cut(number, kept[max(kept)][0]))
    return Sound(number, digest, checked)


def digest_of(row: Row, *, before: str) -> str:
    """The SHA-256 of the digest before it and of the row, a line for each column."""
    words = (
        before,
        row.number,
        row.id,
        (row.at - EPOCH) // MICROSECOND,
        row.event,
        _or_empty(row.by),
        _or_empty(row.bot),
        row.request_id,
        _or_empty(row.job),
        row.facts,
    )
    return sha256("\n".join(map(str, words)).encode()).hexdigest()


def _or_empty(value: int | None) -> int | str:
    return "" if value is None else value


BATCH = """
SELECT number, id, at, event, by_id, bot_id, request_id, job_id, facts::text, digest
FROM accounts_auditentry WHERE number > %s ORDER BY number LIMIT %s
"""
FIRST = -(2**63)  # below every number, also one that somebody made up


def _rows() -> Iterator[Row]:
    last = FIRST
    while True:
        with connection.cursor() as cursor:
            cursor.execute(BATCH, [last, AT_ONCE])
            batch = cursor.fetchall()
        yield from map(Row._make, batch)
        if len(batch) < AT_ONCE:
            return
        last = batch[-1][0]


def _nothing_beside_the_chain(number: int) -> None:
    stray = AuditEntry.objects.filter(number=None).order_by("pk").first()
    if stray is not None:
        raise Broken(
            number + 1,
            f"The row with id {stray.pk} is in the table and not in the chain: it was put there "
            "with the triggers of the database switched off.",
        )


def _altered(row: Row) -> str:
    return (
        f"Entry {row.number} (id {row.id}, {row.event}) is not what was written: its digest does "
        "not fit it and the entry before it. It was edited, or put into another one's place."
    )


def _rewritten(anchor: Anchor) -> str:
    return (
        f"Entry {anchor.number} fits the entries before it, but the anchor of {anchor.at} has "
        "another digest for it: it, or something before it, was written anew."
    )


def _cut(number: int, anchor: Anchor) -> str:
    return (
        f"The log ends with entry {number}, but the anchor of {anchor.at} was made when it had "
        f"{anchor.number}: the entries from {number + 1} on were cut off."
    )
