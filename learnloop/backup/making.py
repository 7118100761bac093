"""Makes a backup of a running install."""

import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from learnloop.backup import contents
from learnloop.backup.contents import DATABASE, FORMAT, GIT, MANIFEST, STORES, NotDone

Say = Callable[[str], object]
BLOCK = 1 << 20


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


# Keys are kept apart from what they open.
KEYS = ("secret_key", "encryption_key")


def make(target: Path, *, say: Say = lambda line: None) -> dict[str, Any]:
    """Write the backup, whole or not at all, and return its manifest. Raise NotDone.

    Nothing has to be stopped: the database is dumped as it is at one moment, and files are never
    written over, so what is copied after it has at least what its rows name.
    """
    if target.exists():
        raise NotDone(f"{target} is there already. Choose another name; nothing was written.")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)  # it holds what users said
        with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as tar:
            manifest = _fill(tar, say, beside=target.parent)
        unfinished.rename(target)
    except OSError as error:
        raise NotDone(f"{target} could not be written: {error.strerror}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _fill(tar: tarfile.TarFile, say: Say, *, beside: Path) -> dict[str, Any]:
    digests: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        dump = Path(folder) / DATABASE
        with _one_moment() as snapshot:
            say("Dumping the database …")
            _dump(dump, snapshot)
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "made_at": timezone.now().isoformat(),
                "migrations": contents.migrations(),
                "rows": contents.rows_of_tables(),
                "audit": contents.end_of_the_audit_log(),
            }
        with dump.open("rb") as dumped:
            digests[DATABASE] = _add(tar, DATABASE, dumped, dump.stat().st_size)
    for store in STORES:
        say(f"Copying {store} …")
        for name, file in contents.stored(store):
            _add_spooled(tar, f"{store}/{name}", file, digests)
    say("Copying dataset versions …")
    for name, path in contents.git_files():
        with path.open("rb") as piece:
            _add_spooled(tar, f"{GIT}/{name}", piece, digests)
    manifest["digests"] = digests
    written = json.dumps(manifest, indent=1, sort_keys=True).encode()
    _add(tar, MANIFEST, io.BytesIO(written), len(written))
    return manifest


@contextmanager
def _one_moment() -> Iterator[str]:
    """Hold a snapshot that pg_dump and the counting both look at."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _dump(target: Path, snapshot: str) -> None:
    options, environment = contents.address()
    command = [contents.postgres_program("pg_dump"), *options, "--format=custom", "--no-owner"]
    command += ["--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
    run(command, environment, "The database could not be dumped.")


def run(command: list[str], environment: dict[str, str], failed: str) -> None:
    """Run a program of PostgreSQL. Raise NotDone with `failed` and its last word."""
    done = subprocess.run(  # noqa: S603  every word is ours, or a path that somebody typed
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["It left no message."]
        raise NotDone(f"{failed} {lines[-1]}")


def _add(tar: tarfile.TarFile, name: str, file: Readable, size: int) -> str:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    read = Digesting(file)
    tar.addfile(member, read)
    return read.digest.hexdigest()


def _add_spooled(tar: tarfile.TarFile, name: str, file: Readable, digests: dict[str, str]) -> None:
    """Add a file that may grow or be far away: a member's size is written before its content."""
    with tempfile.SpooledTemporaryFile(max_size=16 * BLOCK) as copy:
        while block := file.read(BLOCK):
            copy.write(block)
        size = copy.tell()
        copy.seek(0)
        digests[name] = _add(tar, name, copy, size)


class Digesting:
    """A file that makes its SHA-256 while it is read."""

    def __init__(self, file: Readable) -> None:
        self._file, self.digest = file, sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


def write_keys(target: Path) -> bool:
    """Copy the keys that this install made for itself; False if it was given all of them."""
    kept = {name: settings.DATA / name for name in KEYS if (settings.DATA / name).exists()}
    if not kept:
        return False
    target.touch(mode=0o600)
    target.write_text(json.dumps({name: path.read_text() for name, path in kept.items()}))
    return True
