"""What a report has to name, planted into labels that are right otherwise, and really trained on.

Random keys decide what is held out, so each fault is large enough to be found whatever they are.
"""

from uuid import uuid4

import pytest

from ingest.embedding import embed_waiting
from tests.factories import make_intent, make_member
from tests.training.learning import run_of
from tests.training.saying import label
from tests.training.test_judging import finding, judged, put_live
from training.models import DatasetRow, Fate, JudgedTurn

ASKED = (
    *("where can i see {}", "i cannot find {} anywhere", "please help me with {}"),
    *("tell me about {} today", "what happened to {} yesterday", "there is trouble with {} again"),
    *("i wrote to you about {} in may", "nobody answers me about {}", "how do i get {} back"),
    *("{} does not work any more", "who is in charge of {} now", "can my wife ask about {} too"),
)
THINGS = {
    "card_lost": ("my lost card", "the card that i lost", "a stolen debit card"),
    "refund": ("my refund", "the money you owe me", "a refund for an order"),
    "loan": ("a loan for a car", "the mortgage on a house", "my loan"),
    "pin": ("my pin", "the four digit code", "a forgotten pin number"),
}
ROWS = 30  # of each intent, unless said otherwise


def said_of(name):
    """36 texts about one thing, none near another."""
    return [asked.format(thing) for thing in THINGS[name] for asked in ASKED]


@pytest.fixture
def named(bot):
    return {name: make_intent(bot, name) for name in THINGS}


def teach(bot, by, named, *, meant, rows, given="", side="train"):
    """Gold labels of texts that mean one intent; `given` is another, where that is the fault."""
    return [
        label(bot, by, said_of(meant)[row], named[given or meant], side=side).turn_id
        for row in rows
    ]


def trained(bot, **fields):
    embed_waiting(bot)
    return run_of(bot, seed=7, **fields).version


def test_a_version_that_is_harmed_on_one_critical_intent_is_blocked_and_says_so(
    bot, annotator, admin, named
):
    for name in named:
        teach(bot, annotator, named, meant=name, rows=range(12))
    teach(bot, annotator, named, meant="loan", rows=range(12, 36), side="audit")
    teach(bot, annotator, named, meant="refund", rows=range(12, 24), side="audit")
    first = trained(bot)
    judged(first)
    put_live(first, admin)
    type(named["loan"]).objects.filter(name="loan").update(critical=True)
    # Somebody answers ten of the twelve otherwise, a few with each of the other intents.
    taught = named["loan"].gold_labels.filter(side="train").order_by("pk")
    for place, gold in enumerate(taught[:10]):
        other = named[("card_lost", "refund", "pin")[place % 3]]
        named["loan"].gold_labels.filter(pk=gold.pk).update(intent=other)

    report = judged(trained(bot, afresh=True))

    (harm,) = finding(report, "critical_regressed")
    assert (harm["row"], harm["blocks"], report.passes) == ("intent: loan", True, False)
    assert "The critical intent loan is recognised in" in harm["sentence"]
    assert report.outcome == "worse" and "loan" in report.headline
    assert not finding(report, "intents_gone")


def test_five_of_a_hundred_labels_that_are_wrong_come_first_and_are_counted(bot, annotator, named):
    wrong = []
    for meant, given in (("loan", "pin"), ("pin", "refund"), ("refund", "card_lost")):
        wrong += teach(bot, annotator, named, meant=meant, given=given, rows=(5, 17))
    for name in named:
        right = set(range(ROWS)) - ({5, 17} if name != "card_lost" else set())
        teach(bot, annotator, named, meant=name, rows=sorted(right))

    report = judged(trained(bot))

    suspects = JudgedTurn.objects.of_kind(report, JudgedTurn.Kind.SUSPECT).worst_first()
    first = {each.turn_id for each in suspects[: len(wrong)]}
    assert len(first & set(wrong)) >= 0.7 * len(wrong)
    (named_so,) = finding(report, "suspect_labels")
    assert named_so["figure"] > 0.03 and "look plainly wrong; queue them" in named_so["sentence"]


def test_near_copies_from_three_senders_are_named_and_teach_little(bot, annotator, named):
    senders = [uuid4() for _ in range(3)]
    for name in ("card_lost", "refund"):
        teach(bot, annotator, named, meant=name, rows=range(ROWS))
    for number in range(150):
        label(
            bot, annotator, f"give me my loan now {'now ' * (number % 3)}{number}",
            named["card_lost"], user=senders[number % 3],
        )  # fmt: skip

    version = trained(bot)
    report = judged(version)

    found = finding(report, "source_share")
    assert {one["row"] for one in found} == {f"source: user {str(one)[:8]}" for one in senders}
    assert all("27.8 % of the rows of card_lost" in one["sentence"] for one in found)
    learned = DatasetRow.objects.filter(version=version.run.dataset, fate=Fate.KEPT)
    assert learned.filter(gold_label__turn__text__startswith="give me my loan").count() <= 15


def test_an_annotator_with_two_fifths_of_the_rows_and_a_habit_is_named(bot, annotator, named):
    """To busy, everything about a loan or a pin is a refund."""
    busy = make_member(bot, username="busy")
    for name in ("card_lost", "refund"):
        teach(bot, busy, named, meant=name, rows=range(14))
        teach(bot, annotator, named, meant=name, rows=range(14, ROWS))
    for name in ("loan", "pin"):
        teach(bot, busy, named, meant=name, given="refund", rows=range(0, 36, 3))
        teach(bot, annotator, named, meant=name, rows=[n for n in range(36) if n % 3])

    report = judged(trained(bot))

    shares = {one["row"]: one["figure"] for one in finding(report, "annotator_share")}
    assert shares["annotator: busy"] == pytest.approx(0.4, abs=0.05)
    (habit,) = finding(report, "habit")
    assert habit["row"] == "annotator: busy"
    assert "of busy's labels differ" in habit["sentence"] and "refund for" in habit["sentence"]
