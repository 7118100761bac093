"""Made-up kinds of job: quick, slow, broken, and deaf to every signal."""

import time
from datetime import timedelta

from jobs.kinds import kind
from jobs.work import GoOnLater, Stopped, Task
from tests.made_up.models import Effect


@kind("instant", title="Do nothing")
def instant(task: Task) -> None:
    with task.finishing():
        Effect.objects.create(job_id=task.id, attempt=task.attempt, finished=True)


@kind("slow", title="Take a while")
def slow(task: Task) -> None:
    """Work for `object_id` milliseconds, then write once and be done."""
    end = time.monotonic() + (task.object_id or 0) / 1000
    while time.monotonic() < end:
        task.progress(0, 100, "working")
        time.sleep(0.02)
    with task.finishing():
        Effect.objects.create(job_id=task.id, attempt=task.attempt, finished=True)


@kind("never_ending", title="Never end", limit=600)
def never_ending(task: Task) -> None:
    Effect.objects.create(job_id=task.id, attempt=task.attempt)
    while True:
        time.sleep(0.05)


@kind("patient", title="Ask whether to stop")
def patient(task: Task) -> None:
    Effect.objects.create(job_id=task.id, attempt=task.attempt)
    while True:
        task.progress(1, 2, "half way")
        time.sleep(0.05)


@kind("broken", title="Fail each time")
def broken(task: Task) -> None:
    raise RuntimeError("a secret of the inside")


@kind("stopped", title="Say why it cannot be done")
def stopped(task: Task) -> None:
    raise Stopped("The dataset holds only one intent. Label turns of at least two.")


@kind("deaf", title="Fit in C and heed no signal", limit=2, slow=True)
def deaf(task: Task) -> None:
    """A support vector fit on noise: minutes in one call of C that no signal interrupts."""
    import numpy as np
    from sklearn.svm import SVC

    rng = np.random.default_rng(0)
    features = rng.normal(size=(60_000, 40))
    SVC(kernel="rbf", C=100.0, cache_size=20).fit(features, rng.integers(0, 2, 60_000))


@kind("waiting", title="Wait for something")
def waiting(task: Task) -> None:
    task.progress(3, 10, "waiting for the rest")
    raise GoOnLater(after=timedelta(seconds=20))


@kind("treasured", title="Be pointed to", kept=True)
def treasured(task: Task) -> None:
    pass
