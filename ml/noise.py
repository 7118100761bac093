"""Which labels look wrong to whoever learned from all the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.calibrating import probabilities, temperature_of
from ml.examples import Examples, folds_of, numbered
from ml.searching import FOLDS, HeldOut, Setting, held_out

USUAL = Setting("vectors", 5.0)
# From here on a label looks plainly wrong. Of BANKING77's own labels 1.7 % do, with 5 % made wrong
# 3.7 %: wrong labels make those who learn from them less sure of everything.
PLAIN = 0.8


@dataclass(frozen=True)
class Suspects:
    """Rows worth a second look, the most suspect first.

    rows : ndarray of shape (n_suspects,)
        Row numbers.
    doubt : ndarray of shape (n_suspects,)
        p(best) - p(given) out of fold, in (0, 1].
    better : ndarray of shape (n_suspects,) of str
        The intent that fits best.
    """

    rows: NDArray[np.intp]
    doubt: NDArray[np.float64]
    better: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def plain(self) -> int:
        """How many look plainly wrong."""
        return int((self.doubt > PLAIN).sum())


def suspects_of(
    examples: Examples, *, random_state: int, setting: Setting = USUAL, folds: int = FOLDS
) -> Suspects:
    """Answer each part of the conversations by what was learned from the others, and doubt.

    Parameters
    ----------
    examples : Examples
        At least two intents, else TooLittle is raised. Rows whose intent no other part has are
        never suspects: nobody could have learned it.
    random_state : int
    setting : Setting, default=vectors, C 5
        Of the head. Weights that may grow further bend around wrong labels.
    folds : int, default=5
    """
    classes, held = out_of_fold(examples, setting, folds=folds, random_state=random_state)
    proba = probabilities(held.logits, temperature_of(held.logits, held.codes))
    return doubted(proba, held.codes, classes, rows=held.rows)


def out_of_fold(
    examples: Examples, setting: Setting, *, folds: int = FOLDS, random_state: int
) -> tuple[NDArray[np.str_], HeldOut]:
    """Return the classes in order, and the answers to every row by who did not learn from it."""
    classes, examples = numbered(examples)
    codes = np.asarray(examples.intents, np.intp)
    part = folds_of(codes, examples.groups, n=folds, random_state=random_state)
    both = ((np.flatnonzero(part != n), np.flatnonzero(part == n)) for n in range(folds))
    splits = [(fit, ask) for fit, ask in both if len(ask) and len(np.unique(codes[fit])) > 1]
    return classes, held_out(examples, setting, splits, random_state=random_state)[0]


def doubted(
    proba: NDArray[np.floating],
    codes: NDArray[np.intp],
    classes: NDArray[np.str_],
    *,
    rows: NDArray[np.intp] | None = None,
) -> Suspects:
    """Rank what another intent fits better.

    Parameters
    ----------
    proba : ndarray of shape (n_rows, n_classes)
        Of each row by who was not fitted on it.
    codes : ndarray of shape (n_rows,)
        The class number it was given.
    classes : ndarray of shape (n_classes,) of str
    rows : ndarray of shape (n_rows,), default=None
        What each row is called; its number if not given.

    References
    ----------
    Northcutt, Jiang, Chuang (2021), Confident learning, for the normalised margin.
    """
    proba = np.asarray(proba, np.float64)
    if not len(proba):
        none = np.empty(0, np.intp)
        return Suspects(none, np.empty(0), np.empty(0, np.str_))
    best = proba.argmax(axis=1)
    at = np.arange(len(proba))
    doubt = proba[at, best] - proba[at, codes]
    order = np.argsort(-doubt, kind="stable")[: int((doubt > 0).sum())]
    names = at if rows is None else np.asarray(rows)
    return Suspects(names[order].astype(np.intp), doubt[order], np.asarray(classes)[best[order]])
