"""Which conversations a search asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from accounts.models import Bot
from ingest.models import Conversation, ConversationQuerySet, SearchEntry
from ingest.searching import BEGINNINGS, INTENT, SIGNAL

# So many are put in order by themselves. Of a word that more hold, the newest are soon met.
FEW = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands in the list, newest first."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that `text` names. Raise ValueError if it names none."""
        at, _, key = text.partition("~")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        try:
            return cls(moment.astimezone(UTC), UUID(key))
        except OverflowError as error:
            raise ValueError("a time that no calendar has") from error


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. Empty: everything."""

    words: str = ""
    signal: str = ""
    outcome: str = ""
    channel: str = ""
    language: str = ""
    intent: str = ""
    confidence_below: float | None = None
    first_day: date | None = None  # in UTC, both days included
    last_day: date | None = None
    before: Place | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for less than all, the place in the list aside."""
        return replace(self, before=None) != Wanted()


class Asked(SearchQuery):
    """Asks for what has a word for each that was typed, and all marks."""

    def __init__(self, words: str, *marks: str) -> None:
        super().__init__(words)
        quoted = " & ".join(map(_quoted, marks))
        self._asked = f"({BEGINNINGS} && %s::tsquery)" if marks else BEGINNINGS
        self._values = [words, quoted] if marks else [words]

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:  # as Django has it
        return self._asked, self._values


def _quoted(mark: str) -> str:
    escaped = mark.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def few_of(bot: Bot, wanted: Wanted) -> list[UUID] | None:
    """Among which the wanted ones are, in no order; None if these are more than a few.

    Asked for apart: the database guesses badly how rare the beginning of a word, a signal or an
    intent is, and would look for three rows in a million from the newest on.
    """
    if wanted.words:
        holders = SearchEntry.objects.filter(bot=bot, words=_query(wanted), **_days(wanted))
        return _at_most_few(holders)
    named = _named(wanted)
    if not named:
        return None
    return _at_most_few(Conversation.objects.of(bot).filter(**named, **_days(wanted)))


def _at_most_few(rows: QuerySet[Any]) -> list[UUID] | None:
    found = list(rows.values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else None


def conversations(
    bot: Bot, wanted: Wanted, *, among: list[UUID] | None = None
) -> ConversationQuerySet:
    """Those that are wanted, `among` the few that can be if they are known."""
    found = Conversation.objects.of(bot).filter(**_days(wanted), **_exact(wanted), **_named(wanted))
    if among is not None:
        found = found.filter(pk__in=among)
    if wanted.words:
        found = found.filter(search_entry__words=_query(wanted))
    return _older_than(wanted.before, found) if wanted.before else found


def _query(wanted: Wanted) -> Asked:
    marks = ((SIGNAL, wanted.signal), (INTENT, wanted.intent))
    return Asked(wanted.words, *(mark + name for mark, name in marks if name))


def _exact(wanted: Wanted) -> dict[str, Any]:
    asked: dict[str, Any] = {
        name: value
        for name in ("outcome", "channel", "language")
        if (value := getattr(wanted, name))
    }
    if wanted.confidence_below is not None:
        asked["lowest_confidence__lt"] = wanted.confidence_below
    return asked


def _named(wanted: Wanted) -> dict[str, list[str]]:
    asked = {"signals__contains": wanted.signal, "intents__contains": wanted.intent}
    return {lookup: [name] for lookup, name in asked.items() if name}


def _days(wanted: Wanted) -> dict[str, datetime]:
    asked = {}
    if wanted.first_day:
        asked["started_at__gte"] = _midnight(wanted.first_day)
    if wanted.last_day:
        asked["started_at__lt"] = _midnight(wanted.last_day + timedelta(days=1))
    return asked


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _older_than(place: Place, found: ConversationQuerySet) -> ConversationQuerySet:
    # As one pair, so that the index is entered at this place even where many rows share a time.
    return found.filter(TupleLessThan(Tuple(F("started_at"), F("id")), (place.at, place.id)))
