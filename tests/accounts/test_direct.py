"""accounts/direct.py: statements that libpq is given itself."""

import psycopg
import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from psycopg.pq import ExecStatus

from accounts.direct import Statement
from tests.factories import make_bot

pytestmark = pytest.mark.django_db(transaction=True)

ECHO = Statement("SELECT %(word)s::text, (%(number)s::int + 1)::text, %(word)s::text")


@pytest.fixture(autouse=True)
def connection_of_its_own():
    connection.close()
    yield
    connection.close()


def kept():
    """What this connection keeps prepared of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'learnloop%'")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.parametrize("word", ["plain", "", 'it\'s \\ "so" %s', "\n\t", "日本 👍", None])
def test_a_row_comes_back_as_text(word):
    assert ECHO.row({"word": word, "number": 41}) == (word, "42", word)


def test_it_is_planned_once_a_connection():
    for number in range(3):
        ECHO.row({"word": "a", "number": number})

    assert len(kept()) == 1


def test_a_new_connection_gets_it_before_it_is_asked_for(monkeypatch):
    ECHO.row({"word": "a", "number": 1})
    connection.close()
    states = []
    monkeypatch.setattr("accounts.direct._state", lambda answer: states.append(answer.status))

    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")
    assert states == [ExecStatus.TUPLES_OK]


def test_what_was_forgotten_is_prepared_again():
    ECHO.row({"word": "a", "number": 1})
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")
    assert len(kept()) == 1


def test_a_rollback_beside_it_does_no_harm():
    ECHO.row({"word": "a", "number": 1})
    with transaction.atomic():
        make_bot()
        transaction.set_rollback(True)

    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")


def test_in_a_transaction_it_is_part_of_it():
    counts = Statement("SELECT count(*)::text FROM accounts_bot")
    with transaction.atomic():
        make_bot()
        assert counts.row({}) == ("1",)
        transaction.set_rollback(True)

    assert counts.row({}) == ("0",)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT (1 / %(number)s::int)::text", DataError),
        ("SELECT %(number)s::text FROM nowhere", ProgrammingError),
        (
            "INSERT INTO accounts_apikey (id) VALUES (%(number)s::int) RETURNING id::text",
            IntegrityError,
        ),
    ],
)
def test_errors_are_djangos(statement, error):
    with pytest.raises(error):
        Statement(statement).row({"number": 0})

    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")


def test_a_connection_that_went_is_an_operational_error():
    ECHO.row({"word": "a", "number": 1})
    with psycopg.connect(
        connection.connection.info.dsn, autocommit=True, password=password()
    ) as by:
        by.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid]
        )

    with pytest.raises(OperationalError, match=r"\w"):
        ECHO.row({"word": "a", "number": 1})
    connection.close_if_unusable_or_obsolete()
    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")


def password():
    return connection.settings_dict["PASSWORD"] or None


def test_where_plans_may_not_be_kept_none_are():
    connection.ensure_connection()
    connection.connection.prepare_threshold = None

    assert ECHO.row({"word": "a", "number": 1}) == ("a", "2", "a")
    assert not kept()


def test_who_counts_statements_counts_it(django_assert_num_queries):
    with django_assert_num_queries(1):
        ECHO.row({"word": "a", "number": 1})


def test_another_thread_runs_meanwhile():
    import threading

    slow = Statement("SELECT pg_sleep(%(seconds)s::float8)::text")
    thread = threading.Thread(target=lambda: (slow.row({"seconds": "0.5"}), connection.close()))
    thread.start()
    ticks = 0
    while thread.is_alive():
        ticks += 1
        thread.join(0.01)

    assert ticks > 5
