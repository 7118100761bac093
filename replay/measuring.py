"""How many of the file's own test turns a model version answers rightly.

They are asked of the artifact, outside the install: nothing of them is stored, and so nothing of
them can ever be learned or picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.encoders import encoder_called
from replay.reading import OUT_OF_SCOPE, Said
from training import artifact_store
from training.models import ModelVersion


class NoEncoder(Exception):
    """The encoder of a version is not installed here."""


@dataclass(frozen=True)
class Found:
    """Shares of the test turns, from 0 to 1; None where there are no such turns.

    accuracy : of what has an intent, how often the likeliest one was right
    flagged : of what has none, how much was told apart
    declined : of what has an intent, how much was told apart by mistake
    """

    accuracy: float
    flagged: float | None
    declined: float

    def as_json(self) -> dict[str, float | None]:
        return {
            "accuracy": round(self.accuracy, 5),
            "flagged": None if self.flagged is None else round(self.flagged, 5),
            "declined": round(self.declined, 5),
        }


class Examination:
    """The test turns, with vectors that are made once."""

    def __init__(self, tests: Sequence[Said]) -> None:
        self._texts = [said.text for said in tests]
        self._meant = np.array([said.intent for said in tests], np.str_)
        self._vectors: dict[str, NDArray[np.floating]] = {}

    def ask(self, version: ModelVersion) -> Found:
        """Raise NoEncoder, or ml.artifacts.ArtifactRefused."""
        vectors = self._vectors_of(version.encoder)
        classifier = artifact_store.read(version).intents
        likeliest = classifier.predict(self._texts, vectors)
        score = classifier.out_of_scope_score(self._texts, vectors)
        declined = score > classifier.out_of_scope_above
        inside = self._meant != OUT_OF_SCOPE
        right = likeliest == self._meant
        return Found(
            accuracy=_share(right[inside]) or 0.0,
            flagged=_share(declined[~inside]),
            declined=_share(declined[inside]) or 0.0,
        )

    def _vectors_of(self, version: str) -> NDArray[np.floating]:
        if version not in self._vectors:
            reader = encoder_called(version)
            if reader is None:
                raise NoEncoder(version)
            self._vectors[version] = reader.encode(self._texts)
        return self._vectors[version]


def _share(of: NDArray[np.bool_]) -> float | None:
    return float(of.mean()) if len(of) else None
