"""Whether the artifact of a model version is what it was when it was written."""

from ml.artifacts import ArtifactRefused
from training import artifact_store
from training.collecting import VectorsMissing, collect
from training.fitting import first_rows, probe_of
from training.models import ModelVersion

SAME = "The file is the one that was written, and it gives the same answers."
ONLY_THE_FILE = (
    "The file is the one that was written. Its answers were not compared: texts that it was asked "
    "about were erased since."
)
OTHER_ANSWERS = (
    "The file is the one that was written, but it gives other answers than when it was made. The "
    "libraries here may be others: compare them below. Train again to be sure of what it says."
)


class Differs(Exception):
    """It was refused, or answers otherwise. `str()` of it is a sentence for people."""


def check(version: ModelVersion) -> str:
    """Read the artifact and repeat the probe. Raise Differs."""
    try:
        artifact = artifact_store.read(version)
    except ArtifactRefused as reason:
        raise Differs(str(reason)) from reason
    dataset = version.run.dataset
    if dataset is None or dataset.erased_count:
        return ONLY_THE_FILE
    try:
        material = collect(version.run, dataset)
    except VectorsMissing:
        return ONLY_THE_FILE
    if probe_of(artifact.intents, first_rows(material.inside)) != version.probe:
        raise Differs(OTHER_ANSWERS)
    return SAME
