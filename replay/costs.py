"""What a replay costs: wall and CPU seconds of each stage.

CPU is that of this process and of all processes of the install on this machine: those that run on
its data folder, as their environment or command says. Elsewhere only this process is seen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")
UTIME, CHILDREN_STIME = 11, 15  # of /proc/<pid>/stat, behind the name: four fields


class Costs:
    """Seconds by stage: [wall, CPU]. Goes on from what was there before."""

    def __init__(self, folder: Path, stages: dict[str, list[float]]) -> None:
        self._folder = folder
        self.stages = stages

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, cpu = time.monotonic(), cpu_seconds(self._folder)
        try:
            yield
        finally:
            known = self.stages.get(name, [0.0, 0.0])
            # A process that ended between the two took its figures along.
            spent = max(cpu_seconds(self._folder) - cpu, 0.0)
            took = time.monotonic() - wall
            self.stages[name] = [round(known[0] + took, 2), round(known[1] + spent, 2)]


def cpu_seconds(folder: Path) -> float:
    """CPU seconds so far of the processes that run on this data folder, and of this one."""
    own = os.getpid()
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(
        _ticks(process) / ticks
        for process in PROC.glob("[0-9]*")
        if process.name == str(own) or _runs_on(process, folder)
    )


def _runs_on(process: Path, folder: Path) -> bool:
    with suppress(OSError):  # ended, or somebody else's
        if f"{folder}/".encode() in (process / "cmdline").read_bytes() + b"/":
            return True
        return f"LEARNLOOP_DATA={folder}\0".encode() in (process / "environ").read_bytes()
    return False


def _ticks(process: Path) -> int:
    """Of the process, and of its children that ended."""
    with suppress(OSError, ValueError, IndexError):
        stat = (process / "stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in stat[UTIME:CHILDREN_STIME])
    return 0
