"""Kept connections: one that the server ended is found out before a request trips over it."""

import pytest
from django.db import OperationalError, connection

from accounts import pipelining
from learnloop.database import base

WHO = "SELECT pg_backend_pid()"
END = "SELECT pg_terminate_backend(%s)"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept():
    """A connection beside the test's own, as a web thread has one."""
    kept = connection.copy()
    kept.settings_dict = kept.settings_dict | {"CONN_MAX_AGE": 3600, "CONN_HEALTH_CHECKS": True}
    kept.connect()
    yield kept
    kept.close()


def end(ended):
    """Have the server end a connection, and wait until its last word is here."""
    number = ended.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute(END, [number])
    assert base.something_to_read(ended.connection.fileno(), within=10_000)


def test_a_connection_that_lives_is_not_asked(kept, monkeypatch):
    monkeypatch.setattr(kept, "cursor", None)  # Django's own look needs one

    assert kept.is_usable()


def test_one_that_the_server_ended_is_not_usable(kept):
    end(kept)

    assert not kept.is_usable()


def test_one_that_was_closed_is_not_usable(kept):
    kept.connection.close()

    assert not kept.is_usable()


def test_one_that_has_a_notice_waiting_is_asked_and_stays(kept):
    with kept.cursor() as cursor:
        cursor.execute("LISTEN news")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY news")
    assert base.something_to_read(kept.connection.fileno(), within=10_000)

    assert kept.is_usable()


def test_the_next_request_gets_another_connection(kept, monkeypatch):
    monkeypatch.setattr(pipelining, "connection", kept)
    ((first,),) = pipelining.rows(WHO, [])
    end(kept)

    kept.close_if_unusable_or_obsolete()  # as between two requests
    kept.health_check_done = False
    ((second,),) = pipelining.rows(WHO, [])

    assert second != first


def test_what_breaks_in_the_middle_of_a_request_is_said(kept, monkeypatch):
    monkeypatch.setattr(pipelining, "connection", kept)
    pipelining.rows(WHO, [])
    end(kept)

    with pytest.raises(OperationalError):
        pipelining.rows(WHO, [])
