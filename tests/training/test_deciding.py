"""training/deciding.py and deploying.py, and what the database refuses by itself."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import make_member
from tests.training.judged import make_report, make_version
from training import artifact_store, deciding, deploying
from training.deciding import Refused, Seen
from training.models import Decision, DecisionSettings, Deployment, EvaluationReport


def seen(version):
    return Seen(deciding.newest_report(version).sha256, version.sha256)


def promoted(version, by, **fields):
    return deciding.promote(version, by=by, seen=seen(version), reason="It is better.", **fields)


@pytest.fixture
def version(bot, engineer):
    version = make_version(bot, started_by=engineer)
    make_report(version)
    return version


@pytest.fixture
def second(bot, version, admin):
    """A judged version, with another live."""
    promoted(version, admin)
    second = make_version(bot, content=b"another artifact")
    make_report(second, champion=version)
    return second


@pytest.fixture
def four_eyes(bot, admin):
    deciding.change_settings(bot, by=admin, four_eyes=True)


def test_what_is_promoted_is_live(bot, version, admin):
    decision = promoted(version, admin)

    deployed = deploying.live(bot)
    assert (deployed.champion, deployed.previous, deployed.decision) == (version, None, decision)
    assert (decision.report_sha256, decision.artifact_sha256) == (
        version.reports.get().sha256,
        version.sha256,
    )


def test_the_one_before_stays_on_record(bot, second, admin, version):
    promoted(second, admin)

    deployed, before = Deployment.objects.of(bot).newest_first()
    assert (deployed.champion, deployed.previous) == (second, version)
    assert before.until is not None and deployed.until is None


def test_what_is_rejected_changes_nothing_that_is_live(bot, second, admin, version):
    deciding.reject(second, by=admin, seen=seen(second), reason="Too few rows.")

    assert deploying.champion_of(bot) == version
    assert second.decisions.get().verdict == "reject"


def test_decisions_are_in_the_log(version, admin, caplog):
    caplog.set_level("INFO")

    decision = promoted(version, admin)

    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    (line,) = (line for line in said if line["event"] == "version_promoted")
    assert (line["by"], line["decision_id"]) == (admin.pk, decision.pk)


# ── what is refused ───────────────────────────────────────────────────────────────────


def test_a_version_that_nobody_judged_is_not_decided_on(bot, admin):
    version = make_version(bot)

    with pytest.raises(Refused, match="not been judged"):
        deciding.reject(version, by=admin, seen=Seen("a", version.sha256), reason="No.")


def test_a_report_that_is_newer_than_what_was_seen_is_refused(version, admin):
    what_was_seen = seen(version)
    make_report(version, found={"again": True})

    with pytest.raises(Refused, match="report changed"):
        deciding.promote(version, by=admin, seen=what_was_seen, reason="Good.")
    assert not Decision.objects.exists()


def test_an_artifact_that_changed_is_refused(version, admin, artifacts_folder):
    (artifacts_folder / version.artifact).write_bytes(b"other weights")

    with pytest.raises(Refused, match="not the one that was judged"):
        promoted(version, admin)
    assert not Deployment.objects.exists()


def test_an_artifact_that_is_gone_is_refused(version, admin):
    artifact_store.delete(version.artifact)

    with pytest.raises(Refused, match="not the one that was judged"):
        promoted(version, admin)


def test_a_report_against_what_is_not_live_any_more_is_refused(bot, second, admin):
    third = make_version(bot, content=b"third")
    make_report(third, champion=second)

    with pytest.raises(Refused, match="compares with the wrong one"):
        promoted(third, admin)


def test_what_blocks_wants_a_reason_of_its_own(bot, admin):
    version = make_version(bot)
    make_report(version, passes=False)

    with pytest.raises(Refused, match="Something blocks"):
        promoted(version, admin)
    decision = promoted(version, admin, override_reason="The fault is in the test set.")

    assert decision.override_reason == "The fault is in the test set."


def test_a_reason_to_override_is_kept_only_where_something_blocks(version, admin):
    assert promoted(version, admin, override_reason="In any case.").override_reason == ""


# ── four eyes ─────────────────────────────────────────────────────────────────────────


def test_who_trained_it_does_not_promote_it(version, engineer, admin, four_eyes):
    with pytest.raises(Refused, match="asks for four eyes"):
        promoted(version, engineer)

    assert promoted(version, admin).four_eyes


def test_who_trained_it_may_reject_it(version, engineer, four_eyes):
    deciding.reject(version, by=engineer, seen=seen(version), reason="My mistake.")


def test_without_four_eyes_one_person_may(version, engineer):
    assert promoted(version, engineer).trained_by == engineer


def test_a_version_that_the_clock_started_takes_anybody(bot, admin, four_eyes):
    version = make_version(bot)
    make_report(version)

    assert promoted(version, admin).trained_by is None


def insert(version, by, **fields):
    """A decision by SQL that claims what it likes."""
    report = version.reports.first()
    row = {
        "bot_id": version.bot_id, "version_id": version.pk, "report_id": report.pk,
        "verdict": "promote", "reason": "because", "override_reason": "", "by_id": by.pk,
        "report_sha256": report.sha256, "artifact_sha256": version.sha256, "four_eyes": False,
        "trained_by_id": None,
    } | fields  # fmt: skip
    columns, values = ", ".join(row), ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO training_decision ({columns}, created_at) "
            f"VALUES ({values}, now()) RETURNING id",
            list(row.values()),
        )
        return cursor.fetchone()[0]


def test_sql_cannot_promote_what_one_trained(version, engineer, admin, four_eyes):
    with pytest.raises(IntegrityError, match="nobody_promotes_what_they_trained_under_four_eyes"):
        insert(version, engineer, four_eyes=False, trained_by_id=admin.pk)

    insert(version, admin)


def test_the_orm_cannot_either(version, engineer, four_eyes):
    report = version.reports.get()
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        Decision.objects.create(
            bot=version.bot, version=version, report=report, verdict="promote", reason="because",
            by=engineer, report_sha256=report.sha256, artifact_sha256=version.sha256,
        )  # fmt: skip


@pytest.mark.parametrize("field", ["report_sha256", "artifact_sha256"])
def test_sql_cannot_bind_to_another_hash(version, admin, field):
    with pytest.raises(IntegrityError, match="hashes of its report and artifact"):
        insert(version, admin, **{field: "f" * 64})


def test_sql_cannot_promote_what_is_blocked_without_a_reason(bot, admin):
    version = make_version(bot)
    make_report(version, passes=False)

    with pytest.raises(IntegrityError, match="hashes of its report and artifact"):
        insert(version, admin)


def test_sql_cannot_put_live_what_nobody_promoted(version, admin):
    decision = insert(version, admin, verdict="reject")

    for claimed in (decision, None):
        with pytest.raises(IntegrityError, match="was promoted"), transaction.atomic():
            Deployment.objects.create(
                bot=version.bot, champion=version, by=admin, reason="now", decision_id=claimed
            )


def test_nobody_edits_a_decision_a_report_or_what_was_live(version, admin):
    promoted(version, admin)
    edits = (
        (Decision, {"reason": "another"}),
        (EvaluationReport, {"passes": False}),
        (Deployment, {"reason": "another"}),
    )
    for of, change in edits:
        with pytest.raises(IntegrityError), transaction.atomic():
            of.objects.update(**change)


@pytest.mark.parametrize("how", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["evaluationreport", "decision", "deployment"])
def test_nobody_deletes_what_was_decided_and_why(version, admin, table, how):
    promoted(version, admin)
    connection.check_constraints()  # a table is not emptied before that

    with pytest.raises(IntegrityError, match="kept for good"), transaction.atomic():
        connection.cursor().execute(how.format(f"training_{table}"))


def test_a_reports_hash_is_that_of_its_content(version):
    with pytest.raises(IntegrityError, match="report_hash_is_that_of_its_content"):
        EvaluationReport.objects.create(
            bot=version.bot, version=version, dataset=version.run.dataset, rows=1, looks=1,
            outcome="better", passes=True, headline="x", content="{}", sha256="0" * 64,
        )  # fmt: skip


def test_one_deployment_of_a_bot_is_live(second, admin):
    decision = insert(second, admin)

    with pytest.raises(IntegrityError, match="one_live_deployment_per_bot"), transaction.atomic():
        Deployment.objects.create(
            bot=second.bot, champion=second, by=admin, reason="too", decision_id=decision
        )


# ── back ──────────────────────────────────────────────────────────────────────────────


def test_rolling_back_lets_the_one_before_answer(bot, second, admin, version):
    promoted(second, admin)
    live = deploying.live(bot)

    back = deploying.roll_back(bot, by=admin, reason="It harms.", deployment_id=live.pk)

    assert (back.champion, back.previous, back.is_rollback) == (version, second, True)
    assert Deployment.objects.of(bot).count() == 3


def test_nothing_before_is_nothing_to_go_back_to(bot, version, admin):
    promoted(version, admin)

    with pytest.raises(deploying.NothingToGoBackTo):
        deploying.roll_back(bot, by=admin, reason="?", deployment_id=deploying.live(bot).pk)


def test_what_was_rolled_back_does_not_come_back_by_rolling_back(bot, second, admin):
    promoted(second, admin)
    deploying.roll_back(bot, by=admin, reason="It harms.", deployment_id=deploying.live(bot).pk)

    with pytest.raises(deploying.NothingToGoBackTo):
        deploying.roll_back(bot, by=admin, reason="?", deployment_id=deploying.live(bot).pk)


def test_two_who_roll_back_at_once_roll_back_once(bot, second, admin, version):
    promoted(second, admin)
    live = deploying.live(bot)
    deploying.roll_back(bot, by=admin, reason="It harms.", deployment_id=live.pk)

    with pytest.raises(deploying.SomebodyWasFaster):
        deploying.roll_back(bot, by=admin, reason="It harms.", deployment_id=live.pk)
    assert deploying.champion_of(bot) == version


def test_each_bot_has_its_own_live_version(version, admin, other_bot):
    promoted(version, admin)
    other = make_version(other_bot, content=b"of another bot")
    make_report(other)
    oskar = make_member(other_bot, "admin")

    promoted(other, oskar)

    assert Deployment.objects.live().count() == 2
    assert DecisionSettings.objects.count() == 0


# ── what leads ────────────────────────────────────────────────────────────────────────


def test_the_newest_version_leads_unless_somebody_rejected_it(bot, version, admin):
    newer = make_version(bot, content=b"newer")
    make_report(newer)
    leading = [deploying.leading_version(bot)]

    deciding.reject(newer, by=admin, seen=seen(newer), reason="Worse.")

    assert [*leading, deploying.leading_version(bot)] == [newer, version]


def test_what_was_rolled_back_does_not_lead(bot, second, version, admin):
    promoted(second, admin)
    assert deploying.leading_version(bot) == second

    deploying.roll_back(bot, by=admin, reason="Worse.", deployment_id=deploying.live(bot).pk)

    assert deploying.leading_version(bot) == version


def test_what_is_made_after_a_rollback_leads(bot, second, version, admin):
    promoted(second, admin)
    deploying.roll_back(bot, by=admin, reason="Worse.", deployment_id=deploying.live(bot).pk)

    third = make_version(bot, content=b"third")

    assert deploying.leading_version(bot) == third
