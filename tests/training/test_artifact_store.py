"""training/artifact_store.py"""

from datetime import timedelta

import pytest
from django.utils import timezone

from ml.artifacts import ArtifactRefused
from tests.training.learning import run_of
from training import artifact_store
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def file_of(version, folder):
    return folder / version.artifact


def test_what_is_stored_is_whole_and_read_again(bot, artifacts_folder):
    name = artifact_store.put(bot, b"all of it")

    assert (artifacts_folder / name).read_bytes() == b"all of it"
    assert [path.name for path in artifacts_folder.rglob("*") if path.is_file()] == [
        name.split("/")[1]
    ]


def test_what_breaks_while_it_is_written_is_not_there(bot, artifacts_folder, monkeypatch):
    def full_disk(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr("training.artifact_store.os.fsync", full_disk)

    with pytest.raises(OSError, match="No space"):
        artifact_store.put(bot, b"half of it")

    assert [path for path in artifacts_folder.rglob("*") if path.is_file()] == []


def test_the_sweep_deletes_old_files_that_nothing_names(trainable, artifacts_folder):
    version = run_of(trainable).version
    artifact_store.put(trainable, b"of a run that was killed")
    unfinished = artifacts_folder / str(trainable.pk) / ".half"
    unfinished.write_bytes(b"ha")

    assert artifact_store.sweep() == 0
    assert artifact_store.sweep(at=timezone.now() + timedelta(hours=2)) == 2

    left = [path for path in artifacts_folder.rglob("*") if path.is_file()]
    assert left == [file_of(version, artifacts_folder)]


def test_nothing_to_sweep_is_fine(db):
    assert artifact_store.sweep() == 0


def test_what_is_not_what_was_written_is_refused_in_a_sentence(trainable, artifacts_folder):
    version = run_of(trainable).version
    whole = file_of(version, artifacts_folder).read_bytes()

    def refused(content):
        file_of(version, artifacts_folder).write_bytes(content)
        with pytest.raises(ArtifactRefused) as reason:
            artifact_store.read(version)
        return str(reason.value)

    flipped = bytes([whole[0] ^ 1]) + whole[1:]
    for content in (flipped, whole[:-1], whole + b"x", b"", b"\x80\x04."):
        assert "SHA-256 differs" in refused(content)
    file_of(version, artifacts_folder).unlink()
    with pytest.raises(ArtifactRefused, match="is missing in the store"):
        artifact_store.read(version)


def test_a_version_that_wants_vectors_of_another_encoder_is_refused(trainable):
    version = run_of(trainable).version
    ModelVersion.objects.filter(pk=version.pk).update(encoder="other-1")
    version.refresh_from_db()

    with pytest.raises(ArtifactRefused, match=r"Train again with the bot's encoder"):
        artifact_store.read(version)
