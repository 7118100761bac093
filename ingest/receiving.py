"""Takes events in: all of them are stored when this returns, or none is."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from ingest import identities, storing
from ingest.models import Delivery, IncomingEvent
from ingest.preparing import Keeper, Prepared
from jobs import requesting

TRIES = 3
FIND_SIGNALS = "find_signals"


class IdConflict(Exception):
    """An id was used before, for something else. Nothing was stored."""

    def __init__(self, *, place: int | None = None) -> None:
        super().__init__()
        self.place = place  # of the event in its batch; None: the delivery's own id


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many events were stored, were known before, or belong to somebody who was erased."""

    accepted: int
    duplicates: int = 0
    erased: int = 0


def receive(
    events: Sequence[Prepared], *, webhook_id: str, digest: UUID, keeper: Keeper
) -> Receipt:
    """Store what one signed request brought. Raise IdConflict if its id brought something else."""
    delivery = storing.Delivery(identities.delivery_id(webhook_id, salt=keeper.salt), digest)

    def receive_once() -> Receipt:
        if receipt := _store(events, delivery, keeper):
            return receipt
        if Delivery.objects.filter(pk=delivery.id, digest=digest).exists():
            return Receipt(0, duplicates=len(events))
        raise IdConflict

    return _whole(receive_once)


def store(events: Sequence[Prepared], *, keeper: Keeper) -> Receipt:
    """Store events that came in no request: from a file, or made here."""
    return _whole(lambda: _store(events, None, keeper) or Receipt(0))


def _whole(work: Callable[[], Receipt]) -> Receipt:
    """Do `work` in a transaction; again if somebody deleted what it was about to point to."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return work()
        except (IntegrityError, OperationalError) as error:
            if not left or not _was_bad_luck(error):
                raise
    raise AssertionError("unreachable")


def _was_bad_luck(error: Exception) -> bool:
    """A deadlock, or a text that went out of use between its lookup and the commit."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "40001", "23503"}


def _store(
    events: Sequence[Prepared], delivery: storing.Delivery | None, keeper: Keeper
) -> Receipt | None:
    """Store `events`; None, and nothing is stored, if their delivery came before."""
    job_key = f"{FIND_SIGNALS}:{keeper.bot_id}"
    put = partial(storing.store, sent=len(events), job_key=job_key, keeper=keeper)
    wanted, distinct = events, _distinct(events)
    stored = put(list(distinct.values()), subjects=_subjects(events), delivery=delivery)
    if stored.is_known:
        return None
    if stored.erased:
        wanted = _not_erased(events, stored.erased)
        distinct = _distinct(wanted)
        stored = put(list(distinct.values()), subjects=(), delivery=None)
    new = distinct.keys() if stored.whole else stored.new
    if len(new) < len(wanted):
        _refuse_conflicts(wanted, distinct, known=distinct.keys() - new)
    if new and not stored.whole:
        storing.store_rest([distinct[each] for each in new], keeper=keeper)
    storing.complete({each.completes for each in wanted if each.completes}, bot_id=keeper.bot_id)
    if new and not stored.job_is_live:
        requesting.ensure(FIND_SIGNALS, key=job_key, bot_id=keeper.bot_id)
    return Receipt(len(new), len(wanted) - len(new), len(events) - len(wanted))


def _distinct(events: Sequence[Prepared]) -> dict[UUID, Prepared]:
    return {event.id: event for event in reversed(events)}


def _subjects(events: Sequence[Prepared]) -> set[UUID]:
    """All that a tombstone may stand for."""
    users = {event.user for event in events if event.user}
    return users | {event.conversation for event in events}


def _not_erased(events: Sequence[Prepared], erased: dict[UUID, datetime]) -> Sequence[Prepared]:
    """Leave out what somebody said who has been erased since."""
    if not erased:
        return events
    return [
        event
        for event in events
        if all(
            event.at > erased[subject]
            for subject in (event.conversation, event.user)
            if subject in erased
        )
    ]


def _refuse_conflicts(
    events: Sequence[Prepared], distinct: dict[UUID, Prepared], *, known: Set[UUID]
) -> None:
    """Raise IdConflict for the first event whose id stands for something else."""
    digests = {key: event.digest for key, event in distinct.items()}
    digests |= dict(IncomingEvent.objects.filter(pk__in=known).values_list("pk", "digest"))
    for place, event in enumerate(events):
        if digests.get(event.id, event.digest) != event.digest:
            raise IdConflict(place=place)
