"""What would have been learned from fewer labels: the points of a learning curve."""

from dataclasses import dataclass

import numpy as np

from ml.evaluating import accuracy
from ml.examples import Examples, coded, folds_of
from ml.searching import Setting, fit_head, logits_of

HALVINGS = 5  # 1/32, 1/16, … of the labels, then all of them
LEAST = 50  # rows; from fewer nothing is learned that tells where it goes
EACH = 3  # rows an intent, on average


@dataclass(frozen=True)
class Learned:
    """One point. labels: rows learned from. accuracy: in [0, 1]. rows: test rows."""

    labels: int
    accuracy: float
    rows: int


def learned_from_fewer(
    examples: Examples, test: Examples, *, setting: Setting, random_state: int
) -> tuple[Learned, ...]:
    """Fit a head on a 32nd of the conversations, a 16th, and so on to all.

    Each part holds the one before it, and every intent by its share.

    Parameters
    ----------
    examples : Examples
        At least two intents, else TooLittle is raised.
    test : Examples
        Rows that nothing is learned from. Rows of other intents count as wrong.
    setting : Setting
        Of the head. One on vectors is quick; accuracy is that of the head alone, not of a mix.
    random_state : int

    Returns
    -------
    points : tuple of Learned
        Fewest labels first. Parts of one intent, of fewer than 50 rows or of fewer than three an
        intent are left out; without test rows there are none. The whole takes about as long as
        fitting on all rows twice.
    """
    _, codes = coded(examples.intents)
    if not len(test):
        return ()
    part = folds_of(codes, examples.groups, n=2**HALVINGS, random_state=random_state)
    points = []
    for halving in range(HALVINGS, -1, -1):
        rows = np.flatnonzero(part < 2 ** (HALVINGS - halving))
        some = examples.at(rows)
        classes = np.unique(some.intents)
        if len(rows) < max(LEAST, EACH * len(classes)) or len(classes) < 2:
            continue
        head = fit_head(some, setting, random_state=random_state)
        said = classes[logits_of(head, test).argmax(axis=1)]
        points.append(Learned(len(rows), accuracy(test.intents, said), len(test)))
    return tuple(points)
