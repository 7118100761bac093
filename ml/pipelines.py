"""From gold labels to a classifier of intents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ml.calibrating import probabilities, temperature_of
from ml.classifiers import IntentClassifier
from ml.evaluating import auroc, figures_of, found_at
from ml.examples import Examples, about, coded, numbered
from ml.fusing import Mixture, best_mixture
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
    laid_out,
    search,
    splits_of,
)

__all__ = ["CandidateScore", "Examples", "IntentClassifier", "fit_intents"]

CANDIDATES = ("vectors", "words", "both")
SEARCH_SHARE = 0.5  # of the budget; the rest is for fitting on everything
Progress = Callable[[int, int, str], None]


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
    examples = laid_out(examples)
    run = _Run(examples, random_state, _Told(on_progress, steps=2 * len(kinds)))
    known = warm if warm and warm.encoder_ == encoder_version else None
    many = len(examples) >= HOLD_ONE_FROM
    settings = run.settings(
        kinds,
        known=known.settings_ if known and many else {},
        in_time=lambda: elapsed() < budget * SEARCH_SHARE,
    )
    held, near, apart = _hold_out(run, settings, classes, known=known, many=many)
    mixture = best_mixture(held, candidates)
    scopes, inside = run.scopes(held["vectors"], mixture)
    heads = run.fit_on_all(settings, mixture, near=near)
    fitted = _put_together(
        run, classes, settings, held=held, mixture=mixture, heads=heads, apart=apart,
        scopes=scopes, encoder_version=encoder_version,
    )  # fmt: skip
    return _measured(fitted, inside, out_of_scope_rows)


def _hold_out(
    run: "_Run",
    settings: Mapping[str, Setting],
    classes: NDArray[np.str_],
    *,
    known: IntentClassifier | None,
    many: bool,
) -> tuple[dict[str, HeldOut], dict[str, Head | None], VectorHead | None]:
    """Answer what is held out, beginning with the weights of the live version.

    Return also where fitting on all rows begins, and of many rows the weights that never saw those
    held out.
    """
    # What a head was fitted on before cannot be held out from it any more.
    held, near = run.hold_out(
        settings, start=carried_over(known.apart_ if known and many else None, known, classes)
    )
    apart = cast(VectorHead | None, near["vectors"]) if many else None
    near["vectors"] = near["vectors"] or carried_over(
        known.vectors_ if known else None, known, classes
    )
    return held, near, apart


def _put_together(
    run: "_Run",
    classes: NDArray[np.str_],
    settings: Mapping[str, Setting],
    *,
    held: Mapping[str, HeldOut],
    mixture: Mixture,
    heads: tuple[VectorHead, WordHead | None],
    apart: VectorHead | None,
    scopes: tuple[Scope, Scope],
    encoder_version: str,
) -> IntentClassifier:
    of_vectors = held["vectors"]
    return IntentClassifier(
        classes_=classes,
        vectors_=heads[0],
        apart_=apart,
        words_=heads[1],
        share_=mixture.share,
        warmth_=mixture.warmth,
        temperature_=mixture.temperature,
        vector_temperature_=temperature_of(of_vectors.logits, of_vectors.codes),
        scope_=scopes[0],
        pool_scope_=scopes[1],
        candidate_=mixture.name,
        settings_={kind: setting.C for kind, setting in settings.items()},
        scores_=(*run.told.scores, *mixture.scores),
        held_out_=figures_of(of_vectors.codes, probabilities(mixture.logits, mixture.temperature)),
        outside_={},
        rows_=len(run.examples),
        seed_=run.random_state,
        encoder_=encoder_version,
    )


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

    def scopes(
        self, held: HeldOut, mixture: Mixture
    ) -> tuple[tuple[Scope, Scope], NDArray[np.float32]]:
        """Learn how near and how sure held-out rows are, by all logits and by those of vectors.

        Return also their scores by all logits.
        """
        scope, inside = self._scope(held.rows, mixture.logits)
        of_vectors, _ = self._scope(held.rows, held.logits)
        return (scope, replace(of_vectors, reference=scope.reference)), inside

    def _scope(
        self, rows: NDArray[np.intp], logits: NDArray[np.float32]
    ) -> tuple[Scope, NDArray[np.float32]]:
        largest = logits.max(axis=1) if len(logits) else np.empty(0, np.float32)
        return scope_of(largest, self.near[rows], self.examples.vectors[self.reference])
