"""What a version says of many texts at once, as the report needs it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.calibrating import probabilities
from ml.pairing import OUT_OF_SCOPE, Paired
from ml.pipelines import IntentClassifier

BLOCK = 4096  # texts at once: with 200 intents their logits take 3 MB


@dataclass(frozen=True)
class Said:
    """Answers to some texts. All arrays are of shape (n_texts,).

    intents : str
        The likeliest intent of each, also where it is flagged.
    confidence : float
        Its probability, in [0, 1].
    outside : float
        The out-of-scope score; the larger, the further outside.
    declined : bool
        Whether it is flagged as out of scope.
    """

    intents: NDArray[np.str_]
    confidence: NDArray[np.float64]
    outside: NDArray[np.float64]
    declined: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.intents)

    @property
    def answers(self) -> NDArray[np.str_]:
        """The intents, and OUT_OF_SCOPE where flagged."""
        return np.where(self.declined, OUT_OF_SCOPE, self.intents)


def said_by(
    classifier: IntentClassifier, texts: Sequence[str], vectors: NDArray[np.floating]
) -> Said:
    """Ask a classifier, block by block. `vectors` is of shape (n_texts, n_dimensions)."""
    if len(texts) != len(vectors):
        raise ValueError(f"{len(texts)} texts cannot have {len(vectors)} vectors.")
    blocks = [
        _block(classifier, texts[at : at + BLOCK], vectors[at : at + BLOCK])
        for at in range(0, max(len(texts), 1), BLOCK)
    ]
    best, confidence, outside = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return Said(
        intents=classifier.classes_[best],
        confidence=confidence.astype(np.float64),
        outside=outside.astype(np.float64),
        declined=outside > classifier.out_of_scope_above,
    )


def _block(
    classifier: IntentClassifier, texts: Sequence[str], vectors: NDArray[np.floating]
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    logits = classifier.logits(texts, vectors)
    proba = probabilities(logits, classifier.temperature_)
    return logits.argmax(axis=1), proba.max(axis=1), classifier.scope_.score(vectors, logits)


def paired_in_scope(
    truth: NDArray[np.str_],
    conversations: NDArray[np.int64] | NDArray[np.str_],
    *,
    live: Said,
    candidate: Said,
) -> Paired:
    """Pair what is compared first: the likeliest intents of the rows that have one.

    Whether a version flags too much or too little is asked apart (`paired_with_refusals`): the
    flag's threshold is a choice, and 5 % of what has an intent is flagged by design.
    """
    inside = np.asarray(truth) != OUT_OF_SCOPE
    return Paired(truth, live.intents, candidate.intents, conversations).at(inside)


def paired_with_refusals(
    truth: NDArray[np.str_],
    conversations: NDArray[np.int64] | NDArray[np.str_],
    *,
    live: Said,
    candidate: Said,
) -> Paired:
    """Pair all rows; what is flagged is answered with OUT_OF_SCOPE. For `compare_refusals`."""
    return Paired(truth, live.answers, candidate.answers, conversations)
