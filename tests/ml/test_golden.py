"""Cases that people keep."""

import numpy as np
import pytest

from ml.golden import GoldenCheck, check_golden
from ml.pairing import OUT_OF_SCOPE

CLASSES = np.array(["card", "pin"])
# "my card is gone", "card gone!!", "my pin is gone", "good morning"
ANSWERS = np.array(["card", "card", "pin", OUT_OF_SCOPE])
PROBA = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])


def check(kind, *texts, **asked):
    return check_golden([GoldenCheck("one", kind, texts, **asked)], ANSWERS, PROBA, CLASSES)[0]


def test_an_exact_case_wants_that_answer():
    assert check("exact", 0, intent="card").passed
    failed = check("exact", 0, 2, intent="card")

    assert (failed.passed, failed.why, failed.text, failed.said) == (
        False,
        "other answer",
        2,
        "pin",
    )


def test_to_decline_is_an_answer():
    assert check("exact", 3, intent=OUT_OF_SCOPE).passed
    assert not check("exact", 0, intent=OUT_OF_SCOPE).passed


def test_invariance_wants_the_same_answer_whatever_it_is():
    assert check("invariance", 0, 1).passed
    failed = check("invariance", 0, 1, 2)

    assert (failed.passed, failed.why, failed.text) == (False, "not the same", 2)


def test_direction_wants_a_probability_to_move():
    assert check("direction", 0, 2, intent="pin").passed
    assert check("direction", 0, 2, intent="card", rises=False).passed
    failed = check("direction", 0, 1, intent="card")

    assert (failed.passed, failed.why, failed.moved) == (False, "wrong way", pytest.approx(-0.2))


def test_direction_may_ask_for_a_distance():
    assert not check("direction", 0, 1, intent="pin", least=0.3).passed
    assert check("direction", 0, 1, intent="pin", least=0.1).passed


def test_to_stand_still_is_no_direction():
    assert not check("direction", 0, 0, intent="pin").passed


def test_what_the_version_does_not_know_fails():
    assert check("exact", 0, intent="gone").why == "unknown intent"
    assert check("direction", 0, 1, intent="gone").why == "unknown intent"


def test_results_are_in_the_order_of_the_cases():
    cases = [GoldenCheck(str(n), "exact", (n,), "card", must_pass=n == 2) for n in (2, 0, 1)]

    found = check_golden(cases, ANSWERS, PROBA, CLASSES)

    assert [(one.key, one.passed, one.must_pass) for one in found] == [
        *(("2", False, True), ("0", True, False), ("1", True, False))
    ]
    assert check_golden([], ANSWERS, PROBA, CLASSES) == ()


@pytest.mark.parametrize("kind", ["invariance", "direction"])
def test_two_texts_are_needed_to_compare(kind):
    with pytest.raises(ValueError, match="another text"):
        GoldenCheck("one", kind, (0,))
