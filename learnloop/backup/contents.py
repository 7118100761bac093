"""What a backup has to hold: the tables, the end of the audit log, the files."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts import auditing
from learnloop.embedded import Refused, postgres_binaries

FORMAT = 1
DATABASE, MANIFEST, GIT = "database.dump", "manifest.json", "datasets.git"
# By the folder that each has in a backup; where the install keeps them is the storage's affair.
STORES = {"files": "default", "artifacts": "artifacts"}


class NotDone(Exception):
    """A backup or restore that did not happen. The text says why, and what to do."""


def rows_of_tables() -> dict[str, int]:
    """Count the rows of each table, as the transaction sees them."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        counts = {}
        for table in tables:
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608  a name of the database
            counts[table] = cursor.fetchone()[0]
    return counts


def end_of_the_audit_log() -> list[Any] | None:
    head = auditing.head()
    return list(head) if head else None


def migrations() -> list[str]:
    """Say which migrations the database has, as app/name."""
    return sorted(
        f"{app}/{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def stored(folder: str) -> Iterator[tuple[str, BinaryIO]]:
    """Open each file of a store in turn."""
    store = storages[STORES[folder]]
    for name in _names(store, ""):
        with store.open(name) as file:
            yield name, cast(BinaryIO, file)


def _names(store: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = store.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}" if folder else name
    for name in sorted(folders):
        yield from _names(store, f"{folder}/{name}" if folder else name)


def is_empty(folder: str) -> bool:
    return next(_names(storages[STORES[folder]], ""), None) is None


def git_files() -> Iterator[tuple[str, Path]]:
    """Say which files the Git repository of dataset versions consists of."""
    for path in sorted(settings.DATASETS.rglob("*")):
        if path.is_file():
            yield path.relative_to(settings.DATASETS).as_posix(), path


def postgres_program(name: str) -> str:
    """Find the pg_dump or pg_restore that fits the server: its own version, or the next newer.

    An older one refuses; a much newer one says things that an older server does not understand.
    """
    server = connection.cursor().connection.info.server_version // 10_000
    fitting = [(version, path) for path in _programs(name) if (version := _version(path)) >= server]
    if not fitting:
        raise NotDone(
            f"There is no {name} of PostgreSQL {server} or newer on this machine. Install its "
            "client programs (postgresql-client) and run the command again."
        )
    return min(fitting)[1]


def _programs(name: str) -> Iterator[str]:
    with contextlib.suppress(Refused):
        yield str(postgres_binaries() / name)
    if found := shutil.which(name):
        yield found
    yield from map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


def address() -> tuple[list[str], dict[str, str]]:
    """Say which database the programs are to open; the password goes by the environment."""
    parts = connection.settings_dict
    options = [f"--host={parts['HOST']}", f"--username={parts['USER']}"]
    options += [f"--port={parts['PORT']}"] if parts["PORT"] else []
    options.append(f"--dbname={parts['NAME']}")
    secret = {"PGPASSWORD": parts["PASSWORD"]} if parts["PASSWORD"] else {}
    return options, {**os.environ, **secret}
