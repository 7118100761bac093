"""Is the candidate better than the live version, not worse, worse, or can nobody tell yet?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.pairing import Paired, Tallies, apart, interval, mcnemar, needed_rows, tallied, wilson
from ml.verdicts import BETTER, MARGIN, PLAINLY_WORSE, WORSE, Verdict

# A first version is known well enough when its 90 % interval reaches this far to either side, and
# never by fewer rows: thirty that are all right would do otherwise.
PRECISE, Z90, FEWEST_ALONE = 0.05, 1.645, 100


@dataclass(frozen=True)
class Comparison:
    """Accuracy of two versions on the same rows.

    verdict : {"better", "not worse", "worse", "inconclusive"}
    rows, conversations : int
    live, candidate : float
        Accuracy, in [0, 1]; nan without rows.
    difference, lower, upper : float
        Candidate minus live with its 90 % interval, in [-1, 1].
    wins, losses : int
        Rows that only the candidate, or only the live version, got right.
    won, lost : int
        Conversations in which the candidate, or the live version, was right more often. These
        are what is tested.
    p_two_sided, p_better, p_worse : float
        Exact McNemar.
    apart : float
        Estimated share of rows on which just one is right.
    design : float
        Design effect of conversations, >= 1.
    margin : float
        What may be lost, as a share.
    rows_needed : int or None
        How many rows a verdict takes, when it is inconclusive: never fewer than there are. None
        when it is not, and when more rows would not help: what is lost is as large as the margin.
    """

    verdict: Verdict
    rows: int
    conversations: int
    live: float
    candidate: float
    difference: float
    lower: float
    upper: float
    wins: int
    losses: int
    won: int
    lost: int
    p_two_sided: float
    p_better: float
    p_worse: float
    apart: float
    design: float
    margin: float
    rows_needed: int | None


def compare_accuracy(paired: Paired, *, margin: float = MARGIN) -> Comparison:
    """Compare by the exact McNemar test, and by the bound of the paired difference.

    "better" and "worse" take a one-sided McNemar test over conversations; "not worse" takes a
    95 % bound of the loss below `margin`. With fewer rows than `needed_rows` it is
    "inconclusive", unless the harm is plain: a test set too small never lets anything pass.

    Parameters
    ----------
    paired : Paired
    margin : float, default=0.02
        What may be lost, as a share, > 0.
    """
    tallies = tallied(
        paired.difference, paired.conversation, np.zeros(len(paired), np.intp), n_groups=1
    )
    rows, wins, losses = len(paired), int(tallies.wins[0]), int(tallies.losses[0])
    won, lost = int(tallies.won[0]), int(tallies.lost[0])
    lower, upper = map(float, interval(rows, wins, losses, design=tallies.design[0]))
    verdict = _verdict(tallies, lower, margin=margin)
    return Comparison(
        verdict=verdict,
        rows=rows,
        conversations=len(np.unique(paired.conversation)),
        live=_share(float(paired.live_right.sum()), rows),
        candidate=_share(float(paired.candidate_right.sum()), rows),
        difference=_share(wins - losses, rows),
        lower=lower,
        upper=upper,
        wins=wins,
        losses=losses,
        won=won,
        lost=lost,
        p_two_sided=float(mcnemar(won, lost)),
        p_better=float(mcnemar(won, lost, side="better")),
        p_worse=float(mcnemar(won, lost, side="worse")),
        apart=float(apart(rows, wins, losses)),
        design=float(tallies.design[0]),
        margin=margin,
        rows_needed=_rows_needed(tallies, margin) if verdict == "inconclusive" else None,
    )


def _share(part: float, rows: int) -> float:
    return float(part / rows) if rows else float("nan")


def _verdict(tallies: Tallies, lower: float, *, margin: float) -> Verdict:
    net, won, lost = int(tallies.wins[0] - tallies.losses[0]), tallies.won[0], tallies.lost[0]
    p_worse = mcnemar(won, lost, side="worse") if net < 0 else 1.0
    if p_worse <= PLAINLY_WORSE and lower <= -margin:
        return "worse"
    if tallies.rows[0] < _first_needed(tallies, margin):
        return "inconclusive"
    if net > 0 and mcnemar(won, lost, side="better") <= BETTER:
        return "better"
    if lower > -margin:
        return "not worse"
    return "worse" if p_worse <= WORSE["accuracy"] else "inconclusive"


def _first_needed(tallies: Tallies, margin: float) -> int:
    psi = apart(tallies.rows[0], tallies.wins[0], tallies.losses[0])
    return int(needed_rows(psi, margin, design=tallies.design[0]))


def _rows_needed(tallies: Tallies, margin: float) -> int | None:
    """Say how many rows it takes, as things look now. None if no number would do."""
    rows, first = int(tallies.rows[0]), _first_needed(tallies, margin)
    if rows < first:
        return first
    left = margin + float(tallies.wins[0] - tallies.losses[0]) / rows
    if left <= 0:
        return None
    psi = apart(rows, tallies.wins[0], tallies.losses[0])
    return max(rows + 1, int(needed_rows(psi, min(left, margin), design=tallies.design[0])))


@dataclass(frozen=True)
class Alone:
    """Accuracy of one version, when there is no other to compare with.

    rows, right : int
    accuracy, lower, upper : float
        With a 90 % interval, in [0, 1]; accuracy is nan without rows.
    precise : bool
        Whether the interval is narrow enough to go by, and of 100 rows or more.
    rows_needed : int or None
        How many rows that takes; None if it is.
    """

    rows: int
    right: int
    accuracy: float
    lower: float
    upper: float
    precise: bool
    rows_needed: int | None


def accuracy_alone(truth: NDArray[np.str_], answers: NDArray[np.str_]) -> Alone:
    """Say how often answers are right, for a first version. Both are of shape (n_rows,)."""
    right, rows = int((np.asarray(truth) == np.asarray(answers)).sum()), len(truth)
    lower, upper = wilson(right, rows)
    precise = rows >= FEWEST_ALONE and (upper - lower) / 2 <= PRECISE
    spread = (right + 1) * (rows - right + 1) / (rows + 2) ** 2
    needed = round(Z90**2 * spread / PRECISE**2)
    return Alone(
        rows=rows,
        right=right,
        accuracy=_share(right, rows),
        lower=lower,
        upper=upper,
        precise=precise,
        rows_needed=None if precise else max(needed, rows + 1, FEWEST_ALONE),
    )
