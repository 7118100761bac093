"""Who a training set comes from, and whether one of them has a habit."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from ml.verdicts import holm

MOST = 0.20  # of the rows
FEWEST = 20  # rows of an intent; of fewer anybody has a large share
HABIT = 0.01  # chance of calling anybody's labels a habit when nobody has one


@dataclass(frozen=True)
class Share:
    """What one of them contributed.

    name : str
    rows : int
    share : float
        Of all rows, or of those of the intent, in (0, 1].
    too_much : bool
        Whether it is more than a fifth.
    intent : str
        "" when it is of all rows.
    """

    name: str
    rows: int
    share: float
    too_much: bool
    intent: str = ""


def shares(names: NDArray[np.str_], *, most: float = MOST) -> tuple[Share, ...]:
    """Count who each row is of: annotators, or sources.

    Parameters
    ----------
    names : ndarray of shape (n_rows,) of str
        "" is not known, and counts among all rows only.
    most : float, default=0.2
        A larger share is too much.

    Returns
    -------
    shares : tuple of Share
        The largest first, of equally large ones by name.
    """
    found, counts = np.unique(np.asarray(names, np.str_), return_counts=True)
    named = [
        Share(str(name), rows, rows / len(names), rows / len(names) > most)
        for name, rows in zip(found, counts.tolist(), strict=True)
        if name != ""
    ]
    return tuple(sorted(named, key=lambda one: (-one.rows, one.name)))


def shares_by_intent(
    names: NDArray[np.str_], intents: NDArray[np.str_], *, most: float = MOST
) -> tuple[Share, ...]:
    """Find who has too large a share of one intent: a few senders can drown it and stay few.

    Parameters
    ----------
    names, intents : ndarray of shape (n_rows,) of str
        Who each row is of, "" if that is not known, and its intent.
    most : float, default=0.2

    Returns
    -------
    shares : tuple of Share
        All that are too much, the largest first; then by intent and name. Intents of fewer than 20
        rows are left out.
    """
    intents = np.asarray(intents, np.str_)
    found = []
    for intent, rows in zip(*np.unique(intents, return_counts=True), strict=True):
        if rows >= FEWEST:
            own = shares(np.asarray(names)[intents == intent], most=most)
            found += [replace(one, intent=str(intent)) for one in own if one.too_much]
    return tuple(sorted(found, key=lambda one: (-one.share, one.intent, one.name)))


@dataclass(frozen=True)
class Habit:
    """An annotator whose labels differ from what the others taught more often than theirs do.

    name : str
    rows : int
    apart, others_apart : float
        Share of labels that differ from the out-of-fold answer, of theirs and of all others', in
        [0, 1].
    adjusted_p : float
        Of that by chance, by Fisher's exact test, adjusted by Holm for all annotators.
    given, expected : str
        What they say most often against the answer, and what that is.
    times : int
        How often.
    """

    name: str
    rows: int
    apart: float
    others_apart: float
    adjusted_p: float
    given: str
    expected: str
    times: int


def habits(
    annotators: NDArray[np.str_],
    given: NDArray[np.str_],
    expected: NDArray[np.str_],
    *,
    alpha: float = HABIT,
) -> tuple[Habit, ...]:
    """Find annotators with a habit.

    Parameters
    ----------
    annotators : ndarray of shape (n_rows,) of str
    given, expected : ndarray of shape (n_rows,) of str
        Their label, and the answer of who did not learn from that row.
    alpha : float, default=0.01
        Chance of finding any when there is none.

    Returns
    -------
    habits : tuple of Habit
        The least likely to be chance first.
    """
    who, code = np.unique(np.asarray(annotators, np.str_), return_inverse=True)
    wrong = np.asarray(given) != np.asarray(expected)
    rows = np.bincount(code, minlength=len(who))
    theirs = np.bincount(code[wrong], minlength=len(who))
    p = holm(hypergeom.sf(theirs - 1, len(code), wrong.sum(), rows))
    found = []
    # Of one annotator alone p is 1.
    for at in np.flatnonzero(p <= alpha).tolist():
        own = wrong & (code == at)
        pairs, counts = np.unique(
            np.stack([np.asarray(given)[own], np.asarray(expected)[own]]),
            axis=1,
            return_counts=True,
        )
        most = int(counts.argmax())
        found.append(
            Habit(
                name=str(who[at]),
                rows=int(rows[at]),
                apart=float(theirs[at] / rows[at]),
                others_apart=float((wrong.sum() - theirs[at]) / (len(code) - rows[at])),
                adjusted_p=float(p[at]),
                given=str(pairs[0, most]),
                expected=str(pairs[1, most]),
                times=int(counts[most]),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.adjusted_p, one.name)))
