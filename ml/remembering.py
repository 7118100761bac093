"""Whether the candidate still knows what the version before it knew."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ml.pairing import Paired
from ml.per_intent import IntentComparison


@dataclass(frozen=True)
class Memory:
    """Intents of the version before.

    intents : int
        How many it knew, those taken out of use left out.
    gone : tuple of str
        Those that the candidate cannot answer with, in order.
    regressed : tuple of str
        Those that it can, and regressed, in order.
    rows : int
        Test rows of these intents.
    live, candidate : float
        Accuracy on these rows, in [0, 1]; nan without any.
    """

    intents: int
    gone: tuple[str, ...]
    regressed: tuple[str, ...]
    rows: int
    live: float
    candidate: float


def compare_memory(
    paired: Paired,
    compared: Collection[IntentComparison],
    *,
    known_before: Collection[str],
    known_now: Collection[str],
    retired: Collection[str] = (),
) -> Memory:
    """Say what was forgotten.

    Parameters
    ----------
    paired : Paired
    compared : collection of IntentComparison
        What `compare_intents` found.
    known_before, known_now : collection of str
        Classes of the live version and of the candidate.
    retired : collection of str, default=()
        Intents that people took out of use since: they are meant to go.
    """
    before = set(known_before) - set(retired)
    rows = np.isin(np.asarray(paired.truth), sorted(before)) if before else np.zeros(0, bool)
    n = int(rows.sum())
    return Memory(
        intents=len(before),
        gone=tuple(sorted(before - set(known_now))),
        regressed=tuple(
            sorted(
                one.intent
                for one in compared
                if one.status == "regressed" and one.intent in before & set(known_now)
            )
        ),
        rows=n,
        live=float(paired.live_right[rows].mean()) if n else float("nan"),
        candidate=float(paired.candidate_right[rows].mean()) if n else float("nan"),
    )
