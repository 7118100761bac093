"""Whether the candidate still knows what the version before it knew."""

from ml.per_intent import compare_intents
from ml.plain import plain
from ml.remembering import compare_memory
from tests.ml.pairs import joined, pairs

ROWS = joined(
    pairs(losses=30, ties=10, truth="old", other="new"),
    pairs(ties=50, truth="kept"),
    pairs(wins=40, truth="new", other="kept"),
)


def memory(**changes):
    known = {"known_before": ["old", "kept"], "known_now": ["old", "kept", "new"]}
    return compare_memory(ROWS, compare_intents(ROWS), **{**known, **changes})


def test_what_was_known_and_is_answered_otherwise_now_is_named():
    found = memory()

    assert found.regressed == ("old",)
    assert found.gone == ()


def test_new_intents_do_not_hide_what_was_forgotten():
    found = memory()

    assert (found.intents, found.rows) == (2, 90)
    assert (found.live, found.candidate) == (1.0, 60 / 90)


def test_an_intent_that_cannot_be_answered_with_any_more_is_gone():
    found = memory(known_now=["kept", "new"])

    assert (found.gone, found.regressed) == (("old",), ())


def test_what_people_took_out_of_use_is_meant_to_go():
    found = memory(known_now=["kept", "new"], retired=["old"])

    assert (found.gone, found.intents, found.rows) == ((), 1, 50)


def test_who_knew_nothing_forgets_nothing():
    found = memory(known_before=[])

    assert plain(found) == {
        **{"intents": 0, "gone": [], "regressed": [], "rows": 0, "live": None, "candidate": None}
    }
