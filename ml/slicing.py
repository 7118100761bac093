"""Parts of the traffic: whether one of them pays for what the others gain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.pairing import Paired, interval, mcnemar, tallied, wilson
from ml.verdicts import SLICE_MARGIN, WORSE, Status, holm, statuses

FEWEST = 50  # rows; of fewer nothing is said
SHORT, LONG = 4, 12  # words up to which a text is short, and from which it is long
ORDER = {"regressed": 0, "inconclusive": 1, "fine": 2, "too few": 3}


@dataclass(frozen=True)
class SliceComparison:
    """One slice in both versions.

    name, value : str, str
        Such as "channel" and "web".
    status : {"regressed", "inconclusive", "fine", "too few"}
        "too few": below 50 rows, so that nothing was tested.
    rows : int
    live, candidate : float
        Accuracy, in [0, 1].
    difference, lower, upper : float
        Candidate minus live with a 90 % interval, in [-1, 1].
    wins, losses : int
        Rows that only the candidate, or only the live version, got right.
    p, adjusted_p : float
        Of being worse, before and after Holm's adjustment for all slices; 1 if not tested.
    gap, gap_lower, gap_upper : float
        The candidate's accuracy here minus that of all other rows, with a 90 % interval; nan when
        there are no others.
    """

    name: str
    value: str
    status: Status | str
    rows: int
    live: float
    candidate: float
    difference: float
    lower: float
    upper: float
    wins: int
    losses: int
    p: float
    adjusted_p: float
    gap: float
    gap_lower: float
    gap_upper: float


def compare_slices(
    paired: Paired, slices: Mapping[str, NDArray[np.str_]], *, margin: float = SLICE_MARGIN
) -> tuple[SliceComparison, ...]:
    """Compare each value of each slice.

    Parameters
    ----------
    paired : Paired
    slices : mapping of str to ndarray of shape (n_rows,) of str
        Such as channel, language, text length, returning user. Rows where it is "" are not known
        and are left out of that slice.
    margin : float, default=0.05
        "fine" is what for sure lost less.

    Returns
    -------
    slices : tuple of SliceComparison
        Regressed ones first, then inconclusive ones, fine ones, and those with too few rows; then
        by p, and by name and value.
    """
    found = [one for name, values in slices.items() for one in _of(paired, name, values, margin)]
    tested = [one for one in found if one.status != "too few"]
    adjusted = holm([one.p for one in tested])
    lower = np.array([one.lower for one in tested])
    status = statuses(adjusted, lower, alpha=WORSE["slices"], margin=margin)
    judged = [
        replace(one, adjusted_p=p, status=said)
        for one, p, said in zip(tested, adjusted.tolist(), status, strict=True)
    ]
    judged += [one for one in found if one.status == "too few"]
    return tuple(sorted(judged, key=lambda one: (ORDER[one.status], one.p, one.name, one.value)))


def _of(
    paired: Paired, name: str, values: NDArray[np.str_], margin: float
) -> list[SliceComparison]:
    if len(values) != len(paired):
        raise ValueError(f"The slice {name} must have a value for each of {len(paired)} rows.")
    known = np.flatnonzero(np.asarray(values) != "")
    names, group = np.unique(np.asarray(values)[known], return_inverse=True)
    tallies = tallied(
        paired.difference[known], paired.conversation[known], group, n_groups=len(names)
    )
    lower, upper = interval(tallies.rows, tallies.wins, tallies.losses, design=tallies.design)
    p = mcnemar(tallies.won, tallies.lost, side="worse")
    p = np.where(tallies.losses > tallies.wins, p, 1.0)
    live = np.bincount(group[paired.live_right[known]], minlength=len(names))
    right = np.bincount(group[paired.candidate_right[known]], minlength=len(names))
    all_right = int(paired.candidate_right.sum())
    found = []
    for at, rows in enumerate(tallies.rows.tolist()):
        few = rows < FEWEST
        gap = gap_between(int(right[at]), rows, all_right - int(right[at]), len(paired) - rows)
        found.append(
            SliceComparison(
                name,
                str(names[at]),
                "too few" if few else "fine",
                rows,
                live=float(live[at] / rows),
                candidate=float(right[at] / rows),
                difference=float((right[at] - live[at]) / rows),
                lower=float(lower[at]),
                upper=float(upper[at]),
                wins=int(tallies.wins[at]),
                losses=int(tallies.losses[at]),
                p=1.0 if few else float(p[at]),
                adjusted_p=1.0,
                gap=gap[0],
                gap_lower=gap[1],
                gap_upper=gap[2],
            )
        )
    return found


def gap_between(
    right: int, rows: int, other_right: int, others: int, *, level: float = 0.9
) -> tuple[float, float, float]:
    """Return the difference of two shares, and between what it lies; nan without rows of either.

    Newcombe (1998), Interval estimation for the difference between independent proportions,
    method 10.
    """
    if not rows or not others:
        return float("nan"), float("nan"), float("nan")
    share, other = right / rows, other_right / others
    (low, high), (other_low, other_high) = (
        wilson(right, rows, level=level),
        wilson(other_right, others, level=level),
    )
    below = float(np.hypot(share - low, other_high - other))
    above = float(np.hypot(high - share, other - other_low))
    gap = share - other
    return gap, gap - below, gap + above


def lengths(texts: Sequence[str]) -> NDArray[np.str_]:
    """Name the length of each text: "short" (to 4 words), "medium", or "long" (from 12).

    Where nothing parts the words, 18 characters count as one: no word of a sentence is longer.
    """
    words = np.array([max(len(text.split()), len(text) // 18) for text in texts], np.int64)
    return np.select([words <= SHORT, words < LONG], ["short", "medium"], "long").astype(np.str_)
