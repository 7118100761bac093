"""Which of the pieces that somebody learned texts have, and what each weighs: numpy alone.

What answers asks this, so it costs a process nothing but numpy; `ml/pieces.py` is for learning.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.cutting import pieces


class Placed(NamedTuple):
    """Known pieces of texts, ascending by row and then by column. All of shape (n_found,).

    rows : ndarray, row number of the text
    columns : ndarray, place among the pieces that are known
    weights : ndarray, float32
        In each row the words have length 1, and so have the pieces of words.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    weights: NDArray[np.float32]


def placed(
    texts: Sequence[str],
    numbers: NDArray[np.uint64],
    rarity: NDArray[np.float32],
    of_words: NDArray[np.bool_],
) -> Placed:
    """Weigh the pieces of `texts` that `ml.pieces.weighed` named.

    Parameters
    ----------
    texts : sequence of str
    numbers, rarity, of_words : ndarray of shape (n_pieces,)
    """
    rows, found, _ = pieces(texts)
    column = np.searchsorted(numbers, found) if len(numbers) else np.zeros(len(found), np.int64)
    column[column == len(numbers)] = 0
    known = numbers[column] == found if len(numbers) else np.zeros(len(found), np.bool_)
    cells, count = np.unique(rows[known] * max(len(numbers), 1) + column[known], return_counts=True)
    rows, column = np.divmod(cells, max(len(numbers), 1))
    weights = count.astype(np.float32) * rarity[column]
    part = 2 * rows + of_words[column]
    squares = np.bincount(part, weights.astype(np.float64) ** 2, 2 * len(texts))
    weights /= np.sqrt(squares)[part].astype(np.float32)
    return Placed(rows, column, weights)
