"""What every test may ask for by name."""

import time

import pytest
from django.db import connection

from tests.roles import (  # noqa: F401
    admin,
    annotator,
    anonymous,
    as_admin,
    as_annotator,
    as_bot,
    as_engineer,
    as_operator,
    as_other_admin,
    as_reviewer,
    bot,
    engineer,
    key,
    operator,
    other_admin,
    other_bot,
    reviewer,
    secret,
)

THEIRS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
OTHERS = f"SELECT count(*) {THEIRS}"
END_OTHERS = f"SELECT pg_terminate_backend(pid) {THEIRS}"

# A person who changes a line waits for the others alone; .ci/run for these too.
SLOW = ("tests/journeys/", "tests/drills/")

# Files of several processes are handed out in this order: what takes long must not come last.
LONGEST = ("tests/journeys/", "tests/drills/", "tests/test_routes.py", "tests/learnloop/")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(
        key=lambda item: next(
            (place for place, start in enumerate(LONGEST) if item.nodeid.startswith(start)),
            len(LONGEST),
        )
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let the last sessions of ended threads and processes go before the database is dropped.

    PostgreSQL notices a closed connection a moment later.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            cursor.execute(OTHERS, [connection.connection.info.backend_pid])
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.05)
        else:
            # A thread of the live server whose browser left in the middle of an answer
            # never closes what it opened.
            cursor.execute(END_OTHERS, [connection.connection.info.backend_pid])
