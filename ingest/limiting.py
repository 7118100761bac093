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

    Nothing can be written in here: the transaction is rolled back, and the limit with it.
    """
    try:
        with transaction.atomic():
            limit_to(seconds)
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def limit_to(seconds: float) -> None:
    """Change the limit from the next statement on."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [int(seconds * 1000)])
