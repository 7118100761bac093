"""How far people who looked at the same texts agree, worked out from counts alone.

Nothing here needs the answers themselves: who keeps sums of pairs of answers can say at any time
how far people agree, however many answers there are.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma, nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.float64]


# ── two people ────────────────────────────────────────────────────────────────────────


def cohen_kappa(table: ArrayLike) -> float:
    """Cohen's kappa of two people.

    Parameters
    ----------
    table : array-like of shape (n_categories, n_categories)
        How many texts the first person put into the category of the row, and the second into
        that of the column. Counts or shares, each >= 0.

    Returns
    -------
    kappa : float
        At most 1; 0 where they agree as often as chance would have it. nan without texts, and
        where both only ever used one category, the same: then chance alone explains it all.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales.
    """
    counts = np.asarray(table, np.float64)
    return kappa_of_margins(counts.sum(axis=1), counts.sum(axis=0), np.diagonal(counts))


def kappa_of_margins(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> float:
    """Cohen's kappa from how often each category was used, which is all that it depends on.

    Parameters
    ----------
    first, second : array-like of shape (n_categories,)
        How often the one, and the other, used each category. Their sums are the same.
    both : array-like of shape (n_categories,)
        How often both used it for the same text.

    Returns
    -------
    kappa : float
        As of `cohen_kappa`. Where the second are several people, each pair with the first
        counts once: how far the first agrees with the others taken together.
    """
    one, other, same = _counts(first), _counts(second), _counts(both)
    total = one.sum()
    if total == 0:
        return nan
    by_chance = float(one @ other) / total**2
    return _beyond(float(same.sum()) / total, by_chance)


def kappa_per_category(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> Counts:
    """Cohen's kappa of each category against all the others together.

    Parameters
    ----------
    first, second, both : array-like of shape (n_categories,)
        As of `kappa_of_margins`.

    Returns
    -------
    kappa : ndarray of shape (n_categories,)
        nan where nobody used the category, or nobody any other.
    """
    one, other, same = _counts(first), _counts(second), _counts(both)
    total = one.sum()
    found = np.full(len(one), nan)
    for place in range(len(one)):
        a, b = one[place], other[place]
        pair = [[same[place], a - same[place]], [b - same[place], total - a - b + same[place]]]
        found[place] = cohen_kappa(pair)
    return found


# ── any number of people ──────────────────────────────────────────────────────────────


def coincidences(ratings: Sequence[Sequence[Hashable]]) -> tuple[list[Hashable], Counts]:
    """Count which values meet in the same text.

    Parameters
    ----------
    ratings : sequence of shape (n_people, n_texts)
        What each person said of each text; None where they said nothing of it.

    Returns
    -------
    categories : list of length n_categories
        In the order of their words.
    matrix : ndarray of shape (n_categories, n_categories)
        Symmetric. Each ordered pair of values of a text counts 1 / (m - 1), where m people said
        something of it; a text of which one person said something counts nothing.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability.
    """
    texts = [[said for said in text if said is not None] for text in zip(*ratings, strict=True)]
    categories = sorted({said for text in texts for said in text}, key=str)
    places = {category: place for place, category in enumerate(categories)}
    matrix = np.zeros((len(categories), len(categories)))
    for text in texts:
        for one, other in combinations((places[said] for said in text), 2):
            matrix[one, other] += 1 / (len(text) - 1)
            matrix[other, one] += 1 / (len(text) - 1)
    return list(categories), matrix


def krippendorff_alpha(matrix: ArrayLike) -> float:
    """Krippendorff's alpha for nominal values, of any number of people with gaps.

    Parameters
    ----------
    matrix : array-like of shape (n_categories, n_categories)
        As of `coincidences`.

    Returns
    -------
    alpha : float
        As of `alpha_of_margins`.
    """
    counts = np.asarray(matrix, np.float64)
    return alpha_of_margins(counts.sum(axis=1), np.diagonal(counts))


def alpha_of_margins(said: ArrayLike, same: ArrayLike) -> float:
    """Krippendorff's alpha for nominal values, from the margins of the coincidences.

    Parameters
    ----------
    said : array-like of shape (n_categories,)
        The sum of each row of the coincidences.
    same : array-like of shape (n_categories,)
        Their diagonal.

    Returns
    -------
    alpha : float
        At most 1; 0 where values meet as chance would have it. nan where no two values meet, or
        all are of one category: without differences nothing can be said.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability: part C, nominal data.
    """
    of_each, met = _counts(said), _counts(same)
    total = of_each.sum()
    different = total**2 - float(of_each @ of_each)
    if different == 0:
        return nan
    return float(1 - (total - 1) * (total - met.sum()) / different)


def alpha_per_category(said: ArrayLike, same: ArrayLike) -> Counts:
    """Krippendorff's alpha of each category against all the others together.

    Parameters
    ----------
    said, same : array-like of shape (n_categories,)
        As of `alpha_of_margins`.

    Returns
    -------
    alpha : ndarray of shape (n_categories,)
        nan where nobody used the category, or nobody any other.
    """
    of_each, met = _counts(said), _counts(same)
    total = of_each.sum()
    different = of_each * (total - of_each)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - (total - 1) * (of_each - met) / different
    return np.where(different > 0, found, nan)


# ── spans ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SpanMatches:
    """How far the spans of two people in one text meet.

    first, second : int
        How many each marked.
    exact : int
        How many have the same start and end.
    overlapping : int
        How many can be paired, each once, so that those of a pair share a code point.
    """

    first: int
    second: int
    exact: int
    overlapping: int


def span_matches(
    first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]
) -> SpanMatches:
    """Compare what two people marked in one text, of one type.

    Parameters
    ----------
    first, second : sequence of (start, end)
        In code points; `end` is excluded. The same span twice counts once.
    """
    one, other = sorted(set(first)), sorted(set(second))
    touching = [
        [place for place, (start, end) in enumerate(other) if start < until and since < end]
        for since, until in one
    ]
    return SpanMatches(len(one), len(other), len(set(one) & set(other)), _most_pairs(touching))


def _most_pairs(touching: Sequence[Sequence[int]]) -> int:
    """How many of the one can have one of the other each (augmenting paths)."""
    partner: dict[int, int] = {}

    def found(one: int, seen: set[int]) -> bool:
        for other in touching[one]:
            if other not in seen:
                seen.add(other)
                if other not in partner or found(partner[other], seen):
                    partner[other] = one
                    return True
        return False

    return sum(found(one, set()) for one in range(len(touching)))


def span_f1(matched: float, first: float, second: float) -> float:
    """F1 of what two people marked, with either as the truth: it is the same.

    Parameters
    ----------
    matched : number
        How many spans of the one were matched with one of the other's.
    first, second : number
        How many each marked.

    Returns
    -------
    f1 : float
        In [0, 1]; nan where nobody marked anything.
    """
    return 2 * matched / (first + second) if first + second else nan


# ── over time ─────────────────────────────────────────────────────────────────────────


def fell_by_chance(before: tuple[int, int], now: tuple[int, int]) -> float:
    """How likely chance alone makes a share fall as far as it did.

    Parameters
    ----------
    before, now : (int, int)
        How many were right, of how many; 0 <= right <= all.

    Returns
    -------
    p : float
        In (0, 1]: Fisher's exact test, one-sided. 1 where nothing is to be compared.

    References
    ----------
    Fisher (1934), Statistical methods for research workers, 5th edition, section 21.02.
    """
    (right_before, all_before), (right_now, all_now) = before, now
    if not all_before or not all_now:
        return 1.0
    right, everything = right_before + right_now, all_before + all_now
    of_all = _log_choose(everything, right)
    least = max(0, right - all_before)
    tail = (
        exp(_log_choose(all_now, hits) + _log_choose(all_before, right - hits) - of_all)
        for hits in range(least, right_now + 1)
    )
    return min(sum(tail), 1.0)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _beyond(observed: float, by_chance: float) -> float:
    return (observed - by_chance) / (1 - by_chance) if by_chance < 1 else nan


def _counts(of: ArrayLike) -> Counts:
    return np.asarray(of, np.float64)
