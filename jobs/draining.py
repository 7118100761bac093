"""For jobs that work off what waits, while more comes in."""

import time
from collections.abc import Callable

from jobs.work import GoOnLater, Task

Progress = Callable[..., None]


class _MoreCame(Exception):
    """Something came in while the job was about to end."""


def until_nothing_waits(
    task: Task, work: Callable[[Progress], object], *, waits: Callable[[], bool], turn: float
) -> None:
    """Do `work` until nothing waits, and end the job in the moment that this is so.

    Whoever stores more work holds the job's row (jobs.requesting.ensure): either this sees
    what they stored, or they see that the job has ended and ask for another. After `turn`
    seconds others come first: a bot that never falls silent must not keep a worker for itself.
    """
    over = time.monotonic() + turn

    def progress(done: int, total: int, message: str = "") -> None:
        task.progress(done, total, message)
        if time.monotonic() > over:
            raise GoOnLater

    while not task.finished:
        work(progress)
        try:
            with task.finishing():
                if waits():
                    raise _MoreCame
        except _MoreCame:
            progress(0, 0)
