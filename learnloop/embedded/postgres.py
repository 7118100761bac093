"""PostgreSQL: its data folder, and its start."""

import shutil
import subprocess
import time
from functools import partial
from pathlib import Path

import psycopg

from learnloop.embedded.identities import Identity, identity, leashed, record, recorded
from learnloop.embedded.places import addresses, make_socket_folder, socket_folder
from learnloop.embedded.processes import Process, Question, never, spawn, wait_until_ready
from learnloop.embedded.refusing import Refused, disk_troubles_in_words


def start_postgres(data: Path, interrupted: Question = never) -> Process:
    whom = identity(data)
    folder = whom.folder / "postgres"
    with disk_troubles_in_words(data):
        whom.own(whom.folder)
        make_socket_folder(data, whom)
    _wait_for_predecessor(folder)
    if not (folder / "PG_VERSION").exists():
        _nothing_recorded_or_refuse(data, folder)
        _initialise(folder, whom)
        record(data, whom)
    _same_version_or_refuse(folder, whom)
    command = [
        *leashed("QUIT", *whom.leash_options),
        *(str(whom.binaries / "postgres"), "-D", str(folder)),
        *_flags(
            listen_addresses="",
            unix_socket_directories=str(socket_folder(data)),
            unix_socket_permissions="0700",
            max_connections="100",
            jit="off",  # our statements are short; compiling them costs more than it gains
            # What users said is in statements and rows, and has no place in a log.
            log_min_error_statement="panic",
            log_error_verbosity="terse",
        ),
    ]
    process = spawn(command, data, "postgres")
    wait_until_ready(process, data, "PostgreSQL", partial(_accepts_queries, data), interrupted)
    _create_database(data)
    return process


def is_waiting_for_clients(data: Path) -> bool:
    """Whether it was asked to stop (SIGTERM) once the last client has gone, which none does.

    It takes no new client then, and goes on answering those it has.
    """
    try:
        lock = (socket_folder(data) / ".s.PGSQL.5432.lock").read_text().splitlines()
        return (Path(lock[1]) / "postmaster.pid").read_text().splitlines()[7].strip() == "stopping"
    except (OSError, IndexError):
        return False


def _flags(**settings: str) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _nothing_recorded_or_refuse(data: Path, folder: Path) -> None:
    if kept := recorded(data):
        raise Refused(
            f"The database of {data} should be in {kept.partition(' ')[2]}, and is not. Put "
            f"it back from a backup. To begin anew: delete {data / 'postgres-is-in'}."
        )


def _initialise(folder: Path, whom: Identity) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Refused(
            f"{folder} holds files that are not a PostgreSQL data folder. "
            "Move them away, or choose another --data."
        )
    # Made aside and then renamed: a start that was killed half way leaves nothing in between.
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    whom.own(unfinished)
    command = [
        *leashed("KILL", *whom.leash_options),
        *(str(whom.binaries / "initdb"), "-D", str(unfinished)),
        # The folder is 0700 and there is no TCP: who reaches the socket may come in.
        *("--username=learnloop", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise Refused(_why_initdb_failed(done.stderr, folder))
    if folder.exists():
        folder.rmdir()
    unfinished.rename(folder)


def _why_initdb_failed(said: str, folder: Path) -> str:
    if "No space left" in said:
        return f"The disk of {folder} is full. Free about 200 MB and start again."
    return f"PostgreSQL could not prepare {folder}: {' '.join(said.strip().splitlines()[-3:])}"


def _same_version_or_refuse(folder: Path, whom: Identity) -> None:
    theirs = (folder / "PG_VERSION").read_text().strip()
    said = subprocess.run(
        [whom.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    ours = said.stdout.split()[-1].split(".")[0]
    if theirs != ours:
        raise Refused(
            f"{folder} belongs to PostgreSQL {theirs} and this learnloop brings {ours}. Nothing "
            "was changed. Choose another --data, or point LEARNLOOP_POSTGRES_BIN at "
            f"PostgreSQL {theirs}."
        )


def _wait_for_predecessor(folder: Path) -> None:
    """Let a dying PostgreSQL finish; forget a process id that now belongs to somebody else."""
    file = folder / "postmaster.pid"
    deadline = time.monotonic() + 10
    while file.exists():
        pid = int((file.read_text().splitlines() or ["0"])[0] or 0)
        if not _is_postgres(pid):
            return file.unlink(missing_ok=True)
        if time.monotonic() > deadline:
            raise Refused(
                f"A PostgreSQL (process {pid}) still runs on {folder}. "
                f"Stop it with `kill -QUIT {pid}`, then start again."
            )
        time.sleep(0.05)
    return None


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _connect(data: Path) -> psycopg.Connection:
    address = addresses(data).database.removesuffix("/learnloop") + "/postgres"
    return psycopg.connect(address, autocommit=True)


def _accepts_queries(data: Path) -> bool:
    """PostgreSQL opens its socket before it is done with recovery."""
    try:
        _connect(data).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(data: Path) -> None:
    with _connect(data) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'learnloop'")
        if found.fetchone() is None:
            connection.execute("CREATE DATABASE learnloop")
