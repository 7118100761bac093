"""What became of the turns that people corrected since the version before."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Replay:
    """Corrected turns, answered again. They were learned from, so this is no accuracy.

    All are tuples of row numbers, ascending.
    fixed : only the candidate is right
    still_wrong : both are wrong
    newly_broken : only the version before is right
    kept : both are right
    """

    fixed: tuple[int, ...]
    still_wrong: tuple[int, ...]
    newly_broken: tuple[int, ...]
    kept: tuple[int, ...]

    @property
    def rows(self) -> int:
        return len(self.fixed) + len(self.still_wrong) + len(self.newly_broken) + len(self.kept)


def replay(truth: NDArray[np.str_], before: NDArray[np.str_], now: NDArray[np.str_]) -> Replay:
    """Sort corrected turns by who answers them right.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,) of str
        What people said.
    before, now : ndarray of shape (n_rows,) of str
        What the live version and the candidate answer.
    """
    was, is_now = np.asarray(before) == np.asarray(truth), np.asarray(now) == np.asarray(truth)

    def rows(chosen: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(np.flatnonzero(chosen).tolist())

    return Replay(
        fixed=rows(~was & is_now),
        still_wrong=rows(~was & ~is_now),
        newly_broken=rows(was & ~is_now),
        kept=rows(was & is_now),
    )
