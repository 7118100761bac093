"""Takes events in: all of them are stored when this returns, or none is."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from ingest import identities, storing
from ingest.gathering import gather
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
    delivery = identities.delivery_id(webhook_id, salt=keeper.salt)
    count = len(events)

    def receive_once() -> Receipt:
        opening = storing.insert_delivery(
            delivery, digest=digest, count=count, subjects=_subjects(events), keeper=keeper
        )
        if opening.is_new:
            return _store(events, keeper, erased=opening.erased)
        if Delivery.objects.filter(pk=delivery, digest=digest).exists():
            return Receipt(0, duplicates=count)
        raise IdConflict

    return _whole(receive_once)


def store(events: Sequence[Prepared], *, keeper: Keeper) -> Receipt:
    """Store events that came in no request: from a file, or made here."""

    def store_once() -> Receipt:
        storing.wait_for_erasing(keeper.bot_id)
        erased = storing.tombstones(_subjects(events), keeper=keeper)
        return _store(events, keeper, erased=erased)

    return _whole(store_once)


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


def _store(events: Sequence[Prepared], keeper: Keeper, *, erased: dict[UUID, datetime]) -> Receipt:
    wanted = _not_erased(events, erased)
    distinct = {event.id: event for event in reversed(wanted)}
    new_ids = storing.insert_events(list(distinct.values()), keeper=keeper) if wanted else set()
    new = [event for event in distinct.values() if event.id in new_ids]
    if len(new) < len(wanted):
        _refuse_conflicts(events, distinct, known=distinct.keys() - new_ids)
    if new:
        with storing.sent_together():
            storing.upsert_conversations(gather(new), keeper=keeper)
            storing.insert_turns(new, keeper=keeper)
            storing.insert_feedback(new, keeper=keeper)
        key = f"{FIND_SIGNALS}:{keeper.bot_id}"
        requesting.ensure(FIND_SIGNALS, key=key, bot_id=keeper.bot_id)
    return Receipt(len(new), len(wanted) - len(new), len(events) - len(wanted))


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
