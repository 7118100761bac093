"""What to ask people next, on modAL.

A pool is an array of vectors, which may be mapped from a file: it is read block by block, and the
rows asked of are returned, not copied. Nothing here needs texts.

modAL 0.4 cannot fit with this scikit-learn (`teach` fails), so a fitted classifier is wrapped and
only asked. It would ask an unfitted one too, and get an answer of no meaning: `draw_next` takes
nothing but a fitted one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from ml.calibrating import probabilities
from ml.classifiers import IntentClassifier

BLOCK = 16_384  # rows of the pool that are read at once
CLOSE_CALLS = 10  # times as many as wanted are looked at
# What a margin counts beside the squared distance to the middle of a cluster.
MARGIN_COUNTS = 0.5
# Rows whose words are read, for each that is wanted, where a classifier learned words.
#
# Measured with BANKING77 (3,000 turns at first, 10 more a label, 2 % of labels wrong, 5 % for the
# audit; labels to 85 %, mean of 3 streams): 1,655 at random (3 others), 909 by the closest call of
# each cluster, 898 with words, 767 by distance and margin instead, and 701 where half as many again
# are drawn as are labelled before the next draw.
READ = 40
ROUNDS = 30  # of k-means; it needs no more to spread
DENSE = 20  # neighbours that say how typical a row is
LOOKED_AT = 10_000  # rows of the pool that a start without a classifier, or a new topic, looks at


Rows = NDArray[np.intp]
Texts = Callable[[Rows], Sequence[str]]  # of rows of the pool
Again = Callable[[Rows], NDArray[np.float32]]  # probabilities of rows, by all that is known


class Asked(Protocol):
    """What a query function is handed: a learner, or anything with probabilities."""

    def predict_proba(self, X: Any) -> Any: ...


class PoolScorer(BaseEstimator):  # type: ignore[misc]
    """A classifier as modAL wants it: vectors in, probabilities out."""

    def __init__(self, classifier: IntentClassifier) -> None:
        self.classifier = classifier

    def predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return an array of shape (n_rows, n_classes). The words of a text are not read."""
        logits = self.classifier.vectors_.logits(X)
        return probabilities(logits, self.classifier.vector_temperature_)


@dataclass(frozen=True)
class Draw:
    """Rows to ask about, the most useful first.

    rows : ndarray of shape (n_drawn,)
        Row numbers of the pool.
    value : ndarray of shape (n_drawn,)
        Why: the margin of a close call, in [0, 1]; the out-of-scope score of something new; the
        share of the pool that a typical row stands for.
    """

    rows: NDArray[np.intp]
    value: NDArray[np.float32]


def draw_next(
    classifier: IntentClassifier,
    pool: NDArray[np.floating],
    *,
    n: int,
    random_state: int,
    among: NDArray[np.intp] | None = None,
    texts: Texts | None = None,
) -> Draw:
    """Draw the close calls of the pool, spread over what they are about.

    The whole pool is scored by vectors. What is closest by them is scored by its words, too, if
    the classifier knows words: what they make clear need not be asked.

    Parameters
    ----------
    classifier : IntentClassifier
    pool : ndarray of shape (n_pool, n_dimensions)
        Of the classifier's encoder version.
    n : int
        How many. Fewer come when the pool is smaller.
    random_state : int
    among : ndarray of shape (n_free,), default=None
        Row numbers that may be drawn, ascending; all if not given.
    texts : callable, default=None
        Returns the texts of row numbers. Without it words are not looked at.
    """
    # Imported here: it brings pandas, which takes seconds and is not used.
    from modAL.models import ActiveLearner

    if not n or not len(pool if among is None else among):
        return _nothing()
    learner = ActiveLearner(PoolScorer(classifier), query_strategy=margin_and_clusters)
    rows, _, value = learner.query(
        pool,
        n_instances=n,
        random_state=random_state,
        among=among,
        again=_again(classifier, pool, texts),
        return_metrics=True,
    )
    return Draw(rows, value)


def _again(
    classifier: IntentClassifier, pool: NDArray[np.floating], texts: Texts | None
) -> Again | None:
    if texts is None or classifier.words_ is None:
        return None
    return lambda rows: classifier.predict_proba(texts(rows), np.asarray(pool[rows], np.float32))


def margin_and_clusters(
    learner: Asked,
    pool: NDArray[np.floating],
    *,
    n_instances: int = 1,
    random_state: int = 0,
    among: NDArray[np.intp] | None = None,
    again: Again | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Pick of each cluster of close calls one near its middle. A query function for modAL.

    The closest call of a cluster is often an odd one at its edge, whose answer says little about
    the others: squared distance to the middle and margin are added up, and the least is picked.

    Parameters
    ----------
    learner : object with predict_proba
    pool : ndarray of shape (n_pool, n_dimensions)
    n_instances : int, default=1
        How many rows to pick. With fewer rows than that, all are picked.
    random_state : int, default=0
        Where the clusters begin.
    among : ndarray of shape (n_free,), default=None
        Row numbers that may be picked, ascending; all if not given.
    again : callable, default=None
        Returns better probabilities of row numbers, but takes too long for all of them.

    Returns
    -------
    rows : ndarray of shape (n_picked,)
        Row numbers of `pool`, the one first that says most: near others, and a close call.
    margin : ndarray of shape (n_picked,)
        Best minus second-best probability of each, in [0, 1].
    """
    free = len(pool) if among is None else len(among)
    margin = np.empty(free, np.float32)
    for at, block in blocks_of(pool, among):
        margin[at : at + len(block)] = margins(learner.predict_proba(block))
    close = smallest(margin, n=(READ if again else CLOSE_CALLS) * n_instances)
    rows, margin = close if among is None else among[close], margin[close]
    if again:
        margin = margins(again(rows))
        close = smallest(margin, n=CLOSE_CALLS * n_instances)
        rows, margin = rows[close], margin[close]
    vectors = np.asarray(pool[rows], np.float32)
    cluster = clusters_of(vectors, n=n_instances, random_state=random_state)
    told = _from_the_middle(vectors, cluster) + MARGIN_COUNTS * margin
    order = np.argsort(told, kind="stable")
    best = np.sort(np.unique(cluster[order], return_index=True)[1])
    picked = order[_filled(best, n=min(n_instances, free))]
    return rows[picked], margin[picked]


def _from_the_middle(
    vectors: NDArray[np.float32], cluster: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Return how far each row is from the mean of its cluster, squared: shape (n_rows,)."""
    of_each, number = np.unique(cluster, return_inverse=True)
    means = np.zeros((len(of_each), vectors.shape[1]), np.float32)
    np.add.at(means, number, vectors)
    means /= np.bincount(number)[:, None].astype(np.float32)
    apart: NDArray[np.float32] = np.square(vectors - means[number]).sum(axis=1)
    return apart


def _filled(first: NDArray[np.intp], *, n: int) -> NDArray[np.intp]:
    """Add the next best when equal rows left clusters empty."""
    rest = np.setdiff1d(np.arange(n), first)[: n - len(first)]
    return np.sort(np.concatenate([first, rest]))


def blocks_of(
    pool: NDArray[np.floating], among: NDArray[np.intp] | None = None
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Read the pool piece by piece, as (place of the first row, rows in single precision)."""
    for at in range(0, len(pool) if among is None else len(among), BLOCK):
        rows = slice(at, at + BLOCK) if among is None else among[at : at + BLOCK]
        yield at, np.asarray(pool[rows], np.float32)


def margins(proba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return best minus second-best of each of (n_rows, n_classes): (n_rows,), in [0, 1]."""
    second, best = np.partition(proba, -2, axis=1)[:, -2:].T
    difference: NDArray[np.float32] = best - second
    return difference


def smallest(values: NDArray[np.float32], *, n: int) -> NDArray[np.intp]:
    """Return where the n smallest are, in order; of equal ones the first."""
    if n >= len(values):
        return np.argsort(values, kind="stable")
    limit = np.partition(values, n - 1)[n - 1]
    few = np.flatnonzero(values <= limit)
    return few[np.argsort(values[few], kind="stable")][:n]


def typiclust(pool: NDArray[np.floating], *, n: int, random_state: int) -> Draw:
    """Draw the most typical row of each of n clusters: a start that needs no classifier.

    After Hacohen, Dekel, Weinshall: Active Learning on a Budget (2022).

    Parameters
    ----------
    pool : ndarray of shape (n_pool, n_dimensions)
        Of more than 10,000 rows as many are looked at.
    n : int
    random_state : int

    Returns
    -------
    draw : Draw
        The largest cluster first. `value` is the share of the rows looked at that are in it.
    """
    some = _some(len(pool), random_state=random_state)
    if not n or not len(some):
        return _nothing()
    vectors = np.asarray(pool[some], np.float32)
    cluster = clusters_of(vectors, n=n, random_state=random_state)
    rows, value = typical(vectors, cluster)
    return Draw(some[rows], value)


def typical(
    vectors: NDArray[np.float32], cluster: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the densest row of each cluster, and the share in it, the largest first."""
    names, sizes = np.unique(cluster, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rows = []
    for name in names[order]:
        members = np.flatnonzero(cluster == name)
        rows.append(members[density(vectors[members]).argmax()])
    return np.array(rows, np.intp), np.asarray(sizes[order] / len(vectors), np.float32)


def density(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return minus the mean distance of each row to its 20 nearest others, (n_rows,)."""
    n = min(DENSE, len(vectors) - 1)
    if n < 1:
        return np.zeros(len(vectors), np.float32)
    found = np.empty(len(vectors), np.float32)
    squares = (vectors**2).sum(axis=1)
    for at in range(0, len(vectors), 1024):
        part = slice(at, at + 1024)
        distance = squares[part, None] - 2 * vectors[part] @ vectors.T + squares
        nearest = np.partition(np.maximum(distance, 0), n, axis=1)[:, : n + 1]
        found[part] = -np.sqrt(nearest).sum(axis=1) / n
    return found


def clusters_of(vectors: NDArray[np.floating], *, n: int, random_state: int) -> NDArray[np.intp]:
    """Return a cluster number of each row."""
    if n >= len(vectors):
        return np.arange(len(vectors))
    means = KMeans(n, n_init=1, max_iter=ROUNDS, random_state=random_state)
    with catch_warnings():
        # Equal rows make fewer clusters, which is as it should be.
        simplefilter("ignore", ConvergenceWarning)
        cluster: NDArray[np.intp] = means.fit_predict(np.asarray(vectors, np.float32))
    return cluster.astype(np.intp)


def _some(n: int, *, random_state: int) -> NDArray[np.intp]:
    """Draw LOOKED_AT of n row numbers, or all; ascending."""
    if n <= LOOKED_AT:
        return np.arange(n)
    return np.sort(np.random.default_rng(random_state).choice(n, LOOKED_AT, replace=False))


def _nothing() -> Draw:
    return Draw(np.empty(0, np.intp), np.empty(0, np.float32))
