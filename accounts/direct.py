"""The one statement that answers wait for, given to libpq itself.

psycopg looks anew at each value, each type and each row of an answer; between two texts that are
encoded that takes .15 ms, half of what a statement costs this side.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from weakref import WeakSet

import psycopg
from django.db import connection
from psycopg.pq import DiagnosticField, ExecStatus, PipelineStatus, TransactionStatus

from accounts import pipelining

Value = str | bytes | int | None
Texts = tuple[str | None, ...]

PLACE = re.compile(r"%\((\w+)\)s")
NOT_PREPARED = b"26000"  # what psycopg prepared goes with a ROLLBACK, and this with it


class Statement:
    """Returns one row, all of whose columns are text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._names = list(dict.fromkeys(PLACE.findall(text)))
        numbered = PLACE.sub(lambda found: f"${self._names.index(found[1]) + 1}", text)
        self._numbered = numbered.encode()
        self._name = b"learnloop_" + sha256(self._numbered).hexdigest()[:16].encode()
        # To try and see would leave an error in the log of the database for each connection.
        self._prepared_on: WeakSet[psycopg.Connection[Any]] = WeakSet()

    def row(self, values: Mapping[str, Value]) -> Texts:
        """Send it with these values. Raise what Django raises."""
        pipelining.connected()
        if not _is_free():
            with connection.wrap_database_errors:
                (row,) = pipelining.prepared(self._text, values).fetchall()
            return tuple(row)
        given = [_as_text(values[name]) for name in self._names]
        with connection.wrap_database_errors:
            return self._sent(given)

    def _sent(self, given: list[bytes | None]) -> Texts:
        pgconn = connection.connection.pgconn
        if connection.connection not in self._prepared_on:
            self._prepare()
        answer = pgconn.exec_prepared(self._name, given)
        if _state(answer) == NOT_PREPARED:
            self._prepare()
            answer = pgconn.exec_prepared(self._name, given)
        _checked(answer, ExecStatus.TUPLES_OK)
        columns = (answer.get_value(0, column) for column in range(answer.nfields))
        return tuple(None if value is None else value.decode() for value in columns)

    def _prepare(self) -> None:
        answer = connection.connection.pgconn.prepare(self._name, self._numbered)
        _checked(answer, ExecStatus.COMMAND_OK)
        self._prepared_on.add(connection.connection)


def _is_free() -> bool:
    """Whether nobody counts, nothing else is on its way, and plans may be kept."""
    psycopg_s = connection.connection
    pgconn = psycopg_s.pgconn
    return (
        psycopg_s.autocommit
        and psycopg_s.prepare_threshold is not None
        and not connection.queries_logged
        and pgconn.pipeline_status == PipelineStatus.OFF
        and pgconn.transaction_status == TransactionStatus.IDLE
    )


def _as_text(value: Value) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else str(value).encode()


def _state(answer: psycopg.pq.abc.PGresult) -> bytes | None:
    if answer.status != ExecStatus.FATAL_ERROR:
        return None
    return answer.error_field(DiagnosticField.SQLSTATE)


def _checked(answer: psycopg.pq.abc.PGresult, wanted: ExecStatus) -> None:
    if answer.status == wanted:
        return
    error = psycopg.errors.error_from_result(answer)
    # Without a state it is not the statement's fault: the connection went.
    raise error if error.sqlstate else psycopg.OperationalError(*error.args)
