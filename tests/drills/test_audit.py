"""Tampering with the audit log, a hundred times in each of five ways: each time it is found.

Whoever tampers owns the database: triggers are switched off, and the unique number is kept.
"""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts import auditing
from accounts.auditing import Anchor
from accounts.models import AuditEntry
from accounts.security_log import record
from tests.accounts.tampering import tamper

ENTRIES = 200
EDITS = (
    "event = event || '_not'",
    "at = at + interval '1 microsecond'",
    "by_id = COALESCE(by_id, 0) + 1",
    "bot_id = NULL",
    "request_id = request_id || 'x'",
    "job_id = 4711",
    'facts = facts || \'{"role": "admin"}\'',
    "facts = facts - 'user_id'",
    "digest = repeat('a', 64)",
    "id = id + 1000000",
)


def edit(rng):
    number = rng.randint(1, ENTRIES)
    column = rng.choice(EDITS)
    tamper(f"UPDATE accounts_auditentry SET {column} WHERE number = %s", [number])
    return number


def delete(rng):
    """One that is not the last: a cut end is another way."""
    number = rng.randint(1, ENTRIES - 1)
    tamper("DELETE FROM accounts_auditentry WHERE number = %s", [number])
    if rng.random() < 0.5:  # and close the gap
        shift("number > %s", number, by=-1)
    return number


def insert(rng):
    """A copy of another entry, in the middle, behind the end, or without a number."""
    number = rng.choice([rng.randint(1, ENTRIES), ENTRIES + 1, None])
    if number is not None:
        shift("number >= %s", number, by=1)
    tamper(
        "INSERT INTO accounts_auditentry (number, at, event, by_id, bot_id, request_id, job_id, "
        "facts, digest) SELECT %s, at, event, by_id, bot_id, request_id, job_id, facts, digest "
        "FROM accounts_auditentry WHERE number = %s",
        [number, rng.randint(1, ENTRIES - 1)],
    )
    return number or ENTRIES + 1


def reorder(rng):
    """Two change places, whole or with their digests left where they were."""
    first, second = sorted(rng.sample(range(1, ENTRIES + 1), 2))
    for old, new in ((first, -1), (second, first), (-1, second)):
        tamper("UPDATE accounts_auditentry SET number = %s WHERE number = %s", [new, old])
    return first


def cut(rng):
    last = rng.randint(0, ENTRIES - 1)
    tamper("DELETE FROM accounts_auditentry WHERE number > %s", [last])
    return last + 1


def shift(where, number, *, by):
    """Move numbers without two that are the same in between."""
    tamper(f"UPDATE accounts_auditentry SET number = -number WHERE {where}", [number])
    tamper("UPDATE accounts_auditentry SET number = -number + %s WHERE number < 0", [by])


@pytest.mark.parametrize("way", [edit, delete, insert, reorder, cut])
def test_every_tampering_is_found_and_named(way, bot, operator, full_size):
    rng = random.Random(4)
    for number in range(ENTRIES):
        record("member_added", by=operator, bot_id=bot.pk, user_id=number, request=str(number))
    connection.check_constraints()
    number, digest = auditing.head()
    anchor = Anchor(number, digest, "2026-05-09T14:02:00+00:00")
    assert auditing.verify([anchor]).anchors == 1
    times, named = (100 if full_size else 5), 0

    for _ in range(times):
        with transaction.atomic():
            first = way(rng)
            with pytest.raises(auditing.Broken) as found:
                auditing.verify([anchor])
            named += found.value.number == first
            transaction.set_rollback(True)

    print(f"{way.__name__}: {times} of {times} found, {named} with the first broken entry")
    assert named == times
    assert auditing.verify([anchor]).entries == ENTRIES


@pytest.mark.django_db(transaction=True)
def test_those_who_write_at_once_make_one_chain(full_size):
    threads, each = 8, (200 if full_size else 20)

    def write(_):
        for number in range(each):
            record("key_issued", key_id=number)
        connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))

    assert auditing.verify().entries == threads * each
    assert AuditEntry.objects.filter(number=None).count() == 0
