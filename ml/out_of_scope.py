"""How sure one can be that a text belongs to none of the intents."""

from dataclasses import dataclass, fields, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5
REFERENCE = 10_000  # rows that stay with a model version to compare with
FALSE_ALARMS = 0.05  # share of what is in scope that may be flagged
NEVER = 1e9  # a threshold for when nothing could be held out
BLOCK = 1024  # rows compared at once
STRETCHES = 100  # of a row, of which only the best are looked into
NARROW = 15  # columns of a stretch: down to these, ordering all is as quick
# Of 2,000 to 10,000 texts of BANKING77 and CLINC150 a median of 12 to 24 have to be looked at by
# all dimensions after these.
AXES = 128
# Rows that are looked at so at first. For 11 of 12 texts and more no other can be nearer.
LIKELY = 48
ROUNDING = 1e-5  # of single precision
FEW = 4  # texts; more are compared with all rows at once sooner
WORTH_IT = 500  # rows


@dataclass(frozen=True)
class Scope:
    """What is known of the inside.

    reference : ndarray of shape (n_reference, n_dimensions)
        Vectors of texts that have an intent; stored as float16.
    centre, spread : float, float
        Mean and standard deviation of the largest logit of texts in scope that were not fitted on.
    near_centre, near_spread : float, float
        The same of the cosine to the nearest of `reference`.
    threshold : float
        The score that a share of 5 % of the texts in scope exceed.
    """

    reference: NDArray[np.floating]
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
        near = (self._nearness(vectors) - self.near_centre) / self.near_spread
        return np.asarray(-(sure + near) / 2, np.float32)

    def _nearness(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        return nearness(vectors, self.reference)


@dataclass(frozen=True)
class QuickScope(Scope):
    """The same, for who asks about few texts at a time: reads a quarter of what is compared with.

    Of one text, reading the reference takes longer than multiplying, and what it pushes out of the
    processor's cache is what the encoder needs again for the next.

    reference : ndarray of shape (n_reference, n_dimensions), float32
    axes : ndarray of shape (n_dimensions, AXES), float32
        The directions in which the reference is widest, at right angles.
    along : ndarray of shape (n_reference, AXES), float32
        Where each of the reference is on them.
    aside : ndarray of shape (n_reference,), float32
        How far each is from them: the length of the rest.
    """

    axes: NDArray[np.float32]
    along: NDArray[np.float32]
    aside: NDArray[np.float32]

    def _nearness(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        if len(vectors) > FEW:
            return nearness(vectors, self.reference)
        return np.fromiter(map(self._nearness_of_one, vectors), np.float32, len(vectors))

    def _nearness_of_one(self, vector: NDArray[np.floating]) -> np.float32:
        on_axes = vector @ self.axes
        rest = sqrt(max(float(vector @ vector) - float(on_axes @ on_axes), 0.0))
        # By Cauchy and Schwarz the dimensions left out add no more than the product of lengths.
        most = self.along @ on_axes
        most += rest * self.aside
        order = most.argpartition(-LIKELY - 1)
        near = self.reference[order[-LIKELY:]] @ vector
        near.partition(-NEIGHBOURS)
        enough = near[-NEIGHBOURS] - ROUNDING
        if most[order[-LIKELY - 1]] > enough:  # one of the others could be nearer
            near = self.reference[most > enough] @ vector
            near.partition(-NEIGHBOURS)
        return np.float32(np.add.reduce(near[-NEIGHBOURS:]) / NEIGHBOURS)


def quick(scope: Scope) -> Scope:
    """Make ready for single texts. It takes milliseconds, and answers stay the same."""
    reference = np.ascontiguousarray(scope.reference, np.float32)
    if len(reference) < WORTH_IT or reference.shape[1] <= AXES:
        return replace(scope, reference=reference)
    _, directions = np.linalg.eigh(reference.T @ reference)  # the widest last
    axes = np.ascontiguousarray(directions[:, -AXES:])
    along = reference @ axes
    squares = np.einsum("ij,ij->i", reference, reference)
    aside = np.sqrt(np.maximum(squares - np.einsum("ij,ij->i", along, along), 0))
    kept = {field.name: getattr(scope, field.name) for field in fields(Scope)}
    return QuickScope(**kept | {"reference": reference}, axes=axes, along=along, aside=aside)


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
    near = np.zeros(len(vectors), np.float32)
    among = np.asarray(reference, np.float32).T
    for at in range(0, len(vectors) if len(reference) else 0, BLOCK):
        cosine = np.asarray(vectors[at : at + BLOCK], np.float32) @ among
        near[at : at + BLOCK] = _largest(cosine).mean(axis=1)
    return near


def _largest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the five largest of each row, or all of fewer, ascending or not.

    They are in the five stretches whose own largest are largest: of 10,000 columns, the rest need
    not be ordered, and that took six times as long.
    """
    n_rows, width = len(values), values.shape[1] // STRETCHES
    if width > NARROW:
        whole, rest = np.split(values, [STRETCHES * width], axis=1)
        stretches = whole.reshape(n_rows, STRETCHES, width)
        best = stretches.max(axis=2).argpartition(-NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
        inside = stretches[np.arange(n_rows)[:, None], best].reshape(n_rows, -1)
        values = np.concatenate([inside, rest], axis=1)
    n = min(NEIGHBOURS, values.shape[1])
    return np.partition(values, -n, axis=1)[:, -n:]
