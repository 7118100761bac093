"""From gold labels to a classifier of intents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ml import cutting
from ml.calibrating import probabilities, temperature_of
from ml.evaluating import auroc, figures_of, found_at
from ml.examples import Examples, about, coded, numbered
from ml.fusing import Mixture, best_mixture, fused
from ml.heads import WORD_ROWS, Head, VectorHead, WordHead
from ml.out_of_scope import FALSE_ALARMS, REFERENCE, Scope, nearness, scope_of
from ml.searching import (
    HOLD_ONE_FROM,
    CandidateScore,
    HeldOut,
    Setting,
    Split,
    fit_head,
    folds_for,
    held_out,
    search,
    splits_of,
)

__all__ = ["CandidateScore", "Examples", "IntentClassifier", "fit_intents"]

CANDIDATES = ("vectors", "words", "both")
SEARCH_SHARE = 0.5  # of the budget; the rest is for fitting on everything
Progress = Callable[[int, int, str], None]


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


def fit_intents(
    examples: Examples,
    *,
    budget: float,
    elapsed: Callable[[], float],
    random_state: int,
    encoder_version: str,
    candidates: Sequence[str] = CANDIDATES,
    warm: IntentClassifier | None = None,
    out_of_scope_rows: Examples | None = None,
    on_progress: Progress = lambda done, total, message: None,
) -> IntentClassifier:
    """Search, fit, calibrate.

    The same arguments give the same classifier, bit for bit, on the same processor with as many
    threads, unless time runs out. All rows are always fitted on: nothing is forgotten.

    Parameters
    ----------
    examples : Examples
        At least two intents, else TooLittle is raised.
    budget : float
        Seconds. The search ends when half of them are gone; fitting what it found may take longer.
    elapsed : callable
        Says how many seconds have passed since the beginning.
    random_state : int
    encoder_version : str
        That of the examples' vectors.
    candidates : sequence of str
        Of "vectors" (logistic regression), "words" (support vector machine), "both" (their mix).
    warm : IntentClassifier, default=None
        The live version. Its weights are where fitting begins; with 10,000 rows and more its
        settings are taken over too. Ignored if its vectors are of another encoder.
    out_of_scope_rows : Examples, default=None
        Texts known to have no intent; theirs are not looked at. They measure, they don't teach.
    on_progress : callable
        Told how many steps are done, of how many, and what came of it. What it raises ends this.
    """
    kinds = _kinds_of(candidates)
    classes, examples = numbered(examples)
    run = _Run(examples, random_state, _Told(on_progress, steps=2 * len(kinds)))
    known = warm if warm and warm.encoder_ == encoder_version else None
    many = len(examples) >= HOLD_ONE_FROM
    settings = run.settings(
        kinds,
        known=known.settings_ if known and many else {},
        in_time=lambda: elapsed() < budget * SEARCH_SHARE,
    )
    # What a head was fitted on before cannot be held out from it any more.
    held, near = run.hold_out(
        settings, start=carried_over(known.apart_ if known and many else None, known, classes)
    )
    apart = cast(VectorHead | None, near["vectors"]) if many else None
    near["vectors"] = near["vectors"] or carried_over(
        known.vectors_ if known else None, known, classes
    )
    mixture = best_mixture(held, candidates)
    scope, inside = run.scope(held["vectors"].rows, mixture.logits)
    pool_scope, _ = run.scope(held["vectors"].rows, held["vectors"].logits)
    vectors, words = run.fit_on_all(settings, mixture, near=near)
    fitted = IntentClassifier(
        classes_=classes,
        vectors_=vectors,
        apart_=apart,
        words_=words,
        share_=mixture.share,
        warmth_=mixture.warmth,
        temperature_=mixture.temperature,
        vector_temperature_=temperature_of(held["vectors"].logits, held["vectors"].codes),
        scope_=scope,
        pool_scope_=replace(pool_scope, reference=scope.reference),
        candidate_=mixture.name,
        settings_={kind: setting.C for kind, setting in settings.items()},
        scores_=(*run.told.scores, *mixture.scores),
        held_out_=figures_of(
            held["vectors"].codes,
            probabilities(mixture.logits, mixture.temperature),
        ),
        outside_={},
        rows_=len(examples),
        seed_=random_state,
        encoder_=encoder_version,
    )
    return _measured(fitted, inside, out_of_scope_rows)


def _kinds_of(candidates: Sequence[str]) -> list[str]:
    if not candidates or set(candidates) - set(CANDIDATES):
        raise ValueError(f"Candidates are some of {', '.join(CANDIDATES)}.")
    return ["vectors", "words"] if {"words", "both"} & set(candidates) else ["vectors"]


def carried_over(
    head: VectorHead | None, of: IntentClassifier | None, classes: NDArray[np.str_]
) -> VectorHead | None:
    """Carry weights over by the names of classes. New classes begin at zero."""
    if head is None or of is None:
        return None
    coef = np.zeros((len(head.coef), len(classes)), np.float32)
    intercept = np.zeros(len(classes), np.float32)
    _, new, old = np.intersect1d(classes, of.classes_, return_indices=True)
    coef[:, new] = head.coef[:, old]
    intercept[new] = head.intercept[old]
    return VectorHead(coef, intercept)


def _measured(
    fitted: IntentClassifier, inside: NDArray[np.float32], rows: Examples | None
) -> IntentClassifier:
    """Add how well rows known to be out of scope are told from held-out ones in scope."""
    if rows is None or not len(rows) or not len(inside):
        return fitted
    outside = fitted.out_of_scope_score(rows.texts, rows.vectors)
    figures = {
        "rows": len(rows),
        "auroc": auroc(inside, outside),
        "found": found_at(inside, outside, false_alarms=FALSE_ALARMS),
    }
    return replace(fitted, outside_=figures)


class _Told:
    """Counts steps, and keeps what was tried."""

    def __init__(self, on_progress: Progress, *, steps: int) -> None:
        self.on_progress, self.done, self.total = on_progress, 0, steps
        self.scores: list[CandidateScore] = []

    def __call__(self, message: str) -> None:
        self.done += 1
        self.on_progress(self.done, max(self.done, self.total), message)

    def score(self, score: CandidateScore) -> None:
        self.scores.append(score)
        self.total += 1
        self(f"Tried {score.name}: {score.accuracy:.1%} of {score.rows} turns right")


@dataclass(frozen=True)
class _Run:
    """The steps of `fit_intents`."""

    examples: Examples
    random_state: int
    told: _Told

    @cached_property
    def splits(self) -> list[Split]:
        return splits_of(
            self.examples, folds=folds_for(len(self.examples)), random_state=self.random_state
        )

    def settings(
        self, kinds: list[str], *, known: Mapping[str, float], in_time: Callable[[], bool]
    ) -> dict[str, Setting]:
        """Search for what is not known yet."""
        found = search(
            self.examples,
            [kind for kind in kinds if kind not in known],
            in_time=in_time,
            random_state=self.random_state,
            tried=self.told.score,
        )
        return {
            kind: found[kind] if kind in found else Setting(kind, known[kind]) for kind in kinds
        }

    def hold_out(
        self, settings: Mapping[str, Setting], *, start: VectorHead | None
    ) -> tuple[dict[str, HeldOut], dict[str, Head | None]]:
        """Answer what is held out. Return also heads that nearly all rows were fitted on."""
        held: dict[str, HeldOut] = {}
        near: dict[str, Head | None] = {"vectors": start, "words": None}
        for kind, setting in settings.items():
            held[kind], head = held_out(
                self.examples,
                setting,
                self.splits,
                random_state=self.random_state,
                start=start if kind == "vectors" else None,
            )
            near[kind] = head or near[kind]
            self.told(f"Answered {len(held[kind].rows)} turns held out from {setting}")
        return held, near

    def fit_on_all(
        self, settings: Mapping[str, Setting], mixture: Mixture, *, near: Mapping[str, Head | None]
    ) -> tuple[VectorHead, WordHead | None]:
        """Fit what the mixture needs, and vectors in any case."""
        vectors = fit_head(
            self.examples,
            settings["vectors"],
            random_state=self.random_state,
            start=cast(VectorHead | None, near["vectors"]),
        )
        self.told(f"Fitted {settings['vectors']} on all {len(self.examples)} turns")
        words = None
        if mixture.share:
            # Of many rows words are fitted on some, and those were held out from others already.
            words = near["words"] if len(self.examples) >= 2 * WORD_ROWS else None
            words = words or fit_head(
                self.examples, settings["words"], random_state=self.random_state
            )
            self.told(f"Fitted {settings['words']}")
        return cast(VectorHead, vectors), cast(WordHead | None, words)

    @cached_property
    def reference(self) -> NDArray[np.intp]:
        """Rows that stay with the model version."""
        _, codes = coded(self.examples.intents)
        return about(codes, self.examples.groups, rows=REFERENCE, random_state=self.random_state)

    @cached_property
    def near(self) -> NDArray[np.float32]:
        """How near each held-out row is to those of the reference that it was held out from."""
        vectors = self.examples.vectors
        near = np.zeros(len(self.examples), np.float32)
        for fit, ask in self.splits:
            near[ask] = nearness(vectors[ask], vectors[np.intersect1d(fit, self.reference)])
        return near

    def scope(
        self, rows: NDArray[np.intp], logits: NDArray[np.float32]
    ) -> tuple[Scope, NDArray[np.float32]]:
        """Learn how near and how sure held-out rows are; return their scores too."""
        largest = logits.max(axis=1) if len(logits) else np.empty(0, np.float32)
        return scope_of(largest, self.near[rows], self.examples.vectors[self.reference])
