"""Where an install keeps its data and where its servers listen."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from learnloop.embedded.identities import NOBODY, NOBODYS, Identity, mark, root_folder, root_way_of
from learnloop.embedded.refusing import Refused

SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 107, PostgreSQL adds a suffix


@dataclass(frozen=True)
class Addresses:
    database: str
    redis: str


def data_folder() -> Path:
    """Where this install keeps everything that must survive: LEARNLOOP_DATA, else .data/."""
    chosen = os.environ.get("LEARNLOOP_DATA", "").strip()
    beside_the_code = Path(__file__).resolve().parents[2] / ".data"
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
        return Path(f"/tmp/learnloop-{os.getuid()}-{mark(data)}")  # noqa: S108  made 0700 below
    return own


def is_borrowed(data: Path) -> bool:
    return socket_folder(data).parent == Path("/tmp")  # noqa: S108


def make_socket_folder(data: Path, whom: Identity | None) -> None:
    folder = socket_folder(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid not in (os.getuid(), NOBODY if os.getuid() == 0 else os.getuid()):
        raise Refused(f"{folder} belongs to somebody else. Choose another --data folder.")
    if whom is not None:
        whom.own(folder)
