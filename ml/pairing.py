"""Answers of two versions to the same rows, and what they add up to.

Rows of one conversation are alike, so what decides is counted by conversation.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, norm

# The answer, and the truth, of a text that has none of the intents.
OUT_OF_SCOPE = ""

Side = Literal["two-sided", "better", "worse"]


@dataclass(frozen=True)
class Paired:
    """Rows on which two versions are compared; neither learned from any of them.

    truth : ndarray of shape (n_rows,) of str
        The right intent, or OUT_OF_SCOPE.
    live, candidate : ndarray of shape (n_rows,) of str
        What each version answers, or OUT_OF_SCOPE where it declines.
    conversations : ndarray of shape (n_rows,) of int or str
        Which conversation each row is of.
    """

    truth: NDArray[np.str_]
    live: NDArray[np.str_]
    candidate: NDArray[np.str_]
    conversations: NDArray[np.int64] | NDArray[np.str_]

    def __post_init__(self) -> None:
        lengths = {len(self.truth), len(self.live), len(self.candidate), len(self.conversations)}
        if len(lengths) > 1:
            raise ValueError("Truth, both answers and conversations must have as many rows.")

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def live_right(self) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = np.asarray(self.live) == np.asarray(self.truth)
        return right

    @cached_property
    def candidate_right(self) -> NDArray[np.bool_]:
        right: NDArray[np.bool_] = np.asarray(self.candidate) == np.asarray(self.truth)
        return right

    @cached_property
    def difference(self) -> NDArray[np.int64]:
        """1 where only the candidate is right, -1 where only the live version is, else 0."""
        return self.candidate_right.astype(np.int64) - self.live_right.astype(np.int64)

    @cached_property
    def conversation(self) -> NDArray[np.intp]:
        """Each row's conversation as a number from 0."""
        return np.unique(np.asarray(self.conversations), return_inverse=True)[1].reshape(-1)

    def at(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Paired":
        """Return these rows, in this order."""
        return Paired(
            self.truth[rows], self.live[rows], self.candidate[rows], self.conversations[rows]
        )


@dataclass(frozen=True)
class Tallies:
    """What each group of rows adds up to. All arrays are of shape (n_groups,).

    rows : how many rows
    wins, losses : rows on which only the candidate, or only the live version, is right
    won, lost : conversations with more wins than losses, or more losses than wins
    design : design effect, >= 1
        How many times as many rows it takes as if each were a conversation of its own.
    """

    rows: NDArray[np.int64]
    wins: NDArray[np.int64]
    losses: NDArray[np.int64]
    won: NDArray[np.int64]
    lost: NDArray[np.int64]
    design: NDArray[np.float64]


def tallied(
    difference: NDArray[np.int64],
    conversation: NDArray[np.intp],
    group: NDArray[np.intp],
    *,
    n_groups: int,
) -> Tallies:
    """Add up what differs within each group.

    Parameters
    ----------
    difference : ndarray of shape (n_rows,)
        1, 0 or -1, as in `Paired`.
    conversation : ndarray of shape (n_rows,)
        Numbers from 0.
    group : ndarray of shape (n_rows,)
        0 to n_groups - 1.
    n_groups : int

    Returns
    -------
    tallies : Tallies
        `design` is the variance of the mean difference by conversations (linearised ratio) over
        that by rows.

    References
    ----------
    Kish (1965), Survey Sampling, chapter 5, for the design effect.
    """
    rows = np.bincount(group, minlength=n_groups)
    wins = np.bincount(group[difference > 0], minlength=n_groups)
    losses = np.bincount(group[difference < 0], minlength=n_groups)
    width = int(conversation.max()) + 1 if len(conversation) else 1
    cells, cell = np.unique(group.astype(np.int64) * width + conversation, return_inverse=True)
    owner = cells // width
    net = np.bincount(cell, weights=difference, minlength=len(cells)).astype(np.float64)
    size = np.bincount(cell, minlength=len(cells))
    return Tallies(
        rows=rows,
        wins=wins,
        losses=losses,
        won=np.bincount(owner[net > 0], minlength=n_groups),
        lost=np.bincount(owner[net < 0], minlength=n_groups),
        design=_design_effect(owner, net, size, rows, wins, losses),
    )


def _design_effect(
    owner: NDArray[np.int64],
    net: NDArray[np.float64],
    size: NDArray[np.int64],
    rows: NDArray[np.int64],
    wins: NDArray[np.int64],
    losses: NDArray[np.int64],
) -> NDArray[np.float64]:
    mean = (wins - losses) / np.maximum(rows, 1)
    by_rows = wins + losses - rows * mean**2
    strayed = (net - mean[owner] * size) ** 2
    clusters = np.bincount(owner, minlength=len(rows))
    by_clusters = clusters / np.maximum(clusters - 1, 1)
    by_clusters = by_clusters * np.bincount(owner, weights=strayed, minlength=len(rows))
    tells = (by_rows > 1e-12) & (clusters > 1)
    ratio = np.divide(by_clusters, by_rows, out=np.ones(len(rows)), where=tells)
    return np.maximum(1.0, ratio)


def mcnemar(wins: ArrayLike, losses: ArrayLike, *, side: Side = "two-sided") -> NDArray[np.float64]:
    """Return p of the exact McNemar test: of pairs that differ, each side wins half.

    Parameters
    ----------
    wins, losses : array-like of shape (n_tests,), or int
        Pairs that only the candidate, or only the live version, got right.
    side : {"two-sided", "better", "worse"}, default="two-sided"
        "better": the chance of as many wins or more if there were no difference; "worse": of as
        many losses or more.

    Returns
    -------
    p : ndarray of the same shape
        In (0, 1]; 1 where no pair differs.

    References
    ----------
    McNemar (1947); the exact form is the sign test on discordant pairs.
    """
    wins, losses = np.asarray(wins), np.asarray(losses)
    both = wins + losses
    better = binom.sf(wins - 1, both, 0.5)
    worse = binom.sf(losses - 1, both, 0.5)
    smaller = np.minimum(1.0, 2 * np.minimum(better, worse))
    return np.asarray({"better": better, "worse": worse, "two-sided": smaller}[side], np.float64)


def interval(
    rows: ArrayLike,
    wins: ArrayLike,
    losses: ArrayLike,
    *,
    design: ArrayLike = 1.0,
    level: float = 0.9,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return between what the paired difference of two shares lies.

    Parameters
    ----------
    rows, wins, losses : array-like of shape (n_groups,), or int
        As in `Tallies`.
    design : array-like of the same shape, default=1.0
        Design effect; the variance is multiplied by it.
    level : float, default=0.9
        Two-sided, in (0, 1). The ends of 0.9 are one-sided bounds of 0.95.

    Returns
    -------
    lower, upper : ndarray, ndarray of the same shape
        Candidate minus live, in [-1, 1]. Without rows they are -1 and 1.

    References
    ----------
    Bonett, Price (2012), Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data.
    """
    rows, wins, losses = (np.asarray(part, np.float64) for part in (rows, wins, losses))
    more, less = (wins + 1) / (rows + 2), (losses + 1) / (rows + 2)
    middle = more - less
    variance = np.asarray(design) * (more + less - middle**2) / (rows + 2)
    half = norm.ppf((1 + level) / 2) * np.sqrt(np.maximum(variance, 0))
    lower = np.where(rows > 0, np.maximum(middle - half, -1.0), -1.0)
    upper = np.where(rows > 0, np.minimum(middle + half, 1.0), 1.0)
    return lower, upper


# Before a row was seen, versions are expected to disagree on a tenth, as if 20 rows said so. It
# keeps a handful of rows without disagreement from proving that there is none.
EXPECTED_APART, PRIOR_ROWS = 0.1, 20
# One-sided 5 % of calling harm harmless, and four chances in five to see that there is none.
Z_ERROR, Z_POWER = 1.645, 0.842


def apart(rows: ArrayLike, wins: ArrayLike, losses: ArrayLike) -> NDArray[np.float64]:
    """Estimate psi, the share of rows on which just one of two versions is right, in (0, 1)."""
    seen = np.asarray(wins, np.float64) + np.asarray(losses)
    return np.asarray((seen + EXPECTED_APART * PRIOR_ROWS) / (np.asarray(rows) + PRIOR_ROWS))


def needed_rows(psi: ArrayLike, margin: ArrayLike, *, design: ArrayLike = 1.0) -> NDArray[np.int64]:
    """Say how many rows it takes to see that a candidate is not worse.

    Parameters
    ----------
    psi : array-like of shape (n_groups,), or float
        Share of rows on which the two differ, in (0, 1].
    margin : array-like of the same shape, or float
        What may be lost, as a share, > 0.
    design : array-like of the same shape, default=1.0
        Design effect.

    Returns
    -------
    rows : ndarray of the same shape
        (1.645 + 0.842)² · psi / margin², times the design effect: with psi 0.1 and a margin of
        0.02 it is 1,546.

    References
    ----------
    Connor (1987), Sample size for testing differences in proportions for the paired-sample design.
    """
    exact = (Z_ERROR + Z_POWER) ** 2 * np.asarray(psi) / np.asarray(margin) ** 2
    return np.asarray(np.round(exact * np.asarray(design)), np.int64)


def wilson(right: float, rows: float, *, level: float = 0.9) -> tuple[float, float]:
    """Return between what a share lies, in [0, 1], by Wilson's score interval (1927)."""
    if not rows:
        return 0.0, 1.0
    z = float(norm.ppf((1 + level) / 2))
    share, width = right / rows, 1 + z**2 / rows
    middle = share + z**2 / (2 * rows)
    half = z * float(np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)))
    return max(0.0, (middle - half) / width), min(1.0, (middle + half) / width)
