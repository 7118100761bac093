"""What a run says of itself while it is carried out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.work import Task
from training.models import RunLine, TrainingRun

Tone = RunLine.Tone


class Diary:
    """Log, progress and times of one attempt. What a lost attempt says is not kept."""

    def __init__(self, run: TrainingRun, task: Task) -> None:
        self._run, self._task = run, task
        self.seconds: dict[str, float] = {}

    def __call__(self, done: int, total: int, message: str) -> None:
        """One step is over: a line of the log, and a part of the progress."""
        self.write(message)
        self._task.progress(done, total, message, at_once=True)

    def progress(self, done: int, total: int, message: str) -> None:
        """Say how far the work is. Raises what ends it when it is not wanted any more."""
        self._task.progress(done, total, message)

    def wait(self, done: int, total: int, message: str) -> None:
        """Say how far what is waited for is."""
        self._task.progress(done, total, message, at_once=True)

    def write(self, text: str, *, tone: RunLine.Tone = Tone.INFO) -> None:
        with self._task.fenced():
            RunLine.objects.create(
                run=self._run, attempt=self._task.attempt, text=text[:300], tone=tone
            )

    def warn(self, text: str) -> None:
        self.write(text, tone=Tone.WARN)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure how long a step takes."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 3)
