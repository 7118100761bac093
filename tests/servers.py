"""A pytest plugin: the embedded servers, started before Django reads its settings.

pytest-django reads settings before the root conftest runs, so this is loaded by `-p`.
Of several processes (-n) each has servers of its own, and the one that only hands out the tests
has none. With DATABASE_URL and REDIS_URL set, those servers are used: each process has a
database of its own there, as pytest-django names it, and a numbered one of the queue's.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

running = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-size", action="store_true", help="Run drills at full size.")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """A wrapper, because pytest-django reads settings in the same hook and comes first."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    folder = Path(tempfile.mkdtemp(prefix="learnloop-test-"))
    running.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["LEARNLOOP_DATA"] = str(folder)
    many = getattr(early_config.known_args_namespace, "numprocesses", None)
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if many and not process:
        return (yield)
    if process and (given := os.environ.get("REDIS_URL")):
        os.environ["REDIS_URL"] = numbered(given, int(process.removeprefix("gw")))
    from learnloop import embedded

    running.enter_context(embedded.for_one_command())
    addresses = embedded.addresses(folder)
    if not os.environ.get("DATABASE_URL"):
        forget_at_a_power_cut(addresses.database)
    os.environ.setdefault("DATABASE_URL", addresses.database)
    os.environ.setdefault("REDIS_URL", addresses.redis)
    return (yield)


def numbered(queue: str, process: int) -> str:
    """The address of the database of that queue server which this process has to itself."""
    from redis.connection import parse_url

    number = parse_url(queue).get("db", 0) + process
    parts = urlsplit(queue)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | {"db": number})).geturl()


def forget_at_a_power_cut(database: str) -> None:
    """Nothing of a test run has to outlive it, so PostgreSQL need not wait for the disk."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    running.close()
