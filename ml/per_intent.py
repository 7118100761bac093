"""What became of each intent.

With 40 intents one of them drops by chance in almost every good candidate. So being "regressed"
takes more the more intents there are, and only the few that are critical block.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.pairing import (
    OUT_OF_SCOPE,
    Paired,
    Tallies,
    apart,
    interval,
    mcnemar,
    needed_rows,
    tallied,
)
from ml.verdicts import (
    FALSE_DISCOVERIES,
    INTENT_MARGIN,
    REGRESSED,
    WORSE,
    Status,
    benjamini_hochberg,
    holm,
    statuses,
)

MOST_CRITICAL = 5
ORDER = {"regressed": 0, "inconclusive": 1, "fine": 2}


@dataclass(frozen=True)
class Counts:
    """What a version did with one intent. Figures are in [0, 1], nan where nothing is counted.

    right : rows of the intent that it answered with it
    said : rows that it answered with it
    """

    right: int
    said: int
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True)
class IntentComparison:
    """One intent in both versions.

    intent : str
    critical : bool
        Whether it blocks when it regressed.
    status : {"regressed", "inconclusive", "fine"}
    because : {"missed", "mistaken", ""}
        What gave the smaller p: rows of the intent answered otherwise, or others answered with it.
    rows : int
        Test rows whose truth it is.
    live, candidate : Counts
    difference, lower, upper : float
        Of recall, candidate minus live, with a 90 % interval; without rows nan, -1 and 1.
    wins, losses : int
        Rows of the intent that only the candidate, or only the live version, got right.
    p, adjusted_p : float
        Of being worse, before and after Holm's adjustment for all such intents.
    warned : bool
        On the list of which at most a tenth is expected to be there by chance.
    rows_needed : int or None
        How many rows of it a verdict takes, when it is inconclusive.
    """

    intent: str
    critical: bool
    status: Status
    because: str
    rows: int
    live: Counts
    candidate: Counts
    difference: float
    lower: float
    upper: float
    wins: int
    losses: int
    p: float
    adjusted_p: float
    warned: bool
    rows_needed: int | None


def compare_intents(
    paired: Paired, *, critical: Collection[str] = (), margin: float = INTENT_MARGIN
) -> tuple[IntentComparison, ...]:
    """Compare each intent, in what is missed of it and in what is mistaken for it.

    Both are exact McNemar tests over conversations. p is twice the smaller of the two, adjusted by
    Holm among critical intents, which were named beforehand, and among all others.

    Parameters
    ----------
    paired : Paired
    critical : collection of str, default=()
        At most five, else ValueError. They are in the result even without rows.
    margin : float, default=0.10
        "fine" is an intent that for sure lost less of its recall.

    Returns
    -------
    intents : tuple of IntentComparison
        Every intent that is critical, the truth, or an answer: regressed ones first, then
        inconclusive ones, each by p and then by name.
    """
    if len(set(critical)) > MOST_CRITICAL:
        raise ValueError(f"At most {MOST_CRITICAL} intents can be critical.")
    names, true, live, candidate = _coded(paired, critical)
    is_critical = np.isin(names, sorted(set(critical)))
    missed = _missed(paired, true, n=len(names))
    mistaken = _mistaken(paired, true, live, candidate, n=len(names))
    p, because = _p_of(missed, mistaken)
    lower, upper = interval(missed.rows, missed.wins, missed.losses, design=missed.design)
    adjusted, status = _judged(p, lower, is_critical, margin=margin)
    warned = benjamini_hochberg(p) <= FALSE_DISCOVERIES
    needed = _needed(missed, margin)
    of_live = _counts(true, live, paired.live_right, n=len(names))
    of_candidate = _counts(true, candidate, paired.candidate_right, n=len(names))
    found = [
        IntentComparison(
            intent=str(name),
            critical=bool(is_critical[at]),
            status=status[at],
            because=str(because[at]),
            rows=int(missed.rows[at]),
            live=of_live[at],
            candidate=of_candidate[at],
            difference=of_candidate[at].recall - of_live[at].recall,
            lower=float(lower[at]),
            upper=float(upper[at]),
            wins=int(missed.wins[at]),
            losses=int(missed.losses[at]),
            p=float(p[at]),
            adjusted_p=float(adjusted[at]),
            warned=bool(warned[at]),
            rows_needed=int(needed[at]) if status[at] == "inconclusive" else None,
        )
        for at, name in enumerate(names)
        if name != OUT_OF_SCOPE
    ]
    return tuple(sorted(found, key=lambda one: (ORDER[one.status], one.p, one.intent)))


Codes = NDArray[np.intp]


def _coded(
    paired: Paired, critical: Collection[str]
) -> tuple[NDArray[np.str_], Codes, Codes, Codes]:
    """Return the names in order, and the truth and both answers as places among them."""
    # An own place for OUT_OF_SCOPE, even where nothing is, keeps the arrays alike.
    more = np.array([OUT_OF_SCOPE, *sorted(set(critical))], np.str_)
    together = np.concatenate([paired.truth, paired.live, paired.candidate, more])
    names, codes = np.unique(together.astype(np.str_), return_inverse=True)
    true, live, candidate = np.split(codes.reshape(-1)[: -len(more)], 3)
    return names, true, live, candidate


def _missed(paired: Paired, true: Codes, *, n: int) -> Tallies:
    return tallied(paired.difference, paired.conversation, true, n_groups=n)


def _mistaken(paired: Paired, true: Codes, live: Codes, candidate: Codes, *, n: int) -> Tallies:
    """Tally what is wrongly answered with an intent by one version alone."""
    apart = live != candidate
    worse, better = apart & (candidate != true), apart & (live != true)
    return tallied(
        np.repeat([-1, 1], [worse.sum(), better.sum()]),
        np.concatenate([paired.conversation[worse], paired.conversation[better]]),
        np.concatenate([candidate[worse], live[better]]),
        n_groups=n,
    )


def _p_of(missed: Tallies, mistaken: Tallies) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Return p of being worse in either, and in which."""
    both = np.array([_p_worse(missed), _p_worse(mistaken)])
    p = np.minimum(1.0, 2 * both.min(axis=0))
    because = np.where(p < 1, np.array(["missed", "mistaken"])[both.argmin(axis=0)], "")
    return p, because


def _p_worse(tallies: Tallies) -> NDArray[np.float64]:
    # Many conversations lost a little must not outweigh one that won a lot.
    p = mcnemar(tallies.won, tallies.lost, side="worse")
    return np.where(tallies.losses > tallies.wins, p, 1.0)


def _judged(
    p: NDArray[np.float64],
    lower: NDArray[np.float64],
    is_critical: NDArray[np.bool_],
    *,
    margin: float,
) -> tuple[NDArray[np.float64], Sequence[Status]]:
    """Adjust p among critical intents and among all others; return it, and what each came to."""
    adjusted = np.ones(len(p))
    for family in (is_critical, ~is_critical):
        adjusted[family] = holm(p[family])
    alpha = np.where(is_critical, WORSE["critical"], REGRESSED)
    return adjusted, statuses(adjusted, lower, alpha=alpha, margin=margin)


def _needed(missed: Tallies, margin: float) -> NDArray[np.int64]:
    psi = apart(missed.rows, missed.wins, missed.losses)
    left = margin + np.minimum((missed.wins - missed.losses) / np.maximum(missed.rows, 1), 0.0)
    # A loss beyond the margin: as many as would show it.
    left = np.where(left > 0, left, margin)
    return np.maximum(missed.rows + 1, needed_rows(psi, left, design=missed.design))


def _counts(true: Codes, said: Codes, right: NDArray[np.bool_], *, n: int) -> Sequence[Counts]:
    rows, answers = np.bincount(true, minlength=n), np.bincount(said, minlength=n)
    hits = np.bincount(true[right], minlength=n)
    return [
        Counts(
            right=hit,
            said=answered,
            recall=_share(hit, all_rows),
            precision=_share(hit, answered),
            f1=_share(2 * hit, all_rows + answered),
        )
        for hit, answered, all_rows in zip(
            hits.tolist(), answers.tolist(), rows.tolist(), strict=True
        )
    ]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
