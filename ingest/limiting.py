"""Reading that is given up when it takes too long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TooSlow(Exception):
    """The database was stopped. What was read before is kept by whoever read it."""


@contextmanager
def reading_for(seconds: float) -> Iterator[None]:
    """Let no statement in here take longer than `seconds`. Raise TooSlow if one does.

    Nor more than one process of the database: to start others costs more than a page may.
    Nothing can be written in here: the transaction is rolled back, and the limit with it.
    """
    try:
        with transaction.atomic():
            _set("statement_timeout", int(seconds * 1000), "max_parallel_workers_per_gather", 0)
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def limit_to(seconds: float) -> None:
    """Change the limit from the next statement on."""
    _set("statement_timeout", int(seconds * 1000))


def _set(*named: str | int) -> None:
    """Set what is named, each with its value behind it, until the end of the transaction."""
    each = ", ".join(["set_config(%s, %s, true)"] * (len(named) // 2))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {each}", [str(word) for word in named])  # noqa: S608  no values
