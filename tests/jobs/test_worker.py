"""How a worker watches over the process it forked."""

import signal
import subprocess
import time

import pytest

from jobs import waking
from jobs.worker import Worker


@pytest.fixture
def worker():
    worker = Worker([waking.QUICK], name="watching")
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as horse:
        worker._horse_pid = horse.pid
        yield worker, horse
        horse.kill()


def test_a_horse_whose_lease_cannot_have_been_renewed_is_killed(worker):
    watching, horse = worker
    watching._renewed_at = time.monotonic() - 3600

    watching._kill_if_lease_is_over()

    assert horse.wait(5) == -signal.SIGKILL


def test_a_horse_whose_lease_still_holds_lives_on(worker):
    watching, horse = worker
    watching._renewed_at = time.monotonic()

    watching._kill_if_lease_is_over()

    assert horse.poll() is None
