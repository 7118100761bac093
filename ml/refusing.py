"""How well a version leaves alone what has none of its intents."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.evaluating import auroc
from ml.pairing import OUT_OF_SCOPE, Paired, interval, mcnemar, tallied, wilson
from ml.verdicts import SLICE_MARGIN, WORSE, Status, statuses


@dataclass(frozen=True)
class Refusals:
    """One version on rows in scope and out of it. Shares are in [0, 1], nan without such rows.

    inside, outside : int
        How many rows have an intent, and how many have none.
    auroc : float
        Chance that a row out of scope scores further outside than one in scope.
    answered, answered_lower, answered_upper : float
        Share of rows out of scope that were answered with an intent, with a 90 % interval.
    declined : float
        Share of rows in scope that were taken for out of scope.
    """

    inside: int
    outside: int
    auroc: float
    answered: float
    answered_lower: float
    answered_upper: float
    declined: float


def refusals(
    truth: NDArray[np.str_], answers: NDArray[np.str_], scores: NDArray[np.floating]
) -> Refusals:
    """Measure one version.

    Parameters
    ----------
    truth, answers : ndarray of shape (n_rows,) of str
        OUT_OF_SCOPE is both "has no intent" and "declined".
    scores : ndarray of shape (n_rows,)
        The larger, the further outside; minus the confidence will do.
    """
    outside, declined = np.asarray(truth) == OUT_OF_SCOPE, np.asarray(answers) == OUT_OF_SCOPE
    scores = np.asarray(scores)
    n_outside, n_inside = int(outside.sum()), int((~outside).sum())
    answered = int((outside & ~declined).sum())
    lower, upper = wilson(answered, n_outside)
    return Refusals(
        inside=n_inside,
        outside=n_outside,
        auroc=auroc(scores[~outside], scores[outside]),
        answered=answered / n_outside if n_outside else float("nan"),
        answered_lower=lower,
        answered_upper=upper,
        declined=float((declined & ~outside).sum() / n_inside) if n_inside else float("nan"),
    )


@dataclass(frozen=True)
class RefusalComparison:
    """Both versions on the same rows.

    status : {"regressed", "inconclusive", "fine"}
    live, candidate : Refusals
    wins, losses : int
        Rows out of scope that only the candidate, or only the live version, declined.
    difference_lower, difference_upper : float
        90 % interval of the declined share out of scope, candidate minus live.
    p : float
        Of declining less, by the exact McNemar test over conversations.
    """

    status: Status
    live: Refusals
    candidate: Refusals
    wins: int
    losses: int
    difference_lower: float
    difference_upper: float
    p: float


def compare_refusals(
    paired: Paired, *, live_scores: NDArray[np.floating], candidate_scores: NDArray[np.floating]
) -> RefusalComparison:
    """Compare what is answered although it has no intent. Scores are of shape (n_rows,)."""
    outside = paired.at(np.asarray(paired.truth) == OUT_OF_SCOPE)
    tallies = tallied(
        outside.difference, outside.conversation, np.zeros(len(outside), np.intp), n_groups=1
    )
    lower, upper = interval(tallies.rows, tallies.wins, tallies.losses, design=tallies.design)
    p = mcnemar(tallies.won, tallies.lost, side="worse")
    p = np.where(tallies.losses > tallies.wins, p, 1.0)
    return RefusalComparison(
        status=statuses(p, lower, alpha=WORSE["slices"], margin=SLICE_MARGIN)[0],
        live=refusals(paired.truth, paired.live, live_scores),
        candidate=refusals(paired.truth, paired.candidate, candidate_scores),
        wins=int(tallies.wins[0]),
        losses=int(tallies.losses[0]),
        difference_lower=float(lower[0]),
        difference_upper=float(upper[0]),
        p=float(p[0]),
    )
