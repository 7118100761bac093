"""Which vectors lie closest to others, found by looking at all of them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 4096  # rows of `among` that are turned into whole numbers of single precision at once


def nearest(
    vectors: ArrayLike, among: ArrayLike, *, n: int, block: int = BLOCK
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Find the n most alike rows for each of `vectors`.

    Exact, block by block: neither all similarities nor a copy of `among` are in memory at once,
    so `among` may be mapped from a file.

    Parameters
    ----------
    vectors : array-like of shape (n_vectors, n_dimensions)
        Of length 1, or zero.
    among : array-like of shape (n_rows, n_dimensions)
        Of length 1, or zero. Half precision is enough.
    n : int
        How many rows to find, at least 1. With fewer rows than that, all are found.
    block : int, default=4096
        Rows of `among` looked at together. It changes the time it takes and nothing else.

    Returns
    -------
    rows : ndarray of shape (n_vectors, min(n, n_rows))
        Row numbers of `among`, the most alike first; of two equally alike the first.
    cosine : ndarray of shape (n_vectors, min(n, n_rows))
        How alike these are, in [-1, 1].
    """
    asked = np.asarray(vectors, dtype=np.float32)
    rows: NDArray[np.intp] = np.empty((len(asked), 0), dtype=np.intp)
    cosine: NDArray[np.float32] = np.empty((len(asked), 0), dtype=np.float32)
    given = np.asarray(among)
    for start in range(0, len(given), block):
        part = given[start : start + block].astype(np.float32)
        numbers = np.broadcast_to(np.arange(start, start + len(part)), (len(asked), len(part)))
        rows = np.concatenate([rows, numbers], axis=1)
        cosine = np.concatenate([cosine, asked @ part.T], axis=1)
        best = _largest(cosine, n=min(n, cosine.shape[1]))
        rows = np.take_along_axis(rows, best, axis=1)
        cosine = np.take_along_axis(cosine, best, axis=1)
    return rows, cosine


def _largest(values: NDArray[np.float32], *, n: int) -> NDArray[np.intp]:
    """Return where the n largest of each row are, in order: n searches are quicker than sorting."""
    left = values.copy()
    found = np.empty((len(values), n), dtype=np.intp)
    for place in range(n):
        found[:, place] = left.argmax(axis=1)
        np.put_along_axis(left, found[:, place : place + 1], -np.inf, axis=1)
    return found
