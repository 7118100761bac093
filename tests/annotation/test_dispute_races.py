"""Two people settle the same dispute at the same moment."""

from uuid import uuid4

import pytest

from annotation import adjudicating
from annotation.answering import Answer
from annotation.models import Annotation, AskedAnew, Dispute, GoldLabel, ReviewItem, SentBack
from tests.accounts.test_races import at_once, kinds
from tests.annotation.giving import Verdict, give
from tests.factories import make_bot, make_intent, make_item, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house():
    return make_bot()


@pytest.fixture
def reviewers(house):
    return [make_member(house, "reviewer") for _ in range(4)]


@pytest.fixture
def item(house, reviewers):
    made = make_item(house, answers_wanted=2)
    for _ in range(2):
        give(made, make_member(house), intent=make_intent(house))
    return made


def test_of_four_who_decide_one_is_heard_and_the_others_are_told(house, item, reviewers):
    shown = adjudicating.seen(item.pk)

    def decide(reviewer):
        answer = Answer(uuid4(), Verdict.OUT_OF_SCOPE)
        return lambda: adjudicating.decide(item.pk, reviewer, answer, bot=house, shown=shown)

    results = at_once(*[decide(each) for each in reviewers])

    assert kinds(results) == ["Annotation"] + ["Settled"] * 3
    assert (Annotation.objects.count(), GoldLabel.objects.count()) == (3, 1)
    assert Dispute.objects.settled().count() == 1


def test_one_who_decides_and_one_who_sends_it_back(house, item, reviewers):
    shown = adjudicating.seen(item.pk)
    answer = Answer(uuid4(), Verdict.OUT_OF_SCOPE)

    results = at_once(
        lambda: adjudicating.decide(item.pk, reviewers[0], answer, bot=house, shown=shown),
        lambda: adjudicating.send_back(
            item.pk, reviewers[1], bot=house, note="Again.", submission=uuid4(), shown=shown
        ),
    )

    assert kinds(results) in (["Annotation", "Settled"], ["MovedOn", "SentBack"])
    is_sent = SentBack.objects.exists()
    assert GoldLabel.objects.exists() != is_sent
    assert AskedAnew.objects.waiting().count() == (2 if is_sent else 0)
    assert ReviewItem.objects.get().status == ("open" if is_sent else "done")
