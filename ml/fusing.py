"""Two heads answer together: each says how likely every class is, and the logarithms are mixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.calibrating import log_loss, temperature_of
from ml.searching import CandidateScore, HeldOut, scored

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def fused(
    of_vectors: NDArray[np.float32], of_words: NDArray[np.float32], *, share: float, warmth: float
) -> NDArray[np.float32]:
    """Mix logits of shape (n_rows, n_classes) to such of the same shape.

    Parameters
    ----------
    share : float
        What words count, in [0, 1].
    warmth : float
        The temperature of `of_words` over that of `of_vectors`.
    """
    if share == 0:
        return of_vectors
    mixed: NDArray[np.float32] = np.float32(share / warmth) * of_words
    return mixed + np.float32(1 - share) * of_vectors


def share_of(
    of_vectors: NDArray[np.float32], of_words: NDArray[np.float32], codes: NDArray[np.intp]
) -> tuple[float, float]:
    """Find what words should count, from logits of rows that neither was fitted on.

    Returns
    -------
    share : float
        Of SHARES, the one with the least log loss at its best temperature.
    warmth : float
        The temperature of words over that of vectors.
    """
    warmth = temperature_of(of_words, codes) / temperature_of(of_vectors, codes)

    def loss(share: float) -> float:
        logits = fused(of_vectors, of_words, share=share, warmth=warmth)
        return log_loss(logits, codes, temperature_of(logits, codes))

    return min(SHARES, key=loss), warmth


@dataclass(frozen=True)
class Mixture:
    """How the heads answer together.

    name : "vectors", "words" or "both"
    share, warmth : as in `fused`
    temperature : of the mixed logits
    logits : ndarray of shape (n_held_out, n_classes), mixed
    scores : tuple of CandidateScore, of every candidate on the same rows
    """

    name: str
    share: float
    warmth: float
    temperature: float
    logits: NDArray[np.float32]
    scores: tuple[CandidateScore, ...]


def best_mixture(held: Mapping[str, HeldOut], candidates: Sequence[str]) -> Mixture:
    """Choose by log loss on held-out rows; of equally good ones, the first of `candidates`."""
    mixtures = [_mixture(name, held) for name in candidates]
    losses = [np.nan_to_num(mixture.scores[0].log_loss, nan=np.inf) for mixture in mixtures]
    best = int(np.argmin(losses))
    scores = [
        replace(mixture.scores[0], chosen=place == best) for place, mixture in enumerate(mixtures)
    ]
    return replace(mixtures[best], scores=tuple(scores))


def _mixture(name: str, held: Mapping[str, HeldOut]) -> Mixture:
    codes, of_vectors = held["vectors"].codes, held["vectors"].logits
    share, warmth, logits = 0.0, 1.0, of_vectors
    if name == "words":
        share, logits = 1.0, held["words"].logits
    elif name == "both" and len(codes):
        share, warmth = share_of(of_vectors, held["words"].logits, codes)
        logits = fused(of_vectors, held["words"].logits, share=share, warmth=warmth)
    label = f"{name}, words count {share:.0%}" if name == "both" else name
    score = scored(label, logits, codes)
    return Mixture(name, share, warmth, temperature_of(logits, codes), logits, (score,))
