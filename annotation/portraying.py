"""What pages show of people: how far they agree, what they know, and how long they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Bot, User
from annotation import agreeing, pausing, scoring, timing
from annotation.agreeing import FEWEST, NOBODY, Differing, OfPerson, OfType, Sums, Week
from annotation.comparing import week_of
from annotation.models import Annotation, GoldQuestion, ReviewPause
from annotation.scoring import Known
from annotation.timing import Times
from ingest.pieces import in_one_line
from ml.agreement import fell_by_chance
from ml.wording import percent

RECENT, BEFORE = 4, 13  # weeks
UNLIKELY = 0.01
MOST_WEEKS = 53
MOST_MISSED = 20


@dataclass(frozen=True)
class Row:
    person: User
    agrees: OfPerson
    known: Known
    paused: bool


def everybody(bot: Bot, sums: Sums) -> list[User]:
    """Who works on the bot, or has answered what others did too; by name."""
    theirs = Q(memberships__bot=bot) | Q(pk__in=sums.people.tolist())
    people = User.objects.filter(theirs).distinct()
    return sorted(people, key=lambda person: person.shown_name.casefold())


def rows(bot: Bot, people: Sequence[User], sums: Sums, start: date) -> list[Row]:
    """Of one page of people, in its order."""
    keys = [person.pk for person in people]
    agrees, known = agreeing.by_person(sums), scoring.results(bot, keys, start)
    pauses = ReviewPause.objects.of(bot).holding().filter(person__in=keys)
    paused = set(pauses.values_list("person", flat=True))
    return [
        Row(
            person,
            agrees.get(person.pk, NOBODY),
            known.get(person.pk, Known()),
            person.pk in paused,
        )
        for person in people
    ]


# ── one of them ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Missed:
    """A known turn that somebody had wrong."""

    conversation_id: UUID
    said: str
    meaning: str
    answer: str
    at: datetime | None


@dataclass(frozen=True)
class Portrait:
    person: User
    agrees: OfPerson
    known: Known
    drift: "Drift"
    weeks: list[Week]
    differing: list[tuple[str, Differing]]  # with the name of what is meant
    types: list[OfType]
    times: Times
    pause: ReviewPause | None


def portrait(person: User, *, bot: Bot, start: date, until: datetime | None = None) -> Portrait:
    """Known turns count as far as `until`: nobody must learn at once how they answered one."""
    sums = Sums.of(bot, start)
    differing = agreeing.differing(sums, person)
    names = agreeing.names_of(bot, [each.meaning for each in differing])
    return Portrait(
        person=person,
        agrees=agreeing.by_person(sums).get(person.pk, NOBODY),
        known=scoring.results(bot, [person.pk], start, until=until).get(person.pk, Known()),
        drift=drift(bot, person),
        weeks=agreeing.by_week(bot, person, start)[:MOST_WEEKS],
        differing=[(names.get(each.meaning, ""), each) for each in differing],
        types=agreeing.by_type(bot, start, person=person),
        times=timing.times(person, bot=bot),
        pause=pausing.current(person, bot=bot),
    )


def this_morning() -> datetime:
    """When the day began, in UTC."""
    return datetime.combine(timezone.now().astimezone(UTC).date(), time(), tzinfo=UTC)


def missed(person: User, *, bot: Bot) -> list[Missed]:
    """The newest known turns that they had wrong. For reviewers alone."""
    wrong = GoldQuestion.objects.of(bot).to(person).filter(right=False).newest_first()
    wrong = wrong.select_related("item__turn", "intent", "known_intent")
    return [
        Missed(
            each.item.conversation_id,
            in_one_line(each.item.turn.text),
            _called(each.known_verdict, each.known_intent),
            _called(each.verdict, each.intent),
            each.answered_at,
        )
        for each in wrong[:MOST_MISSED]
    ]


def _called(verdict: str, intent: object) -> str:
    return str(intent) if intent else str(Annotation.Verdict(verdict).label)


# ── over time ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Drift:
    """Whether somebody agrees less with the others than they did."""

    sentence: str
    fell: bool = False


TOO_FEW = (
    "Too few to say whether it changed: the last {recent} weeks have {now} pairs of answers, the "
    "{before} before them {then}, and each takes {least}."
)
FELL = (
    "Agrees less with the others than before: in {now} of the pairs of the last {recent} weeks, "
    "in {then} of the {before} before. Chance alone makes such a fall less than once in a hundred."
)
STEADY = (
    "As before, as far as one can tell: {now} of the pairs of the last {recent} weeks agree, "
    "{then} of the {before} before."
)


def drift(bot: Bot, person: User) -> Drift:
    monday = week_of(timezone.now()) - timedelta(weeks=RECENT - 1)
    weeks = agreeing.by_week(bot, person, monday - timedelta(weeks=BEFORE))
    now = _sum([week for week in weeks if week.monday >= monday])
    then = _sum([week for week in weeks if week.monday < monday])
    if now[1] < FEWEST or then[1] < FEWEST:
        sentence = TOO_FEW.format(
            recent=RECENT, before=BEFORE, now=now[1], then=then[1], least=FEWEST
        )
        return Drift(sentence)
    fell = fell_by_chance(then, now) < UNLIKELY
    shares = {"now": percent(now[0] / now[1]), "then": percent(then[0] / then[1])}
    words = FELL if fell else STEADY
    return Drift(words.format(recent=RECENT, before=BEFORE, **shares), fell)


def _sum(weeks: Sequence[Week]) -> tuple[int, int]:
    return sum(week.agreed for week in weeks), sum(week.pairs for week in weeks)
