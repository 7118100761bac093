"""Where the files of model versions are: whole, or not there at all.

A file is written first, under a name that nothing else ever has, and its row afterwards. A run
that is killed in between leaves a file that no row names; `sweep` deletes such files.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from uuid import uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils import timezone

from accounts.models import Bot
from training.models import ModelVersion

if TYPE_CHECKING:
    from ml.artifacts import Artifact

SUFFIX = ".skops"
# A run that stood still for so long has lost its lease, and can write no row any more.
ORPHANED = timedelta(hours=1)

MISSING = (
    "The artifact of this model version is not there: {name} is missing in the store. Restore it "
    "from a backup, or train again."
)


class WholeFiles(FileSystemStorage):
    """A folder in which a file appears with all that is in it, and on disk."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # only when checked
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as unfinished:
            try:
                for chunk in content.chunks():
                    unfinished.write(chunk)
                unfinished.flush()
                os.fsync(unfinished.fileno())
                os.link(unfinished.name, target)  # never in the place of another
            finally:
                os.unlink(unfinished.name)
        _to_disk(target.parent)
        return name


def _to_disk(folder: Path) -> None:
    """The name of a new file is lost with the machine's power until its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store() -> Storage:
    return storages["artifacts"]


def put(bot: Bot, content: bytes) -> str:
    """Store a file for good; its name."""
    return store().save(f"{bot.pk}/{uuid4().hex}{SUFFIX}", ContentFile(content))


def delete(name: str) -> None:
    store().delete(name)


def read(version: ModelVersion) -> "Artifact":
    """Read the artifact of `version`. Raise ArtifactRefused with a sentence for people."""
    # Imported here: it brings all that learns, which takes a second and the web has no use for.
    from ml import artifacts

    try:
        with store().open(version.artifact) as file:
            return artifacts.read(
                cast(BinaryIO, file), sha256=version.sha256, encoder_version=version.encoder
            )
    except FileNotFoundError:
        raise artifacts.ArtifactRefused(MISSING.format(name=version.artifact)) from None


def digest_of(version: ModelVersion) -> str:
    """SHA-256 of the file as it is now; empty if it is not there."""
    try:
        with store().open(version.artifact) as file:
            return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def sweep(*, at: datetime | None = None) -> int:
    """Delete files that no model version has; how many that were."""
    before = (at or timezone.now()) - ORPHANED
    swept = 0
    for name in _files():
        # Whoever else sweeps may be faster.
        with suppress(FileNotFoundError):
            old = store().get_modified_time(name) < before
            if old and not ModelVersion.objects.filter(artifact=name).exists():
                store().delete(name)
                swept += 1
    return swept


def _files() -> Iterator[str]:
    with suppress(FileNotFoundError):
        folders, _ = store().listdir("")
        for folder in folders:
            for name in store().listdir(folder)[1]:
                yield f"{folder}/{name}"
