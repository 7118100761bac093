"""What a version says of texts. It is plain arrays: numpy is all that it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ml.known_words import with_memory
from ml.normalising import normalised
from ml.out_of_scope import quick

if TYPE_CHECKING:
    from ml.artifacts import Artifact
    from ml.classifiers import IntentClassifier
    from ml.entities import EntityTagger, Span
    from serving.gathering import Vectors

MOST = 5  # intents that an answer names
DECIMALS = 6  # from there on, it depends on how many texts are asked about at once


class Answer(NamedTuple):
    """What a version says of one text."""

    best_first: list[tuple[str, float]]  # intents and their probabilities, MOST at most
    outside: float  # the larger, the further from every intent
    out_of_scope: bool
    spans: Sequence[Span]  # of the text that was asked about

    @property
    def confidence(self) -> float:
        return self.best_first[0][1]

    @property
    def margin(self) -> float:
        """Best minus second-best probability, from 0 to 1."""
        second = self.best_first[1][1] if len(self.best_first) > 1 else 0.0
        return round(max(self.confidence - second, 0.0), DECIMALS)


@dataclass(frozen=True)
class Answerer:
    """A version that is ready to answer."""

    version_id: int
    number: int
    classes: tuple[str, ...]
    intents: IntentClassifier
    entities: EntityTagger | None
    encode: Callable[[Sequence[str]], Vectors]

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Answer to redacted texts, in their order.

        Vectors are of what texts have in common with other spellings, as those learned from are.
        """
        # As predict_proba and out_of_scope_score do, but words are read once for both.
        from ml.calibrating import probabilities

        vectors = self.encode([normalised(text) for text in texts])
        logits = self.intents.logits(texts, vectors)
        outside = self.intents.scope_.score(vectors, logits)
        declined = (outside > self.intents.out_of_scope_above).tolist()
        proba = probabilities(logits, self.intents.temperature_)
        best = np.argsort(-proba, axis=1, kind="stable")[:, :MOST]
        sure = proba[np.arange(len(proba))[:, None], best].astype(np.float64)
        sure = sure.round(DECIMALS).tolist()
        spans = self.entities.predict(texts) if self.entities else [()] * len(texts)
        return [
            Answer(
                [(self.classes[place], share) for place, share in zip(places, shares, strict=True)],
                round(far, DECIMALS),
                is_out,
                found,
            )
            for places, shares, far, is_out, found in zip(
                best.tolist(), sure, outside.tolist(), declined, spans, strict=True
            )
        ]


def made_ready(
    artifact: Artifact,
    *,
    version_id: int,
    number: int,
    encode: Callable[[Sequence[str]], Vectors],
) -> Answerer:
    """Keep of a version what answering needs, as answering needs it."""
    intents = artifact.intents
    scope = quick(intents.scope_)
    words = intents.words_ and with_memory(intents.words_)
    intents = replace(intents, apart_=None, words_=words, scope_=scope, pool_scope_=scope)
    classes = tuple(intents.classes_.tolist())
    return Answerer(version_id, number, classes, intents, artifact.entities, encode)
