"""How sure one can be that a text belongs to none of the intents."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
REFERENCE = 10_000  # rows that stay with a model version to compare with
FALSE_ALARMS = 0.05  # share of what is in scope that may be flagged
NEVER = 1e9  # a threshold for when nothing could be held out
BLOCK = 1024  # rows compared at once


@dataclass(frozen=True)
class Scope:
    """What is known of the inside.

    reference : ndarray of shape (n_reference, n_dimensions), float16
        Vectors of texts that have an intent.
    centre, spread : float, float
        Mean and standard deviation of the largest logit of texts in scope that were not fitted on.
    near_centre, near_spread : float, float
        The same of the cosine to the nearest of `reference`.
    threshold : float
        The score that a share of 5 % of the texts in scope exceed.
    """

    reference: NDArray[np.float16]
    centre: float
    spread: float
    near_centre: float
    near_spread: float
    threshold: float

    def score(
        self, vectors: NDArray[np.floating], logits: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return how far outside each row is: 0 is usual, above `threshold` is flagged.

        Parameters
        ----------
        vectors : ndarray of shape (n_rows, n_dimensions)
        logits : ndarray of shape (n_rows, n_classes)

        Returns
        -------
        score : ndarray of shape (n_rows,)
            In standard deviations of texts in scope.
        """
        sure = (logits.max(axis=1) - self.centre) / self.spread
        near = (nearness(vectors, self.reference) - self.near_centre) / self.near_spread
        return np.asarray(-(sure + near) / 2, np.float32)


def scope_of(
    largest: NDArray[np.float32], near: NDArray[np.float32], reference: NDArray[np.floating]
) -> tuple[Scope, NDArray[np.float32]]:
    """Learn the usual from rows in scope that were not fitted on.

    Parameters
    ----------
    largest : ndarray of shape (n_rows,)
        Their largest logits.
    near : ndarray of shape (n_rows,)
        How near others are, by `nearness`.
    reference : ndarray of shape (n_reference, n_dimensions)
        What will be compared with from now on.

    Returns
    -------
    scope : Scope
    score : ndarray of shape (n_rows,)
        That of these rows.
    """
    centre, spread = _usual(largest)
    near_centre, near_spread = _usual(near)
    score = -((largest - centre) / spread + (near - near_centre) / near_spread) / 2
    threshold = float(np.quantile(score, 1 - FALSE_ALARMS)) if len(score) else NEVER
    kept = np.asarray(reference, np.float16)
    scope = Scope(kept, centre, spread, near_centre, near_spread, threshold)
    return scope, np.asarray(score, np.float32)


def _usual(values: NDArray[np.float32]) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64)) or 1.0


def nearness(vectors: NDArray[np.floating], reference: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the mean cosine of each row to its five nearest of `reference`; 0 if that is empty.

    Shapes are (n_rows, n_dimensions), (n_reference, n_dimensions) and (n_rows,). All rows have
    length 1.
    """
    n = min(NEIGHBOURS, len(reference))
    near = np.zeros(len(vectors), np.float32)
    among = np.asarray(reference, np.float32).T
    for at in range(0, len(vectors) if n else 0, BLOCK):
        cosine = np.asarray(vectors[at : at + BLOCK], np.float32) @ among
        near[at : at + BLOCK] = np.partition(cosine, -n, axis=1)[:, -n:].mean(axis=1)
    return near
