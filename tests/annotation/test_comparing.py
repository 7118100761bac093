"""annotation/comparing.py: pairs of answers and their sums, as the answers are now."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from itertools import permutations
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotation.answering import NothingToUndo, Span, TooLate, undo
from annotation.comparing import compare_due, week_of
from annotation.holding import Gone, Taken
from annotation.models import (
    Annotation,
    Comparison,
    ComparisonDue,
    DisputeCount,
    EntitySpan,
    KnownTurn,
    PersonCount,
    SpanCount,
)
from ingest.leaving import delete_conversations
from jobs.models import Job
from tests.annotation.giving import Verdict, give
from tests.annotation.test_jobs import run
from tests.factories import make_annotation, make_entity_type, make_intent, make_item, make_member


def people_counts():
    """All that PersonCount holds, by its keys."""
    names = ("week", "person", "meaning", "answers", "mine", "others", "both")
    return {row[:4]: row[4:] for row in PersonCount.objects.values_list(*names)}


def dispute_counts():
    return {row[:3]: row[3] for row in DisputeCount.objects.values_list(
        "week", "low", "high", "pairs"
    )}  # fmt: skip


def span_counts():
    names = ("week", "person", "type", "pairs", "mine", "others", "exact", "overlapping")
    return {row[:3]: row[3:] for row in SpanCount.objects.values_list(*names)}


def recounted():
    """The same three, from all answers; spans of these tests never overlap in two ways."""
    people, disputes, spans = {}, Counter(), {}
    saying = {"oos": 0, "unusable": -1}
    by_item = {}
    formed_apart = Annotation.objects.filter(undone_at=None)
    standing = formed_apart.exclude(lane__in=["reviewer", "returned"])
    for said in standing.exclude(verdict__in=["skip", "unsure"]).prefetch_related("spans"):
        by_item.setdefault(said.item_id, []).append(said)
    for answers in by_item.values():
        for one, other in permutations(answers, 2):
            week = max(week_of(one.created_at), week_of(other.created_at))
            mine, theirs = (said.intent_id or saying[said.verdict] for said in (one, other))
            for meaning in {mine, theirs}:
                key = (week, one.annotator_id, meaning, len(answers))
                counts = people.setdefault(key, [0, 0, 0])
                found = (meaning == mine, meaning == theirs, mine == theirs)
                people[key] = [a + b for a, b in zip(counts, found, strict=True)]
            if mine < theirs:
                disputes[(week, mine, theirs)] += 1
            elif theirs < mine:
                disputes[(week, theirs, mine)] += 0
            of_one, of_other = ([(s.type_id, s.start, s.end) for s in said.spans.all()]
                                for said in (one, other))  # fmt: skip
            for kind in {each[0] for each in (*of_one, *of_other)}:
                a, b = ([each for each in of if each[0] == kind] for of in (of_one, of_other))
                near = sum(any(x[1] < y[2] and y[1] < x[2] for y in b) for x in a)
                counts = spans.setdefault((week, one.annotator_id, kind), [0] * 5)
                found = (1, len(a), len(b), len(set(a) & set(b)), near)
                spans[(week, one.annotator_id, kind)] = [
                    c + f for c, f in zip(counts, found, strict=True)
                ]
    tupled = ({key: tuple(counts) for key, counts in sums.items()} for sums in (people, spans))
    first, last = tupled
    return first, dict(disputes), last


@pytest.fixture
def city(bot):
    return make_entity_type(bot, "city")


def test_two_answers_are_a_pair(annotator, ben, bot, lost, city):
    item = make_item(bot, "in Lisbon and Rome", answers_wanted=2)
    lisbon = Span(city.pk, 3, 9, "Lisbon")
    give(item, annotator, intent=lost, spans=[lisbon])
    give(item, ben, intent=lost, spans=[lisbon, Span(city.pk, 14, 18, "Rome")])

    assert compare_due(bot) == 1

    week = week_of(timezone.now())
    pair = Comparison.objects.get()
    assert (pair.item_id, pair.one, pair.other) == (item.pk, annotator, ben)
    assert (pair.one_meaning, pair.other_meaning, pair.week) == (lost.pk, lost.pk, week)
    assert people_counts() == {
        (week, annotator.pk, lost.pk, 2): (1, 1, 1),
        (week, ben.pk, lost.pk, 2): (1, 1, 1),
    }
    assert dispute_counts() == {}
    assert span_counts() == {
        (week, annotator.pk, city.pk): (1, 1, 2, 1, 1),
        (week, ben.pk, city.pk): (1, 2, 1, 1, 1),
    }


def test_one_answer_costs_nothing(annotator, bot, lost):
    give(make_item(bot), annotator, intent=lost)

    assert not ComparisonDue.objects.exists()


def test_who_decides_has_seen_the_others_and_is_not_compared(annotator, ben, reviewer, bot, lost):
    item = make_item(bot, answers_wanted=2)
    give(item, annotator, intent=lost)
    give(item, ben)
    give(item, reviewer)

    compare_due(bot)

    assert Comparison.objects.count() == 1
    assert dispute_counts() == {(week_of(timezone.now()), 0, lost.pk): 1}


def test_who_was_unsure_or_skipped_it_has_said_nothing(annotator, ben, bot):
    item, other = make_item(bot, answers_wanted=2), make_item(bot, answers_wanted=2)
    give(item, annotator)
    give(item, ben, verdict=Verdict.UNSURE)
    give(other, annotator, verdict=Verdict.SKIP)
    give(other, ben)

    compare_due(bot)

    assert not Comparison.objects.exists()


def test_three_answers_are_three_pairs(annotator, ben, bot, lost):
    item = make_item(bot)
    for person in (annotator, ben, make_member(bot)):
        make_annotation(item, person, verdict="intent", intent=lost)

    compare_due(bot)

    assert Comparison.objects.filter(answers=3).count() == 3
    assert people_counts() == recounted()[0]


def test_where_two_agree_the_turn_is_known_and_not_any_more_where_they_differ(
    annotator, ben, bot, lost
):
    same, differs = make_item(bot, answers_wanted=2), make_item(bot, answers_wanted=2)
    for item in (same, differs):
        give(item, annotator, intent=lost)
    give(same, ben, intent=lost)
    give(differs, ben)
    compare_due(bot)
    assert KnownTurn.objects.get().turn == same.turn

    Annotation.objects.filter(item=same, annotator=ben).update(verdict="oos", intent=None)
    compare_due(bot)

    assert not KnownTurn.objects.exists()


def test_what_a_reviewer_said_of_a_known_turn_stays(annotator, ben, reviewer, bot, lost):
    item = make_item(bot, answers_wanted=2)
    KnownTurn.objects.create(turn=item.turn, bot=bot, source="barred", by=reviewer)
    give(item, annotator, intent=lost)
    give(item, ben, intent=lost)

    compare_due(bot)

    assert KnownTurn.objects.get().source == "barred"


def test_an_undone_answer_takes_its_pair_along(annotator, ben, bot, lost):
    item = make_item(bot, answers_wanted=2)
    give(item, annotator, intent=lost)
    give(item, ben, intent=lost)
    compare_due(bot)

    undo(ben, bot=bot)
    compare_due(bot)

    assert not Comparison.objects.exists()
    assert not PersonCount.objects.exists()


def test_what_was_said_long_ago_counts_in_its_week(annotator, ben, bot):
    item = make_item(bot)
    monday = timezone.now().replace(year=2026, month=5, day=4, hour=0, minute=0)
    make_annotation(item, annotator, created_at=monday - timedelta(minutes=1))
    make_annotation(item, ben, created_at=monday)

    compare_due(bot)

    assert Comparison.objects.get().week == date(2026, 5, 4)


def test_what_failed_is_compared_later(annotator, ben, bot, lost):
    item = make_item(bot, answers_wanted=2)
    give(item, annotator, intent=lost)
    give(item, ben, intent=lost)

    with pytest.raises(RuntimeError), transaction.atomic():
        compare_due(bot)
        raise RuntimeError
    compare_due(bot)

    assert Comparison.objects.count() == 1


def test_the_watch_sees_to_it(annotator, ben, bot, lost):
    item = make_item(bot, answers_wanted=2)
    give(item, annotator, intent=lost)
    give(item, ben, intent=lost)
    Job.objects.create(kind="watch_queue")

    run("watch_queue")
    run("compare_answers")

    assert Comparison.objects.count() == 1
    assert not ComparisonDue.objects.exists()


# ── whatever happens ──────────────────────────────────────────────────────────────────


class People:
    """Some who answer, undo and erase at random."""

    def __init__(self, bot, seed):
        self.dice = Random(seed)
        self.bot = bot
        self.people = [make_member(bot) for _ in range(3)]
        self.people.append(make_member(bot, "reviewer"))
        self.items = [
            make_item(bot, "in Lisbon and Rome", answers_wanted=2, alike=["more"] * (n % 3))
            for n in range(10)
        ]
        self.intents = [make_intent(bot) for _ in range(3)]
        self.types = [make_entity_type(bot) for _ in range(2)]

    def act(self):
        what = [self.say] * 12 + [self.take_back] * 4 + [self.erase, self.merge, self.unmark]
        self.dice.choice([*what, self.compare])()

    def say(self):
        verdict = self.dice.choice([None] * 8 + [Verdict.SKIP, Verdict.UNSURE, Verdict.UNUSABLE])
        intent = self.dice.choice([*self.intents, None]) if verdict is None else None
        places = [(3, 9, "Lisbon"), (14, 18, "Rome"), (3, 5, "Li"), (3, 18, "Lisbon and Rome")]
        place = self.dice.choice(places)
        spans = [Span(self.dice.choice(self.types).pk, *place)] if self.dice.random() < 0.7 else []
        item, who = self.dice.choice(self.items), self.dice.choice(self.people)
        with suppress(Gone, Taken), transaction.atomic():
            give(item, who, intent=intent, verdict=verdict, spans=spans)

    def take_back(self):
        with suppress(NothingToUndo, TooLate):
            undo(self.dice.choice(self.people), bot=self.bot)

    def erase(self):
        gone = self.items.pop(self.dice.randrange(len(self.items)))
        delete_conversations(self.bot, [gone.conversation_id])
        self.items.append(make_item(self.bot, "in Lisbon and Rome", answers_wanted=2))

    def merge(self):
        """By hand, as an operator would."""
        one, other = self.dice.sample(self.intents, 2)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE annotation_annotation SET intent_id = %s WHERE intent_id = %s",
                [one.pk, other.pk],
            )

    def unmark(self):
        EntitySpan.objects.filter(type=self.types[0], annotation__item=self.items[0]).delete()

    def compare(self):
        compare_due(self.bot)


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_a_recount_after_whatever_happened(bot, seed):
    people = People(bot, seed)

    for _ in range(120):
        people.act()
    compare_due(bot)

    by_person, disputes, spans = recounted()
    assert by_person
    assert people_counts() == by_person
    assert dispute_counts() == {key: pairs for key, pairs in disputes.items() if pairs}
    assert span_counts() == spans
