"""The kinds of job there are. Each room registers its own in its jobs.py:

@kind("train", title="Train a model version", limit=3600, slow=True)
def train(task: Task) -> None: ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.work import Task

Handler = Callable[["Task"], None]

ATTEMPTS = 3
LIMIT = 600  # seconds


@dataclass(frozen=True)
class Kind:
    name: str
    title: str  # what the page calls it
    handler: Handler
    limit: float  # seconds one attempt may take before its process is killed
    slow: bool  # takes minutes: never on the worker that keeps free for quick ones
    cron: str  # five fields in UTC; empty: only on request
    routine: bool  # there are so many that the list keeps those that went well for a day
    kept: bool  # something else points to its jobs, so they are never tidied away


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    title: str,
    limit: float = LIMIT,
    slow: bool = False,
    cron: str = "",
    routine: bool = False,
    kept: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the decorated function as what is done for jobs of this kind.

    It must be safe to run twice: a worker may die after the work and before the record.
    """

    def register(handler: Handler) -> Handler:
        if name in KINDS and KINDS[name].handler is not handler:
            raise ValueError(f"Two handlers want the kind {name}.")
        KINDS[name] = Kind(name, title, handler, limit, slow, cron, routine, kept)
        return handler

    return register
