"""Statements of the hottest path: sent without waiting for each answer, and planned once.

Waiting costs both sides more than a short statement does, and so does planning a long one.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from django.apps import apps
from django.db import connection, models
from pghistory.runtime import _tracker

Row = TypeVar("Row", bound=models.Model)
Answer = psycopg.Cursor[Any]
Send = Callable[[str, Any], Answer]
Read = Callable[[Any], Any]


@contextmanager
def sent_together() -> Iterator[Send]:
    """Lend what sends a statement and returns its answer, which is waited for when it is read."""
    connected()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield prepared


def rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    """The answer of one statement of a hot path."""
    connected()
    with connection.wrap_database_errors:
        return prepared(statement, values).fetchall()


def run(statement: str, values: Any) -> int:
    """Do one statement of a hot path; how many rows it touched."""
    connected()
    with connection.wrap_database_errors:
        return prepared(statement, values).rowcount


def instances(model: type[Row], statement: str, values: Any) -> list[Row]:
    """The same as objects, for a statement that returns every column of the model's table."""
    connected()
    with connection.wrap_database_errors:
        answer = prepared(statement, values)
        columns = tuple(column.name for column in answer.description or ())
        found = answer.fetchall()
    return [instance(model, columns, row) for row in found]


def instance(model: type[Row], columns: tuple[str, ...], row: Sequence[Any]) -> Row:
    """One object of a row that has every column of the model's table, in any order."""
    names, places, readers = _layout(model, columns)
    values = [row[place] for place in places]
    for number, read in readers:
        values[number] = read(values[number])
    return model.from_db(connection.alias, names, values)


@lru_cache(maxsize=256)
def _layout(
    model: type[models.Model], columns: tuple[str, ...]
) -> tuple[list[str], list[int], list[tuple[int, Read]]]:
    """The names of the model's fields, their places in a row, and what reads some of them."""
    fields = model._meta.concrete_fields
    readers = [(number, _reader(field)) for number, field in enumerate(fields)]
    return (
        [field.attname for field in fields],
        [columns.index(str(field.column)) for field in fields],
        [(number, read) for number, read in readers if read],
    )


def _reader(field: Any) -> Read | None:
    """What makes of a stored value what the field holds, as JSON."""
    if not hasattr(field, "from_db_value"):
        return None
    return lambda value: field.from_db_value(value, None, connection)


def connected() -> None:
    """As Django does before it makes a cursor."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()


def prepared(statement: str, values: Any) -> Answer:
    """Send a statement that the server keeps ready, where settings allow it to."""
    if connection.queries_logged:  # where somebody counts
        connection.queries_log.append({"sql": statement, "time": ""})
    cursor = psycopg.Cursor(connection.connection)
    # What pghistory.context() keeps for Django's cursors, which this is none of.
    context = getattr(_tracker, "value", None)
    if context is None or not _is_remembered(statement):
        return cursor.execute(statement, values)
    # Not another round trip: both are on their way before the first is answered. Inside of
    # sent_together() they are anyway, and another pipeline would wait at its beginning and end.
    already = connection.connection.pgconn.pipeline_status
    with nullcontext() if already else connection.connection.pipeline():
        psycopg.Cursor(connection.connection).execute(
            REMEMBER, [str(context.id), json.dumps(context.metadata)]
        )
        return cursor.execute(statement, values)


@lru_cache(maxsize=256)
def _is_remembered(statement: str) -> bool:
    """Whether what the statement writes has a history."""
    tables = (model._meta.db_table for model in apps.get_models() if hasattr(model, "history"))
    writes = not statement.lstrip().startswith("SELECT")
    return writes and any(table in statement for table in tables)


REMEMBER = """
SELECT set_config('pghistory.context_id', %s, true),
    set_config('pghistory.context_metadata', %s, true)
"""
