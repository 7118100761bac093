"""replay/: when it ends, and which version goes live."""

import pytest
from django.db import connection

from replay import waiting
from replay.casting import NotPossible
from replay.promoting import choose
from replay.wishing import NotUnderstood, Until, Wishes
from tests.factories import make_model_version
from tests.training.judged import make_report

TOO_FEW = {"row": "accuracy", "harm": False, "sentence": "9 test rows cannot tell."}
WORSE = {"row": "accuracy", "harm": True, "sentence": "Accuracy fell from 91 % to 80 %."}


def test_whichever_condition_comes_first_ends_it():
    until = Until.read("accuracy=0.85, labels=1100,minutes=20")
    so_far = {"labels": 200, "accuracy": 0.8, "rows": 10**6, "seconds": 60}

    assert until.reached(**so_far) is None
    assert "1,100 labels" in until.reached(**so_far | {"labels": 1100})
    assert "86.0 %" in until.reached(**so_far | {"accuracy": 0.86})
    assert "20 minutes" in until.reached(**so_far | {"seconds": 1200})
    assert Until().reached(**so_far) is None


@pytest.mark.parametrize(
    "text", ["soon", "labels", "labels=0", "labels=x", "accuracy=85", "rows=-1"]
)
def test_a_condition_that_says_no_end_is_told_in_a_sentence(text):
    with pytest.raises(NotUnderstood):
        Until.read(text)


def test_of_a_twin_only_as_much_comes_by_as_is_labelled():
    wishes = Wishes(per_training=50, first=300, per_label=10)
    twin = Wishes(per_training=50, at_random=True)

    assert [wishes.turns_due(labels) for labels in (0, 10)] == [300, 400]
    assert [twin.turns_due(labels) for labels in (0, 49, 50)] == [50, 50, 100]


@pytest.fixture
def judged(bot):
    """A report: what blocks, and the accuracy of the version beside the live one's."""

    def make(*blocks, now=0.8, live=None, outcome="inconclusive"):
        champion = make_model_version(bot) if live is not None else None
        compared = live is not None and {"candidate": now, "live": live, "rows": 40}
        found = {"verdict": {"blocks": list(blocks)}, "evidence": {"accuracy": compared or None}}
        version = make_model_version(bot)
        fields = {"passes": not blocks, "champion": champion, "found": found}
        return make_report(version, outcome=outcome, **fields)

    return make


def test_the_first_version_goes_live_though_too_little_is_known(judged):
    choice = choose(judged(TOO_FEW), only_better=False)

    assert (choice.verdict, choice.overrides) == ("promote", True)


def test_then_what_is_not_lower_goes_live(judged):
    same = choose(judged(TOO_FEW, now=0.8, live=0.8), only_better=False)
    lower = choose(judged(TOO_FEW, now=0.79, live=0.8), only_better=False)

    assert (same.verdict, same.overrides) == ("promote", True)
    assert lower.verdict == "reject"
    assert "0.790" in lower.why


def test_where_the_audit_has_no_row_nothing_is_promoted_over_what_is_live(judged):
    choice = choose(judged(TOO_FEW, now=None, live=0.8), only_better=False)

    assert choice.verdict == "reject"
    assert "no turn of the audit" in choice.why


def test_what_is_called_worse_never_goes_live(judged):
    choice = choose(judged(WORSE, now=0.9, live=0.8, outcome="worse"), only_better=False)

    assert (choice.verdict, choice.why) == ("reject", WORSE["sentence"])


def test_whoever_waits_for_a_better_one_waits(judged):
    unclear = choose(judged(TOO_FEW, now=0.9, live=0.8), only_better=True)
    better = choose(judged(now=0.9, live=0.8, outcome="better"), only_better=True)

    assert (unclear.verdict, better.verdict) == ("reject", "promote")
    assert not better.overrides


@pytest.mark.django_db
@pytest.mark.parametrize("has_tables", [True, False])
def test_without_workers_it_does_not_begin(has_tables):
    """Also beside the data folder of another install, where nothing was ever made."""
    if not has_tables:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_process RENAME TO moved")

    with pytest.raises(NotPossible, match="say the same --data here"):
        waiting.workers_or_stop()
