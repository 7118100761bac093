"""What people talk about that no intent covers yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.classifiers import IntentClassifier
from ml.sampling import blocks_of, clusters_of, smallest, typical

LOOKED_AT = 5000  # rows of the pool, those that the classifier is least sure of


@dataclass(frozen=True)
class Novelties:
    """Groups of rows that no intent covers, the largest first.

    rows : ndarray of shape (n_clusters,)
        The most typical row of each group, as a row number of the pool.
    size : ndarray of shape (n_clusters,)
        How many rows that were looked at are in it.
    score : ndarray of shape (n_clusters,)
        The out-of-scope score of the typical row.
    """

    rows: NDArray[np.intp]
    size: NDArray[np.intp]
    score: NDArray[np.float32]


def novelty_clusters(
    classifier: IntentClassifier,
    pool: NDArray[np.floating],
    *,
    n: int,
    random_state: int,
    among: NDArray[np.intp] | None = None,
) -> Novelties:
    """Group what is out of scope, and show one of each group.

    Of the whole pool the 5,000 rows are looked at whose largest logit is the smallest; those of
    them that are out of scope, by their neighbours too, are parted into n groups.

    Parameters
    ----------
    classifier : IntentClassifier
    pool : ndarray of shape (n_pool, n_dimensions)
        Of the classifier's encoder version. May be mapped from a file.
    n : int
        How many groups at most.
    random_state : int
    among : ndarray of shape (n_free,), default=None
        Row numbers that may be shown, ascending; all if not given.
    """
    rows, score = out_of_scope_rows(classifier, pool, among=among)
    if not n or not len(rows):
        return Novelties(rows[:0], rows[:0], score[:0])
    vectors = np.asarray(pool[rows], np.float32)
    cluster = clusters_of(vectors, n=n, random_state=random_state)
    shown, share = typical(vectors, cluster)
    size = np.rint(share * len(rows)).astype(np.intp)
    return Novelties(rows[shown], size, score[shown])


def out_of_scope_rows(
    classifier: IntentClassifier,
    pool: NDArray[np.floating],
    *,
    among: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return row numbers of the pool that are out of scope, ascending, and their scores."""
    largest = np.empty(len(pool) if among is None else len(among), np.float32)
    for at, block in blocks_of(pool, among):
        largest[at : at + len(block)] = classifier.vectors_.logits(block).max(axis=1)
    rows = np.sort(smallest(largest, n=LOOKED_AT))
    rows = rows if among is None else among[rows]
    vectors = np.asarray(pool[rows], np.float32)
    scope = classifier.pool_scope_
    score = scope.score(vectors, classifier.vectors_.logits(vectors))
    outside = score > scope.threshold
    return rows[outside], score[outside]
