"""Makes an install of a backup: in an empty database and an empty data folder, or not at all."""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts import auditing
from learnloop.backup import contents
from learnloop.backup.contents import DATABASE, FORMAT, GIT, MANIFEST, STORES, NotDone
from learnloop.backup.making import BLOCK, KEYS, run

Say = Callable[[str], object]


def restore(source: Path, *, keys: Path | None = None, say: Say = lambda line: None) -> None:
    """Raise NotDone, and then nothing was changed, or the sentence says what was.

    Every byte is checked before the first is written; afterwards the rows of each table and the
    end of the audit log must be those of the manifest.
    """
    opened = _keys_in(keys) if keys else {}
    with _opened(source) as tar:
        manifest = _manifest_of(tar, source)
        _all_migrations_are_known(manifest["migrations"])
        _nothing_is_here()
        say("Checking the backup …")
        _check(tar, manifest["digests"], source)
        for name, text in opened.items():
            _write_key(name, text)
        say("Restoring the database …")
        _restore_database(tar)
        say("Restoring files …")
        _restore_files(tar, manifest["digests"])
    say("Comparing …")
    _compare(manifest)


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:")
    except (OSError, tarfile.TarError) as error:
        raise NotDone(f"{source} cannot be read as a backup. Nothing was changed.") from error


def _manifest_of(tar: tarfile.TarFile, source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(_member(tar, MANIFEST).read())
        if manifest["format"] != FORMAT:
            raise NotDone(f"{source} is of a format that this learnloop does not know.")
        _ = manifest["digests"][DATABASE], manifest["rows"], manifest["migrations"]
    except (KeyError, TypeError, ValueError, tarfile.TarError) as error:
        raise NotDone(
            f"{source} has no manifest: it is no backup, or was cut off. Nothing was changed."
        ) from error
    return dict(manifest)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def _all_migrations_are_known(named: list[str]) -> None:
    known = {f"{app}/{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(named) - known):
        raise NotDone(
            f"The backup is of a newer learnloop: this one does not know {unknown[0]}. Restore it "
            "with that version or a newer one. Nothing was changed."
        )


def _nothing_is_here() -> None:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    if tables:
        raise NotDone(
            "The database is not empty. Restore into another data folder (--data DIR) or an empty "
            "database (DATABASE_URL). Nothing was changed."
        )
    taken = [store for store in STORES if not contents.is_empty(store)]
    taken += [GIT] if settings.DATASETS.exists() and any(settings.DATASETS.iterdir()) else []
    if taken:
        raise NotDone(
            f"There are files where {' and '.join(taken)} would go. Restore into another data "
            "folder. Nothing was changed."
        )


def _check(tar: tarfile.TarFile, digests: Mapping[str, str], source: Path) -> None:
    names = {member.name for member in tar.getmembers()} - {MANIFEST}
    if names != set(digests) or not all(_is_ours(name) for name in names):
        raise NotDone(f"{source} does not hold what its manifest names. Nothing was changed.")
    for name, wanted in digests.items():
        digest = sha256()
        try:
            file = _member(tar, name)
            while block := file.read(BLOCK):
                digest.update(block)
        except (KeyError, tarfile.TarError) as error:
            raise NotDone(f"{source} was cut off at {name}. Nothing was changed.") from error
        if digest.hexdigest() != wanted:
            raise NotDone(f"{name} in {source} is damaged. Nothing was changed.")


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name == DATABASE or (parts[0] in {*STORES, GIT} and ".." not in parts)


def _restore_database(tar: tarfile.TarFile) -> None:
    options, environment = contents.address()
    program = contents.postgres_program("pg_restore")
    with tempfile.NamedTemporaryFile(dir=settings.DATA, suffix=".dump") as dump:
        shutil.copyfileobj(_member(tar, DATABASE), dump, BLOCK)
        dump.flush()
        command = [program, *options, "--no-owner", "--no-privileges", "--exit-on-error"]
        command += ["--single-transaction", dump.name]
        run(command, environment, "The database could not be restored, and is still empty.")


def _restore_files(tar: tarfile.TarFile, names: Mapping[str, str]) -> None:
    for name in names:
        folder, _, inside = name.partition("/")
        if folder in STORES:
            storages[STORES[folder]].save(inside, File(_member(tar, name), name=inside))
        elif folder == GIT:
            path = settings.DATASETS / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(_member(tar, name), file, BLOCK)
    if settings.DATASETS.exists():
        (settings.DATASETS / "refs" / "heads").mkdir(parents=True, exist_ok=True)
        (settings.DATASETS / "refs" / "tags").mkdir(parents=True, exist_ok=True)


def _compare(manifest: Mapping[str, Any]) -> None:
    rows = contents.rows_of_tables()
    wrong = sorted(table for table, number in manifest["rows"].items() if rows.get(table) != number)
    if wrong:
        raise NotDone(
            f"The database was restored, but {wrong[0]} has {rows.get(wrong[0], 0):,} rows where "
            f"the backup counted {manifest['rows'][wrong[0]]:,}. Do not go on with it."
        )
    try:
        auditing.verify()
    except auditing.Broken as broken:
        raise NotDone(f"The database was restored, but its audit log is broken: {broken}") from None
    if contents.end_of_the_audit_log() != manifest["audit"]:
        raise NotDone("The database was restored, but its audit log ends elsewhere.")


def _keys_in(file: Path) -> dict[str, str]:
    try:
        keys = json.loads(file.read_text())
        return {name: str(keys[name]) for name in KEYS if name in keys}
    except (OSError, ValueError, TypeError) as error:
        raise NotDone(f"{file} holds no keys of a backup. Nothing was changed.") from error


def _write_key(name: str, text: str) -> None:
    """Take the place of the key that this new install has made for itself."""
    path = settings.DATA / name
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
