"""Why the servers cannot run, in sentences."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path


class Refused(Exception):
    """The servers cannot start. The text tells a person what to do."""


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
