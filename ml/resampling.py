"""How far a figure would stray if other conversations had come.

What is drawn are conversations, not rows: rows of one conversation are right and wrong together,
and an interval that ignores it is too narrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ml.evaluating import macro_f1
from ml.pairing import Z_ERROR, Z_POWER, Paired
from ml.verdicts import BETTER, MARGIN, WORSE, Verdict

DRAWS = 1000
BLOCK = 2_000_000  # conversations drawn at once, over all draws of a block
# Draws of fewer repeat each other too often to tell how far a figure strays.
FEWEST = 30


@dataclass(frozen=True)
class ScoreComparison:
    """Macro-F1 of two versions on the same rows.

    verdict : {"better", "not worse", "worse", "inconclusive"}
    conversations : int
    live, candidate : float
        In [0, 1]; nan without rows.
    live_lower, live_upper, candidate_lower, candidate_upper : float
        90 % interval of each, in [0, 1]; nan without rows.
    difference, lower, upper : float
        Candidate minus live with its 90 % interval, in [-1, 1]; nan without rows.
    p_better, p_worse : float
        Share of draws without a gain, or without a loss, in (0, 1].
    draws : int
    margin : float
        What may be lost.
    conversations_needed : int or None
        How many a verdict takes when it is inconclusive, if the difference stays as it is. None
        when it is not, and when more would not help.
    """

    verdict: Verdict
    conversations: int
    live: float
    candidate: float
    live_lower: float
    live_upper: float
    candidate_lower: float
    candidate_upper: float
    difference: float
    lower: float
    upper: float
    p_better: float
    p_worse: float
    draws: int
    margin: float
    conversations_needed: int | None


def compare_macro_f1(
    paired: Paired, *, random_state: int, draws: int = DRAWS, margin: float = MARGIN
) -> ScoreComparison:
    """Compare macro-F1 by a paired bootstrap over conversations, with percentile intervals.

    Parameters
    ----------
    paired : Paired
    random_state : int
    draws : int, default=1000
        At least 100, so that an interval has ends.
    margin : float, default=0.02
        What may be lost, > 0.

    References
    ----------
    Efron, Tibshirani (1993), An Introduction to the Bootstrap, chapters 8 and 13.
    """
    conversations = len(np.unique(paired.conversation))
    live, candidate = (macro_f1(paired.truth, said) for said in (paired.live, paired.candidate))
    of_live, of_candidate = drawn_macro_f1(paired, draws=draws, random_state=random_state)
    apart = of_candidate - of_live
    lower, upper = ends(apart)
    p_better = float((1 + (apart <= 0).sum()) / (1 + draws))
    p_worse = float((1 + (apart >= 0).sum()) / (1 + draws))
    verdict = _verdict(conversations, lower, p_better, p_worse, margin=margin)
    needed = _needed(conversations, candidate - live, upper - lower, margin=margin)
    return ScoreComparison(
        verdict,
        conversations,
        live,
        candidate,
        *ends(of_live),
        *ends(of_candidate),
        candidate - live,
        lower,
        upper,
        p_better,
        p_worse,
        draws,
        margin,
        needed if verdict == "inconclusive" else None,
    )


def _verdict(
    conversations: int, lower: float, p_better: float, p_worse: float, *, margin: float
) -> Verdict:
    if conversations < FEWEST:
        return "inconclusive"
    if p_better <= BETTER:
        return "better"
    if lower > -margin:
        return "not worse"
    return "worse" if p_worse <= WORSE["macro_f1"] else "inconclusive"


def _needed(conversations: int, difference: float, width: float, *, margin: float) -> int | None:
    """Scale the interval's width by the root of how many there are."""
    left = margin + min(difference, 0.0)
    if not conversations or left <= 0:
        return None
    error = width / 2 / Z_ERROR
    times = ((Z_ERROR + Z_POWER) * error / left) ** 2
    return max(FEWEST, conversations + 1, round(conversations * times))


def ends(values: NDArray[np.float64], *, level: float = 0.9) -> tuple[float, float]:
    """Return the two percentiles between which a share `level` of the values lies; nan of none."""
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def drawn_macro_f1(
    paired: Paired, *, draws: int, random_state: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return macro-F1 of both versions over conversations drawn again and again.

    Parameters
    ----------
    paired : Paired
    draws : int
        How often as many conversations as there are, are drawn with replacement.
    random_state : int

    Returns
    -------
    live, candidate : ndarray, ndarray of shape (draws,)
        Of the same draws; empty without rows. As in `macro_f1`, a class counts in a draw when it
        occurs there, as truth or as answer.
    """
    if not len(paired):
        return np.empty(0), np.empty(0)
    counts, n_classes = _counts(paired)
    parts = [
        counts @ weights
        for weights in _weights(counts.shape[1], draws=draws, random_state=random_state)
    ]
    right_live, right_candidate, true, said_live, said_candidate = np.split(
        np.concatenate(parts, axis=1), 5
    )
    return _mean_f1(right_live, true + said_live), _mean_f1(right_candidate, true + said_candidate)


def _counts(paired: Paired) -> tuple[csr_array, int]:
    """Count per class (5 kinds of counts, one below the other) and conversation.

    All that macro-F1 needs of a draw is how often each conversation is in it, times this.
    """
    classes, codes = np.unique(
        np.concatenate([paired.truth, paired.live, paired.candidate]), return_inverse=True
    )
    n, conversation = len(classes), paired.conversation
    true, live, candidate = np.split(codes.reshape(-1), 3)
    of_live, of_candidate = paired.live_right, paired.candidate_right
    kinds = [
        (true[of_live], conversation[of_live]),
        (true[of_candidate], conversation[of_candidate]),
        *((code, conversation) for code in (true, live, candidate)),
    ]
    places = np.concatenate([code + kind * n for kind, (code, _) in enumerate(kinds)])
    owners = np.concatenate([owner for _, owner in kinds])
    shape = (5 * n, int(conversation.max()) + 1)
    return csr_array((np.ones(len(places)), (places, owners)), shape=shape), n


def _weights(n: int, *, draws: int, random_state: int) -> Iterator[NDArray[np.float64]]:
    """Draw n of n with replacement, block by block: how often each is in, (n, draws of a block)."""
    chance = np.random.default_rng(random_state)
    some = max(1, min(draws, BLOCK // n))
    for at in range(0, draws, some):
        block = min(some, draws - at)
        drawn = chance.integers(0, n, (n, block), np.int32).astype(np.int64)
        drawn *= block
        drawn += np.arange(block)
        yield np.bincount(drawn.ravel(), minlength=n * block).reshape(n, block).astype(np.float64)


def _mean_f1(right: NDArray[np.float64], each: NDArray[np.float64]) -> NDArray[np.float64]:
    f1 = np.divide(2 * right, each, out=np.zeros_like(right), where=each > 0)
    mean: NDArray[np.float64] = f1.sum(axis=0) / np.maximum((each > 0).sum(axis=0), 1)
    return mean
