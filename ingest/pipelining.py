"""Statements of the hottest path: sent without waiting for each answer, and planned once.

Waiting costs both sides more than a short statement does, and so does planning a long one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

Answer = psycopg.Cursor[Any]
Send = Callable[[str, Any], Answer]


@contextmanager
def sent_together() -> Iterator[Send]:
    """Lend what sends a statement and returns its answer, which is waited for when it is read."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield prepared


def prepared(statement: str, values: Any) -> Answer:
    """Send a statement that the server keeps ready, where settings allow it to."""
    return psycopg.Cursor(connection.connection).execute(statement, values)
