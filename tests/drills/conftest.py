"""A small machine of real processes that a drill may kill."""

import pytest

from tests.drills.machine import Machine


@pytest.fixture
def full_size(request):
    return request.config.getoption("--full-size")


@pytest.fixture
def machine(transactional_db, tmp_path, monkeypatch, full_size):
    """Worker and schedule on this test's database and on a queue server of their own."""
    if not full_size:
        # The same code with a shorter patience.
        monkeypatch.setenv("LEARNLOOP_JOB_LEASE", "2")
        monkeypatch.setenv("LEARNLOOP_JOB_SWEEP_EVERY", "0.5")
    with Machine(tmp_path, monkeypatch) as machine:
        yield machine
