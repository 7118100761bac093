"""The audit log, its anchors, and `./loop verify_audit`"""

import json
from io import StringIO

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts import anchoring, auditing
from accounts.models import AuditEntry
from accounts.security_log import record
from jobs.kinds import KINDS
from jobs.work import Stopped
from tests.accounts.tampering import tamper


def commit():
    """Do what the database does at a commit."""
    connection.check_constraints()


@pytest.fixture(autouse=True)
def anchor_file(settings, tmp_path):
    settings.AUDIT_ANCHOR_FILE = tmp_path / "audit-anchors.jsonl"
    return settings.AUDIT_ANCHOR_FILE


@pytest.fixture
def entries(bot, operator):
    for number in range(5):
        record("member_added", by=operator, bot_id=bot.pk, user_id=number, role="reviewer")
    commit()
    return list(AuditEntry.objects.in_order())


def verify(*arguments):
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_a_change_of_a_membership_is_entered_with_who_and_the_request(
    as_admin, admin, bot, annotator
):
    member = annotator.memberships.get()
    response = as_admin.post(f"/settings/members/{member.pk}/role/", {"role": "reviewer"})
    commit()

    entry = AuditEntry.objects.get(event="member_role_changed")
    assert (entry.by, entry.bot) == (admin, bot)
    assert entry.facts == {"user_id": annotator.pk, "role": "reviewer"}
    assert entry.request_id == response["X-Request-ID"]
    assert entry.number == AuditEntry.objects.count()


def test_a_request_id_with_a_line_break_is_left_out(operator):
    with structlog.contextvars.bound_contextvars(request_id="a\nb", job_id=7):
        record("key_issued", by=operator)
    commit()

    entry = AuditEntry.objects.get(event="key_issued")
    assert (entry.request_id, entry.job_id) == ("", 7)
    assert auditing.verify().entries == 1


def test_what_is_taken_back_is_not_entered_and_leaves_no_gap(bot, operator):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("key_issued", by=operator, bot_id=bot.pk)
        raise ZeroDivisionError
    record("key_revoked", by=operator, bot_id=bot.pk)
    commit()

    assert list(AuditEntry.objects.values_list("number", "event")) == [(1, "key_revoked")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET event = 'nothing'",
        "UPDATE accounts_auditentry SET number = number + 100",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
    ],
)
def test_the_database_refuses_to_change_what_was_entered(entries, statement):
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEntry.objects.count() == len(entries)


def test_nobody_chooses_a_place_in_the_chain(entries):
    AuditEntry.objects.create(number=77, digest="f" * 64, event="made_up")
    commit()

    assert AuditEntry.objects.get(event="made_up").number == len(entries) + 1
    assert auditing.verify().entries == len(entries) + 1


def test_a_log_that_nobody_touched_is_said_to_be_sound(entries):
    said = verify()

    assert "5 entries, 0 anchors" in said
    assert entries[-1].digest in said
    assert "Without an anchor" in said


def test_an_empty_log_is_sound(db):
    assert "0 entries" in verify()


def test_the_digest_of_an_entry_is_that_of_the_written_down_form(db):
    """A worked example, so that others can verify without this program."""
    row = auditing.Row(
        2, 9, auditing.EPOCH, "key_issued", 3, None, "r-1", None, '{"key_id": 4}', ""
    )

    found = auditing.digest_of(row, before="ab")

    # printf 'ab\n2\n9\n0\nkey_issued\n3\n\nr-1\n\n{"key_id": 4}' | sha256sum
    assert found == "545b8d3b38ce11af3b2dca2b2ade9e092f039595883a4f737291ec2fc9d5c552"


def test_the_first_broken_entry_is_named(entries):
    tamper(f"UPDATE accounts_auditentry SET by_id = NULL WHERE number >= {entries[2].number}")

    with pytest.raises(CommandError, match=r"Entry 3 .* First broken entry: 3\."):
        verify()


def test_the_end_is_anchored_once_in_the_file_however_often_the_job_runs(entries, anchor_file):
    KINDS["anchor_audit_log"].handler(None)
    KINDS["anchor_audit_log"].handler(None)

    (line,) = anchor_file.read_text().splitlines()
    assert json.loads(line)["number"] == 5
    assert json.loads(line)["digest"] == entries[-1].digest
    assert "5 entries, 1 anchors" in verify()


def test_a_tail_that_was_cut_off_is_found_by_its_anchor(entries):
    anchoring.anchor()
    tamper("DELETE FROM accounts_auditentry WHERE number > 3")

    assert auditing.verify().entries == 3
    with pytest.raises(CommandError, match=r"from 4 on were cut off"):
        verify()


def test_a_chain_that_was_made_anew_is_found_by_its_anchor(entries, operator):
    anchoring.anchor()
    tamper("DELETE FROM accounts_auditentry")
    for _ in range(6):
        record("key_issued", by=operator)
    commit()

    assert auditing.verify().entries == 6
    with pytest.raises(CommandError, match="written anew. First broken entry: 5"):
        verify()


def test_a_file_that_holds_something_else_is_named(entries, tmp_path):
    (tmp_path / "mine").write_text('{"number": 5}\n')

    with pytest.raises(CommandError, match="line 1 is not an anchor"):
        verify("--anchors", str(tmp_path / "mine"))
    with pytest.raises(CommandError, match="There is no file"):
        verify("--anchors", str(tmp_path / "other"))


def test_a_webhook_that_does_not_take_the_anchor_fails_the_job_with_a_sentence(entries, settings):
    settings.AUDIT_ANCHOR_WEBHOOK = "http://127.0.0.1:9/"
    settings.AUDIT_ANCHOR_SECRET = "whsec_" + "YWJj" * 8

    with pytest.raises(Stopped, match="not delivered. 127.0.0.1 is an address of a private"):
        KINDS["anchor_audit_log"].handler(None)

    assert settings.AUDIT_ANCHOR_FILE.exists()
