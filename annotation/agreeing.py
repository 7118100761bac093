"""How far people agree, read from the sums of comparisons alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Bot, User
from annotation.comparing import week_of
from annotation.models import Annotation, ComparisonDue, EntityType, Intent
from annotation.models.agreement import OUT_OF_SCOPE, UNUSABLE
from ml.agreement import (
    alpha_of_margins,
    alpha_per_category,
    kappa_of_margins,
    kappa_per_category,
    span_f1,
)
from ml.wording import percent

FEWEST = 20  # pairs, or spans: fewer say nothing
MOST_DISPUTES = 10
MOST_TYPES = 50
MOST_COUNTED = 1000
ALWAYS = date(2000, 1, 1)
PERIODS = {"4": "4 weeks", "13": "13 weeks", "52": "52 weeks", "all": "All"}
USUAL_PERIOD = "13"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A figure between -1 and 1, and how many pairs of answers it rests on."""

    value: float | None
    pairs: int
    what: str = "pairs of answers"

    @property
    def is_enough(self) -> bool:
        return self.pairs >= FEWEST and self.value is not None

    @property
    def score(self) -> str:
        return f"{self.value:.2f}".replace("-", "−") if self.value is not None else ""

    @property
    def percent(self) -> str:
        return percent(self.value) if self.value is not None else ""


def figure(value: float, pairs: float, what: str = "pairs of answers") -> Figure:
    return Figure(None if np.isnan(value) else float(value), round(pairs), what)


def since(period: str) -> date:
    """The first Monday of a period; this week is the last of it."""
    if period == "all":
        return ALWAYS
    return week_of(timezone.now()) - timedelta(weeks=int(period) - 1)


def uncounted(bot: Bot) -> int:
    """How many changes of answers the sums have not heard of; one more than MOST_COUNTED: more."""
    return len(ComparisonDue.objects.of(bot).values_list("pk")[: MOST_COUNTED + 1])


# ── sums ──────────────────────────────────────────────────────────────────────────────

SUMS = """
SELECT person_id, meaning, answers, sum(mine), sum(others), sum("both")
FROM annotation_personcount WHERE bot_id = %s AND week >= %s
GROUP BY person_id, meaning, answers
"""


@dataclass(frozen=True)
class Sums:
    """Sums of a period, as one row per person, meaning and number of answers."""

    people: NDArray[np.int64]  # distinct, in order
    meanings: NDArray[np.int64]
    table: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, bot: Bot, start: date) -> "Sums":
        with connection.cursor() as cursor:
            cursor.execute(SUMS, [bot.pk, start])
            rows = np.array(cursor.fetchall(), np.int64).reshape(-1, 6)
        return cls(np.unique(rows[:, 0]), np.unique(rows[:, 1]), rows)

    @cached_property
    def by_person(self) -> NDArray[np.float64]:
        """Mine, others and both; shape (3, n_people, n_meanings)."""
        found = np.zeros((3, len(self.people), len(self.meanings)))
        who = np.searchsorted(self.people, self.table[:, 0])
        what = np.searchsorted(self.meanings, self.table[:, 1])
        for place in range(3):
            np.add.at(found[place], (who, what), self.table[:, 3 + place])
        return found

    @cached_property
    def coincidences(self) -> tuple[Floats, Floats]:
        """Margins and diagonal, as of ml.agreement."""
        what = np.searchsorted(self.meanings, self.table[:, 1])
        share = 1 / (self.table[:, 2] - 1)
        said = np.bincount(what, self.table[:, 3] * share, len(self.meanings)).astype(float)
        same = np.bincount(what, self.table[:, 5] * share, len(self.meanings)).astype(float)
        return said, same

    @property
    def pairs(self) -> int:
        return int(self.table[:, 3].sum()) // 2


# ── all of it ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Overall:
    alpha: Figure
    kappa: Figure
    same: Figure  # share of pairs


def overall(sums: Sums) -> Overall:
    """Of all people and intents.

    Kappa is that of each person with the others, weighed by how many pairs it rests on: with two
    people it is theirs.
    """
    pairs = sums.pairs
    if not pairs:
        none = Figure(None, 0)
        return Overall(none, none, none)
    kappas, weights = _kappas(sums), sums.by_person[0].sum(axis=1)
    known = ~np.isnan(kappas)
    kappa = np.average(kappas[known], weights=weights[known]) if known.any() else np.nan
    return Overall(
        alpha=figure(alpha_of_margins(*sums.coincidences), pairs),
        kappa=figure(float(kappa), pairs),
        same=figure(sums.table[:, 5].sum() / 2 / pairs, pairs),
    )


def _kappas(sums: Sums) -> Floats:
    mine, others, both = sums.by_person
    rows = zip(mine, others, both, strict=True)
    return np.array([kappa_of_margins(*each) for each in rows])


# ── by intent ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OfMeaning:
    """How far people agree on one intent."""

    meaning: int
    alpha: Figure
    same: Figure  # of the pairs in which one said it, the share in which both did
    name: str = ""

    @property
    def is_intent(self) -> bool:
        return self.meaning not in (OUT_OF_SCOPE, UNUSABLE)


def by_meaning(sums: Sums) -> list[OfMeaning]:
    """The least agreed on first, then those of which too little is known."""
    alphas = alpha_per_category(*sums.coincidences)
    mine, _, both = sums.by_person.sum(axis=1)
    pairs = mine - both / 2
    found = [
        OfMeaning(int(meaning), figure(alpha, n), figure(same / 2 / n, n))
        for meaning, alpha, n, same in zip(sums.meanings, alphas, pairs, both, strict=True)
        if n
    ]
    return sorted(found, key=_worst_first)


def _worst_first(row: OfMeaning) -> tuple[bool, float, int]:
    enough = row.alpha.is_enough
    return not enough, (row.alpha.value or 0) if enough else -row.alpha.pairs, row.meaning


def names_of(bot: Bot, meanings: Iterable[int]) -> dict[int, str]:
    """What people call them."""
    known = Intent.objects.of(bot).filter(pk__in=set(meanings)).values_list("pk", "name")
    return {
        OUT_OF_SCOPE: Annotation.Verdict.OUT_OF_SCOPE.label,
        UNUSABLE: Annotation.Verdict.UNUSABLE.label,
    } | dict(known)


def named(rows: Sequence[OfMeaning], names: Mapping[int, str]) -> list[OfMeaning]:
    return [OfMeaning(r.meaning, r.alpha, r.same, names.get(r.meaning, "")) for r in rows]


# ── what is disputed ──────────────────────────────────────────────────────────────────

DISPUTES = """
SELECT low, high, sum(pairs) FROM annotation_disputecount
WHERE bot_id = %s AND week >= %s GROUP BY low, high ORDER BY 3 DESC, 1, 2 LIMIT %s
"""


@dataclass(frozen=True)
class Dispute:
    """How often one said the one thing and the other the other."""

    low: int
    high: int
    pairs: int


def disputes(bot: Bot, start: date) -> list[Dispute]:
    with connection.cursor() as cursor:
        cursor.execute(DISPUTES, [bot.pk, start, MOST_DISPUTES])
        return [Dispute(*row) for row in cursor.fetchall()]


# ── by person ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OfPerson:
    """How far somebody agrees with the others."""

    kappa: Figure
    same: Figure


NOBODY = OfPerson(Figure(None, 0), Figure(None, 0))


def by_person(sums: Sums) -> dict[int, OfPerson]:
    mine, _, both = sums.by_person
    rows = zip(sums.people, _kappas(sums), mine.sum(axis=1), both.sum(axis=1), strict=True)
    return {
        int(person): OfPerson(figure(kappa, pairs), figure(same / pairs, pairs))
        for person, kappa, pairs, same in rows
    }


@dataclass(frozen=True)
class Differing:
    """One intent, as somebody uses it and as the others do of the same turns."""

    meaning: int
    mine: int
    others: int
    both: int
    kappa: Figure

    @property
    def alone(self) -> int:
        return self.mine - self.both

    @property
    def others_alone(self) -> int:
        return self.others - self.both

    @property
    def apart(self) -> int:
        return self.alone + self.others_alone


def differing(sums: Sums, person: User, *, most: int = 10) -> list[Differing]:
    """Where somebody differs from the others most often."""
    place = np.flatnonzero(sums.people == person.pk)
    if not len(place):
        return []
    mine, others, both = (counts[place[0]] for counts in sums.by_person)
    kappas = kappa_per_category(mine, others, both)
    found = [
        Differing(int(meaning), int(a), int(b), int(c), figure(kappa, a + b - c))
        for meaning, a, b, c, kappa in zip(sums.meanings, mine, others, both, kappas, strict=True)
        if a + b > 2 * c
    ]
    return sorted(found, key=lambda each: (-each.apart, each.meaning))[:most]


# ── by entity type ────────────────────────────────────────────────────────────────────

SPANS = """
SELECT type_id, sum(pairs), sum(mine), sum(others), sum(exact), sum(overlapping)
FROM annotation_spancount WHERE bot_id = %(bot)s AND week >= %(start)s
    AND (%(person)s::bigint IS NULL OR person_id = %(person)s)
GROUP BY type_id ORDER BY sum(mine) + sum(others) DESC, 1
"""


@dataclass(frozen=True)
class OfType:
    """How far people mark the same spans of a type; each pair counts as seen by both."""

    name: str
    exact: Figure
    overlapping: Figure


def by_type(bot: Bot, start: date, *, person: User | None = None) -> list[OfType]:
    """All together under "", then each type by name."""
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "bot": bot.pk,
            "start": start,
            "person": person.pk if person else None,
        }
        cursor.execute(SPANS, values)
        rows = [(kind, [int(each) for each in sums]) for kind, *sums in cursor.fetchall()]
    kinds = [kind for kind, _ in rows[:MOST_TYPES]]
    names = dict(EntityType.objects.of(bot).filter(pk__in=kinds).values_list("pk", "name"))
    each = [_of_type(names.get(kind, ""), sums, person) for kind, sums in rows[:MOST_TYPES]]
    together = [sum(column) for column in zip(*(sums for _, sums in rows), strict=True)]
    whole = [_of_type("", together, person)] if rows else []
    return whole + sorted(each, key=lambda row: row.name.casefold())


def _of_type(name: str, sums: Sequence[int], person: User | None) -> OfType:
    _, mine, others, exact, overlapping = sums
    # Of all people each span is there twice: as theirs, and as another's.
    spans = mine + others if person else mine
    return OfType(
        name,
        figure(span_f1(exact, mine, others), spans, "spans"),
        figure(span_f1(overlapping, mine, others), spans, "spans"),
    )


# ── week by week ──────────────────────────────────────────────────────────────────────

WEEKS = """
SELECT week, meaning, sum(mine), sum(others), sum("both") FROM annotation_personcount
WHERE bot_id = %s AND person_id = %s AND week >= %s GROUP BY week, meaning ORDER BY week DESC
"""


@dataclass(frozen=True)
class Week:
    monday: date
    kappa: Figure
    same: Figure
    agreed: int
    pairs: int


def by_week(bot: Bot, person: User, start: date) -> list[Week]:
    """How far somebody agreed with the others, the newest week first."""
    with connection.cursor() as cursor:
        cursor.execute(WEEKS, [bot.pk, person.pk, start])
        rows: list[Any] = cursor.fetchall()
    weeks: dict[date, list[Any]] = {}
    for week, *counts in rows:
        weeks.setdefault(week, []).append(counts[1:])
    return [_week(monday, np.array(counts, float).T) for monday, counts in weeks.items()]


def _week(monday: date, counts: Floats) -> Week:
    mine, others, both = counts
    pairs, agreed = int(mine.sum()), int(both.sum())
    kappa = kappa_of_margins(mine, others, both)
    return Week(monday, figure(kappa, pairs), figure(agreed / pairs, pairs), agreed, pairs)
