"""Carries out a run: from the rows of a dataset to what a model version answers with."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from ml import artifacts
from ml.classifiers import IntentClassifier
from ml.entities import EntityTagger, fit_entities
from ml.evaluating import auroc, figures_of
from ml.examples import Examples
from ml.pipelines import fit_intents
from training.artifact_store import read
from training.collecting import Material
from training.diary import Diary
from training.models import DatasetVersion, ModelVersion, TrainingRun

PROBED = 200  # rows whose answers are part of a model version's record
FEWEST_SPANS = 10
MOST_TAGGED = 15_000  # rows that entities are learned from: two minutes

NO_AUDIT = (
    "No turn of the audit is labelled yet, so these figures come from held-out rows alone. Answer "
    "turns of the audit lane under Review."
)
TOO_LARGE = (
    "The model version would take {size:,} bytes, and {most:,} are the most that are read again. "
    "Archive intents that nobody needs, then train again."
)
NO_START = "It begins from nothing: {version} cannot be read. {why}"
FEW_SPANS = "{spans} marked entities are too few to learn to find them; it takes {fewest}."


class TooLarge(Exception):
    """What was learned does not fit into a file. `str()` of it is a sentence for people."""


@dataclass(frozen=True)
class Fitted:
    """What came of a run, before anything of it is stored."""

    content: bytes  # of the artifact
    sha256: str
    encoder: str
    libraries: Mapping[str, str]
    figures: dict[str, Any]
    candidates: list[dict[str, Any]]
    probe: str


def fit(run: TrainingRun, dataset: DatasetVersion, material: Material, diary: Diary) -> Fitted:
    """Search, fit, measure and write. What a diary raises ends it."""
    with diary.step("search and fit"):
        intents = _intents(run, material, diary)
    with diary.step("entities"):
        tagger = _entities(material, diary)
    with diary.step("measure"):
        figures = _figures(dataset, intents, material, diary)
    with diary.step("write"):
        content = artifacts.write(intents, tagger)
    if len(content) > artifacts.LARGEST:
        raise TooLarge(TOO_LARGE.format(size=len(content), most=artifacts.LARGEST))
    figures["entities"] = list(tagger.types) if tagger else []
    return Fitted(
        content,
        artifacts.digest(content),
        material.encoder,
        artifacts.versions_now(),
        _without_nan(figures),
        [_without_nan(asdict(score)) for score in intents.scores_],
        probe_of(intents, first_rows(material.inside)),
    )


def _intents(run: TrainingRun, material: Material, diary: Diary) -> IntentClassifier:
    began = time.monotonic()
    return fit_intents(
        material.inside,
        budget=run.budget,
        elapsed=lambda: time.monotonic() - began,
        random_state=run.seed,
        encoder_version=material.encoder,
        warm=_start_of(run.warm_start, material, diary),
        out_of_scope_rows=material.outside,
        on_progress=diary,
    )


def _start_of(
    version: ModelVersion | None, material: Material, diary: Diary
) -> IntentClassifier | None:
    """The weights that fitting begins with; none where vectors are of another encoder."""
    if version is None or version.encoder != material.encoder:
        return None
    try:
        return read(version).intents
    except artifacts.ArtifactRefused as why:
        diary.warn(NO_START.format(version=version, why=why))
        return None


def _entities(material: Material, diary: Diary) -> EntityTagger | None:
    marked = [row for row, spans in enumerate(material.spans) if spans]
    number = sum(len(material.spans[row]) for row in marked)
    if number < FEWEST_SPANS:
        if number:
            diary.write(FEW_SPANS.format(spans=number, fewest=FEWEST_SPANS))
        return None
    rows = _some_with_and_without(marked, len(material.spans))
    texts = [*material.inside.texts, *material.outside.texts]
    tagger = fit_entities([texts[row] for row in rows], [material.spans[row] for row in rows])
    diary.write(f"Learned to find entities from {number:,} marks in {len(marked):,} turns")
    return tagger


def _some_with_and_without(marked: list[int], total: int) -> list[int]:
    """Rows with marks, and at most as many without as there may be with; ascending."""
    has = np.zeros(total, np.bool_)
    has[marked] = True
    most = MOST_TAGGED // 2
    chosen = [
        rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
        for rows in (np.flatnonzero(has), np.flatnonzero(~has))
        if len(rows)
    ]
    rows: list[int] = np.sort(np.concatenate(chosen)).tolist()
    return rows


# ── figures ───────────────────────────────────────────────────────────────────────────


def _figures(
    dataset: DatasetVersion, intents: IntentClassifier, material: Material, diary: Diary
) -> dict[str, Any]:
    audit = audit_figures(intents, material.audit_inside, material.audit_outside)
    if not audit:
        diary.warn(NO_AUDIT)
    called = dataset.intents.exclude(intent=None).order_by("place")
    return {
        "held_out": intents.held_out_,
        "out_of_scope": intents.outside_,
        "audit": audit,
        "intents": list(called.values_list("name", "train_count", "audit_count")),
        "rows": {
            "train": len(material.inside),
            "out_of_scope": len(material.outside),
            "audit": len(material.audit_inside) + len(material.audit_outside),
        },
        "candidate": intents.candidate_,
    }


def audit_figures(
    intents: IntentClassifier, inside: Examples, outside: Examples
) -> dict[str, float]:
    """Measure on rows of the audit, each counting once; empty without any that have an intent."""
    if not len(inside):
        return {}
    place = {name: number for number, name in enumerate(intents.classes_.tolist())}
    codes = np.array([place.get(name, -1) for name in inside.intents.tolist()], np.intp)
    found = figures_of(codes, intents.predict_proba(inside.texts, inside.vectors))
    if len(outside):
        found["out_of_scope_rows"] = len(outside)
        found["auroc"] = auroc(
            intents.out_of_scope_score(inside.texts, inside.vectors),
            intents.out_of_scope_score(outside.texts, outside.vectors),
        )
    return found


def first_rows(examples: Examples) -> Examples:
    return examples.at(np.arange(min(len(examples), PROBED)))


def probe_of(intents: IntentClassifier, rows: Examples) -> str:
    """Return the SHA-256 of the best five answers to `rows`, bit for bit."""
    names, proba = intents.top_k(rows.texts, rows.vectors)
    said = json.dumps(names.tolist()).encode() + proba.astype("<f4").tobytes()
    return sha256(said).hexdigest()


def _without_nan(values: Any) -> Any:
    """What could not be measured is nothing, which JSON can say."""
    if isinstance(values, dict):
        return {name: _without_nan(value) for name, value in values.items()}
    return None if isinstance(values, float) and not math.isfinite(values) else values
