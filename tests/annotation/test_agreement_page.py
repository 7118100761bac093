"""/review/agreement/, /review/people/ and one's own figures."""

from datetime import timedelta
from itertools import count

import numpy as np
import pytest
from django.utils import timezone
from sklearn.metrics import cohen_kappa_score

from annotation.comparing import compare_due
from annotation.drafting import Drafter, see
from annotation.models import EntitySpan, GoldQuestion
from ml.agreement import coincidences, krippendorff_alpha
from tests.annotation.asking import known_turn
from tests.factories import (
    make_annotation,
    make_conversation,
    make_entity_type,
    make_intent,
    make_item,
    make_member,
    make_review_settings,
    make_text,
    make_turn,
)

numbers = count()


def words(response):
    return " ".join(response.content.decode().split())


def say(bot, answers, *, at=None, seconds=None):
    """An item, and what people said of it: {person: intent or None}."""
    item = make_item(bot, f"text {next(numbers)}")
    at = at or timezone.now()
    return [
        make_annotation(
            item, who, verdict="intent" if intent else "oos", intent=intent, created_at=at,
            seconds=seconds,
        )
        for who, intent in answers.items()
    ]  # fmt: skip


def says(bot, one, other, table, *, at=None):
    """So many items for each pair of answers: {(intent, intent): how many}."""
    for (a, b), times in table.items():
        for _ in range(times):
            say(bot, {one: a, other: b}, at=at)
    compare_due(bot)


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


def test_the_figures_are_those_of_two_people(as_reviewer, annotator, ben, bot, lost, stolen):
    table = {(lost, lost): 14, (lost, stolen): 5, (stolen, stolen): 8, (None, None): 3,
             (stolen, None): 2}  # fmt: skip
    says(bot, annotator, ben, table)

    page = as_reviewer.get("/review/agreement/")

    pairs = [(str(a), str(b)) for (a, b), times in table.items() for _ in range(times)]
    one, other = zip(*pairs, strict=True)
    overall = page.context["overall"]
    assert overall.kappa.value == pytest.approx(cohen_kappa_score(one, other))
    assert overall.alpha.value == pytest.approx(krippendorff_alpha(coincidences([one, other])[1]))
    assert (overall.same.percent, overall.same.pairs) == ("78.1 %", 32)
    shown = words(page)
    assert f"{overall.alpha.value:.2f}" in shown
    assert "5 pairs" in shown  # lost or stolen
    # Too few pairs have nothing but "too few"; those with enough come first.
    rows = [(row.name, row.alpha.pairs) for row in page.context["rows"]]
    assert rows == [("card_lost", 19), ("card_stolen", 15), ("Out of scope", 5)]
    assert not any(row.alpha.is_enough for row in page.context["rows"])
    assert "Too few" in shown


def test_with_three_people_alpha_weighs_each_answer_once(
    as_reviewer, annotator, ben, bot, lost, stolen
):
    carla = make_member(bot, username="carla")
    chance = np.random.default_rng(0)
    said = []
    for _ in range(30):
        answers = {who: chance.choice([lost, stolen, None]) for who in (annotator, ben, carla)}
        if chance.random() < 0.4:
            answers.pop(carla)
        say(bot, answers)
        said.append([str(answers[who]) if who in answers else None
                     for who in (annotator, ben, carla)])  # fmt: skip
    compare_due(bot)

    page = as_reviewer.get("/review/agreement/")

    wanted = krippendorff_alpha(coincidences(list(zip(*said, strict=True)))[1])
    assert page.context["overall"].alpha.value == pytest.approx(wanted)


def test_the_least_agreed_on_comes_first(as_reviewer, annotator, ben, bot, lost, stolen):
    says(bot, annotator, ben, {(lost, lost): 25, (lost, stolen): 15, (stolen, stolen): 6,
                               (None, None): 20})  # fmt: skip

    page = as_reviewer.get("/review/agreement/")

    assert [row.name for row in page.context["rows"]] == [
        "card_stolen", "card_lost", "Out of scope"
    ]  # fmt: skip


def test_spans_have_f1_by_type(as_reviewer, annotator, ben, bot):
    city, day = make_entity_type(bot, "city"), make_entity_type(bot, "day")
    for n in range(12):
        one, other = say(bot, {annotator: None, ben: None})
        for said, end in ((one, 5), (other, 5 if n % 2 else 4)):
            EntitySpan.objects.create(annotation=said, type=city, start=0, end=end, text="x")
        EntitySpan.objects.create(annotation=one, type=day, start=0, end=4, text="x")
    compare_due(bot)

    page = as_reviewer.get("/review/agreement/")

    found = {row.name: row for row in page.context["types"]}
    assert found["city"].exact.score == "0.50"
    assert found["city"].overlapping.score == "1.00"
    assert found["city"].exact.pairs == 24
    assert found["day"].exact.value == 0
    assert not found["day"].exact.is_enough
    assert found[""].exact.value == pytest.approx(2 * 6 / 36)


def test_a_period_leaves_out_what_was_before(as_reviewer, annotator, ben, bot, lost):
    before = timezone.now() - timedelta(weeks=20)
    says(bot, annotator, ben, {(lost, None): 21}, at=before)
    says(bot, annotator, ben, {(lost, lost): 1})

    pairs = {
        period: as_reviewer.get(f"/review/agreement/?weeks={period}").context["overall"].same.pairs
        for period in ("4", "all", "52", "nonsense")
    }

    assert pairs == {"4": 1, "all": 22, "52": 22, "nonsense": 1}


def test_what_is_not_counted_yet_is_told(as_reviewer, annotator, ben, bot, lost):
    say(bot, {annotator: lost, ben: lost})

    page = words(as_reviewer.get("/review/agreement/"))

    assert "1 new or changed answer is not counted yet" in page
    assert "Nothing to compare yet" in page


def test_the_page_takes_the_same_statements_however_much_there_is(
    as_reviewer, annotator, ben, bot, django_assert_num_queries
):
    intents = [make_intent(bot) for _ in range(55)]
    says(bot, annotator, ben, {(intent, intents[n // 2]): 1 for n, intent in enumerate(intents)})

    with django_assert_num_queries(7):
        page = as_reviewer.get("/review/agreement/?page=2")
    with django_assert_num_queries(6):
        as_reviewer.get("/review/people/")

    assert len(page.context["rows"]) == 5
    assert len(page.context["disputes"]) == 10


def test_people_stand_by_name_with_their_figures(as_reviewer, annotator, ben, bot, lost, stolen):
    carla = make_member(bot, username="carla", first_name="Aaron", last_name="Abel")
    says(bot, annotator, ben, {(lost, lost): 15, (stolen, lost): 5, (stolen, stolen): 10})
    say(bot, {ben: lost, carla: lost})
    compare_due(bot)

    page = as_reviewer.get("/review/people/")

    rows = {row.person.shown_name: row for row in page.context["rows"]}
    assert list(rows) == ["Aaron Abel", "ana", "ben", "rafa"]
    assert rows["ana"].agrees.kappa.value == pytest.approx(
        cohen_kappa_score(["l"] * 15 + ["s"] * 15, ["l"] * 20 + ["s"] * 10)
    )
    assert (rows["ana"].agrees.same.pairs, rows["ben"].agrees.same.pairs) == (30, 31)
    assert not rows["Aaron Abel"].agrees.kappa.is_enough
    assert rows["rafa"].agrees.same.pairs == 0


def test_a_person_who_agrees_less_than_before_is_told_so(as_reviewer, annotator, ben, bot, lost):
    before = timezone.now() - timedelta(weeks=6)
    says(bot, annotator, ben, {(lost, lost): 38, (None, lost): 2}, at=before)
    says(bot, annotator, ben, {(lost, lost): 12, (None, lost): 10})

    page = as_reviewer.get(f"/review/people/{annotator.pk}/")

    shown = words(page)
    assert "Agrees less with the others than before: in 54.5 %" in shown
    assert "in 95.0 % of the 13 before" in shown
    assert [(week.pairs, week.same.percent) for week in page.context["portrait"].weeks] == [
        (22, "54.5 %"), (40, "95.0 %")
    ]  # fmt: skip
    ((name, apart), _) = page.context["portrait"].differing
    assert (name, apart.alone, apart.others_alone, apart.both) == ("card_lost", 0, 12, 50) or (
        name, apart.alone, apart.others_alone, apart.both
    ) == ("Out of scope", 12, 0, 0)  # fmt: skip


def test_times_that_stand_out_are_listed(as_reviewer, annotator, bot):
    for n in range(30):
        say(bot, {annotator: None}, seconds=4 + n % 3)
    slow = say(bot, {annotator: None}, seconds=700)[0]

    portrait = as_reviewer.get(f"/review/people/{annotator.pk}/").context["portrait"]

    assert portrait.times.median == 5
    assert [(odd.said, odd.is_quick) for odd in portrait.times.odd] == [
        (slow.item.turn.text, False)
    ]


def asked(bot, person, by, *, at, right=False):
    item = known_turn(bot, by, "what was known")
    return GoldQuestion.objects.create(
        bot=bot, person=person, item=item, known_verdict="oos", held_until=at, asked_at=at,
        verdict="unusable", answered_at=at, right=right,
    )  # fmt: skip


def test_reviewers_see_which_known_turns_were_missed_and_the_person_does_not(
    as_reviewer, as_annotator, annotator, ben, bot
):
    now = timezone.now()
    asked(bot, annotator, ben, at=now)
    asked(bot, annotator, ben, at=now - timedelta(days=2), right=True)

    theirs = as_reviewer.get(f"/review/people/{annotator.pk}/")
    own = as_annotator.get("/review/mine/")

    assert theirs.context["portrait"].known.asked == 2
    assert "what was known" in words(theirs)
    # What they answered today could be told from a number that moves.
    assert own.context["portrait"].known.asked == 1
    assert "what was known" not in words(own)


def test_one_sees_no_figures_of_others(as_annotator, ben, bot):
    assert as_annotator.get(f"/review/people/{ben.pk}/").status_code == 403
    assert as_annotator.get("/review/people/").status_code == 403
    assert as_annotator.get("/review/mine/").status_code == 200


def test_somebody_who_left_is_found_by_what_they_answered(as_reviewer, annotator, other_admin, bot):
    make_annotation(make_item(bot), annotator)
    annotator.memberships.all().delete()

    assert as_reviewer.get(f"/review/people/{annotator.pk}/").status_code == 200
    assert as_reviewer.get(f"/review/people/{other_admin.pk}/").status_code == 404


# ── second opinions by intent ─────────────────────────────────────────────────────────


def test_an_intent_can_have_a_share_of_its_own(as_admin, bot, lost):
    make_review_settings(bot, second_opinion_percent=0)

    page = as_admin.post(
        "/settings/review/second-opinions/", {"intent": lost.pk, "percent": "100"}, follow=True
    )

    assert "card_lost: 100 percent" in words(page)
    talk = make_conversation(bot, turns=[])
    for intent in ("CARD_LOST", "card_stolen"):
        make_turn(talk, intent, intent=intent, distinct_text=make_text(bot, intent))
    drafter = Drafter.of(bot)
    wanted = {
        seen.intent: drafter.of_signals(seen)["answers_wanted"]
        for seen in see("t.bot_id = %s", bot.pk)
    }
    assert wanted == {"CARD_LOST": 2, "card_stolen": 1}

    url = f"/settings/review/second-opinions/{lost.pk}/forget/"
    assert "The same share for all" in words(as_admin.post(url, follow=True))


def test_a_share_that_cannot_be_is_refused(as_admin, bot, lost, other_bot):
    foreign = make_intent(other_bot)
    for typed in ({"intent": lost.pk, "percent": "101"}, {"intent": foreign.pk, "percent": "5"},
                  {"intent": "", "percent": "nan"}):  # fmt: skip
        response = as_admin.post("/settings/review/second-opinions/", typed)

        assert response.status_code == 422
        assert "Nothing was saved yet." in words(response)


def test_a_bot_without_members_says_where_people_come_from(as_operator, bot):
    page = as_operator.get(f"/review/people/?bot={bot.slug}").content.decode()

    assert "Nobody to compare yet" in page
    assert "<table" not in page
