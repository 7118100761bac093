"""Statements of the hottest path: sent without waiting for each answer, and planned once.

Waiting costs both sides more than a short statement does, and so does planning a long one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Answer = psycopg.Cursor[Any]
Send = Callable[[str, Any], Answer]


@contextmanager
def sent_together() -> Iterator[Send]:
    """Lend what sends a statement and returns its answer, which is waited for when it is read."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield prepared


def rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    """The answer of one statement of a hot path."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return prepared(statement, values).fetchall()


def run(statement: str, values: Any) -> int:
    """Do one statement of a hot path; how many rows it touched."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return prepared(statement, values).rowcount


def instances(model: type[Row], statement: str, values: Any) -> list[Row]:
    """The same as objects, for a statement that returns every column of the model's table."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        answer = prepared(statement, values)
        place = {column.name: number for number, column in enumerate(answer.description or ())}
        found = answer.fetchall()
    fields = [(place[str(field.column)], _reader(field)) for field in model._meta.concrete_fields]
    names = [field.attname for field in model._meta.concrete_fields]
    return [
        model.from_db(
            connection.alias,
            names,
            [read(row[number]) if read else row[number] for number, read in fields],
        )
        for row in found
    ]


def _reader(field: Any) -> Callable[[Any], Any] | None:
    """What makes of a stored value what the field holds, as JSON."""
    if not hasattr(field, "from_db_value"):
        return None
    return lambda value: field.from_db_value(value, None, connection)


def prepared(statement: str, values: Any) -> Answer:
    """Send a statement that the server keeps ready, where settings allow it to."""
    if connection.queries_logged:  # where somebody counts
        connection.queries_log.append({"sql": statement, "time": ""})
    return psycopg.Cursor(connection.connection).execute(statement, values)
