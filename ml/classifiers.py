"""What a model version answers with: heads, how they are mixed, and how sure they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml import cutting
from ml.calibrating import probabilities
from ml.fusing import fused
from ml.heads import Head, VectorHead, WordHead
from ml.out_of_scope import Scope
from ml.searching import CandidateScore


@dataclass(frozen=True)
class IntentClassifier:
    """Says which intent a text has, how sure that is, and whether it is any of them at all.

    classes_ : ndarray of shape (n_classes,) of str, in order
    vectors_ : VectorHead
        Always there: the pool is scored by it alone, since reading words takes minutes.
    apart_ : VectorHead or None
        The same, but never fitted on conversations that are held out for ever; of many rows alone.
        It is where the next version's begins, so that no figure is of rows seen before.
    words_ : WordHead or None
        None when vectors alone were better.
    share_ : float
        What words count, in [0, 1]. 0: vectors alone. 1: words alone.
    warmth_ : float
        Temperature of words over that of vectors.
    temperature_, vector_temperature_ : float
        Of all logits, and of those of vectors alone.
    scope_, pool_scope_ : Scope
        By all logits, and by those of vectors alone. Both have the same reference.
    candidate_ : str
        Of "vectors", "words", "both".
    settings_ : dict
        The C of each kind.
    scores_ : tuple of CandidateScore
        Everything that was tried, in order; the last ones on the same rows.
    held_out_ : dict
        How good answers are to rows that were not fitted on: `rows`, `accuracy`, `macro_f1`,
        `calibration_error`, and `coverage`, the share of which 95 % are right. Empty without any.
        The one temperature was found on the same rows.
    outside_ : dict
        With rows known to be out of scope: how many, `auroc`, and the share `found` at 5 % false
        alarms.
    rows_ : int
        How many examples it was fitted on.
    seed_ : int
    encoder_ : str
        The version of the encoder that all vectors must be of.
    """

    classes_: NDArray[np.str_]
    vectors_: VectorHead
    apart_: VectorHead | None
    words_: WordHead | None
    share_: float
    warmth_: float
    temperature_: float
    vector_temperature_: float
    scope_: Scope
    pool_scope_: Scope
    candidate_: str
    settings_: dict[str, float]
    scores_: tuple[CandidateScore, ...]
    held_out_: dict[str, float]
    outside_: dict[str, float]
    rows_: int
    seed_: int
    encoder_: str
    pieces_: str = cutting.VERSION

    def logits(self, texts: Sequence[str], vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return an array of shape (n_texts, n_classes)."""
        if self.words_ is None:
            return self.vectors_.logits(vectors)
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts cannot have {len(vectors)} vectors.")
        of_words = self.words_.logits(texts)
        of_vectors = self.vectors_.logits(vectors)
        return fused(of_vectors, of_words, share=self.share_, warmth=self.warmth_)

    def predict_proba(
        self, texts: Sequence[str], vectors: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return an array of shape (n_texts, n_classes) whose rows sum to 1, classes in order."""
        return probabilities(self.logits(texts, vectors), self.temperature_)

    def predict(self, texts: Sequence[str], vectors: NDArray[np.floating]) -> NDArray[np.str_]:
        """Return an array of shape (n_texts,): the likeliest intent of each."""
        best: NDArray[np.str_] = self.classes_[self.logits(texts, vectors).argmax(axis=1)]
        return best

    def top_k(
        self, texts: Sequence[str], vectors: NDArray[np.floating], *, k: int = 5
    ) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        """Return the k likeliest intents of each text.

        Returns
        -------
        intents : ndarray of shape (n_texts, min(k, n_classes))
            The likeliest first; of two equally likely the first by name.
        probability : ndarray of the same shape
            Of each, rounded to six places: from there on it depends on how many texts are asked
            about at once. The same texts give the same bits.
        """
        proba = self.predict_proba(texts, vectors)
        best = np.argsort(-proba, axis=1, kind="stable")[:, :k]
        return self.classes_[best], np.take_along_axis(proba, best, axis=1).round(6)

    def out_of_scope_score(
        self, texts: Sequence[str], vectors: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return an array of shape (n_texts,): the larger, the further from every intent.

        In standard deviations of what has an intent. What exceeds `out_of_scope_above` is flagged;
        5 % of what has an intent does too.
        """
        return self.scope_.score(vectors, self.logits(texts, vectors))

    @property
    def out_of_scope_above(self) -> float:
        return self.scope_.threshold

    def parts(self) -> dict[str, Any]:
        """Return all of it as arrays, numbers, strings, and dicts and lists of them."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "classes_": self.classes_.tolist(),
            "vectors_": vars(self.vectors_),
            "apart_": None if self.apart_ is None else vars(self.apart_),
            "words_": None if self.words_ is None else vars(self.words_),
            "scope_": vars(self.scope_),
            "pool_scope_": {**vars(self.pool_scope_), "reference": None},  # is in the other
            "scores_": [vars(score) for score in self.scores_],
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> "IntentClassifier":
        """Put together what `parts` took apart. ValueError if the parts don't fit each other."""
        words, apart = parts["words_"], parts["apart_"]
        made = cls(
            **{name: parts[name] for name in PLAIN},
            classes_=np.asarray(parts["classes_"], np.str_),
            vectors_=VectorHead(**parts["vectors_"]),
            apart_=None if apart is None else VectorHead(**apart),
            words_=None if words is None else WordHead(**words),
            scope_=Scope(**parts["scope_"]),
            pool_scope_=Scope(
                **{**parts["pool_scope_"], "reference": parts["scope_"]["reference"]}
            ),
            scores_=tuple(CandidateScore(**score) for score in parts["scores_"]),
        )
        if not made.fits_together:
            raise ValueError("Shapes of the parts differ.")
        return made

    @property
    def fits_together(self) -> bool:
        """Say whether every array has the rows and columns that the others need."""
        n_classes, n_dimensions = len(self.classes_), len(self.vectors_.coef)
        heads: list[Head] = [self.vectors_]
        heads += [self.apart_] if self.apart_ else []
        heads += [self.words_] if self.words_ else []
        as_many = {len(self.words_.numbers)} if self.words_ else {0}
        if self.words_:
            as_many |= {len(self.words_.rarity), len(self.words_.of_words), len(self.words_.coef)}
        return (
            all(head.coef.shape[1:] == head.intercept.shape == (n_classes,) for head in heads)
            and self.scope_.reference.shape[1:] == (n_dimensions,)
            and len(as_many) == 1
        )


PLAIN = {field.name for field in fields(IntentClassifier)} - {
    *("classes_", "vectors_", "apart_", "words_", "scope_", "pool_scope_", "scores_")
}
