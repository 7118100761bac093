"""Asks a model version about texts, some at a time, so that memory does not grow with them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from accounts.models import Bot
from ingest.vector_copy import VectorCopy, open_copy
from ml.artifacts import Artifact
from ml.calibrating import probabilities
from ml.classifiers import IntentClassifier
from ml.encoders import encoder_called
from ml.out_of_scope import quick
from ml.pairing import OUT_OF_SCOPE
from training import artifact_store
from training.collecting import VectorsMissing, makers_of
from training.models import ModelVersion
from training.naming import names_now

AT_ONCE = 2048
TIMED, ENCODED = 200, 20  # texts that are asked about one by one, to see what that takes


@dataclass(frozen=True)
class Answers:
    """What a version says of texts. Arrays are of shape (n_texts,).

    intents : what it answers, OUT_OF_SCOPE where it declines
    best : its likeliest intent all the same
    confidence : the probability of that, in [0, 1]
    outside : the larger, the further from every intent
    """

    intents: NDArray[np.str_]
    best: NDArray[np.str_]
    confidence: NDArray[np.float32]
    outside: NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """A version that can be asked, and what its vectors come from."""

    version: ModelVersion
    artifact: Artifact
    copy: VectorCopy
    classes: NDArray[np.str_]  # as they are called now, each once
    columns: NDArray[np.intp]  # where each class that was learned stands among them

    @property
    def intents(self) -> IntentClassifier:
        return self.artifact.intents

    def vectors(self, text_ids: Sequence[UUID], texts: Sequence[str]) -> NDArray[np.floating]:
        """Of each text: from the copy, else made here. Raise VectorsMissing."""
        distinct = list(dict.fromkeys(text_ids))
        place = {key: number for number, key in enumerate(distinct)}
        rows = self.copy.rows_of(distinct)[[place[key] for key in text_ids]]
        found = np.asarray(self.copy.vectors[np.maximum(rows, 0)], np.float32)
        lacking = np.flatnonzero(rows < 0)
        if len(lacking):
            reader = encoder_called(self.version.encoder)
            if reader is None:
                raise VectorsMissing(len(lacking), total=len(text_ids))
            found[lacking] = reader.encode([texts[row] for row in lacking.tolist()])
        return found

    def answers(self, texts: Sequence[str], text_ids: Sequence[UUID]) -> Answers:
        parts = [
            self._some(texts[at : at + AT_ONCE], text_ids[at : at + AT_ONCE])
            for at in range(0, max(len(texts), 1), AT_ONCE)
        ]
        return Answers(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _some(
        self, texts: Sequence[str], text_ids: Sequence[UUID]
    ) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.float32], NDArray[np.float32]]:
        if not len(texts):
            none, nothing = np.empty(0, np.str_), np.empty(0, np.float32)
            return none, none, nothing, nothing
        said = self._said(texts, self.vectors(text_ids, texts))
        return said.intents, said.best, said.confidence, said.outside

    def _said(self, texts: Sequence[str], vectors: NDArray[np.floating]) -> Answers:
        # As predict_proba and out_of_scope_score do, but texts are read once for both.
        logits = self.intents.logits(texts, vectors)
        outside = self.intents.scope_.score(vectors, logits)
        proba = self._folded(probabilities(logits, self.intents.temperature_))
        best = self.classes[proba.argmax(axis=1)]
        declined = outside > self.intents.out_of_scope_above
        return Answers(np.where(declined, OUT_OF_SCOPE, best), best, proba.max(axis=1), outside)

    def of_new(self, texts: Sequence[str]) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
        """Answers to texts that nobody said, and their probabilities. Raise VectorsMissing."""
        reader = encoder_called(self.version.encoder)
        if reader is None:
            raise VectorsMissing(len(texts), total=len(texts))
        vectors = reader.encode(texts)
        proba = self._folded(self.intents.predict_proba(texts, vectors))
        return self._said(texts, vectors).intents, proba

    def _folded(self, proba: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shape (n_texts, n_classes): intents that were merged since count as one."""
        if len(self.columns) == len(self.classes):
            return proba
        folded = np.zeros((len(proba), len(self.classes)), proba.dtype)
        np.add.at(folded.T, self.columns, proba.T)
        return folded

    def cost(self, texts: Sequence[str], text_ids: Sequence[UUID]) -> dict[str, float | None]:
        """CPU milliseconds that one answer takes, with a vector and without."""
        some = texts[:TIMED]
        if not some:
            return {"classify_ms": None, "encode_ms": None}
        vectors = self.vectors(text_ids[:TIMED], some)
        began = time.process_time()
        for row, text in enumerate(some):
            self._said([text], vectors[row : row + 1])
        classify = 1000 * (time.process_time() - began) / len(some)
        return {"classify_ms": classify, "encode_ms": _encoding(self.version.encoder, some)}


def _encoding(version: str, texts: Sequence[str]) -> float | None:
    reader = encoder_called(version)
    if reader is None:
        return None
    reader.encode(texts[:1])  # weights are read at first use
    began = time.process_time()
    for text in texts[:ENCODED]:
        reader.encode([text])
    return 1000 * (time.process_time() - began) / len(texts[:ENCODED])


def ready(bot: Bot, version: ModelVersion) -> Asked:
    """Read a version. Raise ArtifactRefused or VectorsMissing."""
    artifact = artifact_store.read(version)
    maker = next(iter(makers_of(bot, only=version.encoder)), None)
    if maker is None:
        raise VectorsMissing(0, total=0)
    names = names_now(version)
    called = [names.get(name, name) for name in artifact.intents.classes_.tolist()]
    classes = list(dict.fromkeys(called))
    columns = np.array([classes.index(name) for name in called], np.intp)
    # As what answers live is made ready (serving.answering), or `cost` would be of something else.
    intents = replace(artifact.intents, scope_=quick(artifact.intents.scope_))
    artifact = replace(artifact, intents=intents)
    return Asked(version, artifact, open_copy(bot, maker), np.array(classes, np.str_), columns)
