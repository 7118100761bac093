"""/admin/: what auditors see, and that nobody changes anything there"""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from accounts.security_log import record
from annotation.models import GoldLabel, Intent
from annotation.refactoring import splitting
from learnloop.admin_site import MOST_COUNTED
from serving.models import ArtifactTrouble, Prediction
from tests.annotation.giving import give
from tests.factories import (
    PASSWORD,
    make_entity_type,
    make_gold,
    make_intent,
    make_item,
    make_key,
    make_review_settings,
    make_secret,
    make_user,
)
from tests.replay.played import make_replay
from tests.roles import logged_in
from tests.training.judged import make_full_report, make_version
from training import configuring, deciding, golden
from training.models import Decision

SECRET_WORDS = "my neighbour stole my card"


@pytest.fixture
def artifacts_folder(settings, tmp_path):
    """Artifacts of its own for each test."""
    artifacts = settings.STORAGES["artifacts"] | {"OPTIONS": {"location": tmp_path / "artifacts"}}
    settings.STORAGES = settings.STORAGES | {"artifacts": artifacts}


@pytest.fixture
def auditor(db):
    return make_user("ida", is_staff=True)


@pytest.fixture
def as_auditor(auditor):
    return logged_in(auditor)


@pytest.fixture
def a_house(bot, admin, annotator, operator, artifacts_folder):
    """A row at least of most of what is shown."""
    make_key(bot, by=admin)
    make_secret(bot, by=admin)
    make_entity_type(bot, by=admin)
    make_review_settings(bot)
    gold = make_gold(make_item(bot, SECRET_WORDS).turn, annotator, intent=make_intent(bot))
    version = make_version(bot)
    report = make_full_report(version)
    seen = deciding.Seen(report.sha256, version.sha256)
    deciding.promote(version, by=admin, seen=seen, reason="Better.", override_reason="Because.")
    deciding.change_settings(bot, by=admin, four_eyes=True)
    golden.keep(bot, by=admin, kind="exact", texts=[SECRET_WORDS])
    configuring.change_training(bot, by=admin, encoder="use", budget=300)
    make_replay(bot)
    an_answer(version, conversation_name=SECRET_WORDS, waiting={"text": SECRET_WORDS})
    ArtifactTrouble.objects.create(bot=bot, version=version, sentence="It does not verify.")
    give(make_item(bot), annotator, verdict="unsure", note=SECRET_WORDS)
    splitting.draft(gold.intent, "another", by=admin)
    connection.check_constraints()
    return gold


def an_answer(version, **fields):
    return Prediction.objects.create(
        id=uuid4(), bot=version.bot, conversation=uuid4(), version=version, arm="champion",
        at=timezone.now(), digest=uuid4(), intent="card_lost", confidence=0.9, **fields,
    )  # fmt: skip


def shown():
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def address(model, what="changelist", **kwargs):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}"
    return reverse(name, kwargs=kwargs)


def pages_of(model):
    """Its list, searched and filtered in every way, and a row."""
    here, of = address(model), admin.site._registry[model]
    yield here
    yield f"{here}?q=1"
    yield f"{here}?q=nothing+like+that"
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        yield address(model, "change", object_id=row.pk)
        yield f"{here}?q={row.pk}"
    for choice in of.list_filter:
        name = choice if isinstance(choice, str) else getattr(choice, "parameter_name", choice)
        yield from (f"{here}?{query}" for query in queries(name))


def queries(name):
    if name == "what":
        return ["what=update", "what=nonsense"]
    if name == "bot":
        return ["bot__id__exact=1"]
    if isinstance(name, tuple):
        field, kind = name
        if kind is admin.EmptyFieldListFilter:
            return [f"{field}__isempty=1"]
        return [f"{field}__gte=2026-01-01+00%3A00%3A00%2B00%3A00"]
    return [f"{name}__exact=1"]


def test_an_auditor_reads_every_list_every_row_and_every_filter(a_house, as_auditor):
    for page in (page for model in shown() for page in pages_of(model)):
        response = as_auditor.get(page)

        assert response.status_code == 200, page
        text = response.content.decode()
        assert SECRET_WORDS not in text, page
        assert "<script" not in text.split("<body")[1], page
        assert " style=" not in text, page


def test_nothing_can_be_changed_by_any_request(a_house, as_operator):
    sent = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
    for model in shown():
        pages = [address(model), f"{address(model)}add/"]
        if (row := model._default_manager.order_by("pk").first()) is not None:
            here = address(model, "change", object_id=row.pk)
            pages += [here, f"{here}delete/", f"{here}history/"]
        before = model._default_manager.count()

        for page in pages:
            assert as_operator.post(page, sent).status_code == 405, page
            assert as_operator.delete(page).status_code == 405, page
        assert model._default_manager.count() == before


def test_each_room_has_a_page_and_what_is_none_is_not_found(as_auditor):
    assert "Audit entries" in as_auditor.get("/admin/accounts/").content.decode()
    assert as_auditor.get("/admin/otp_totp/").status_code == 404


def test_others_are_refused_whatever_their_role(request, bot, other_bot):
    for person in ("annotator", "reviewer", "engineer", "admin", "other_admin"):
        client = logged_in(request.getfixturevalue(person))

        assert "Audit" not in client.get("/").content.decode()
        for page in ("/admin/", "/admin/accounts/", *map(address, shown())):
            response = client.get(page)
            assert response.status_code == 403, (person, page)
            assert "An operator of this install makes somebody an auditor" in (
                response.content.decode()
            )


def test_who_is_not_logged_in_is_sent_to_the_login(anonymous):
    response = anonymous.get("/admin/accounts/auditentry/")

    assert response["Location"] == "/login/?next=/admin/accounts/auditentry/"


def test_an_auditor_without_a_second_factor_sets_one_up_first(as_auditor, settings):
    settings.ADMINS_NEED_SECOND_FACTOR = True

    assert as_auditor.get("/admin/")["Location"].startswith("/account/second-factor/")


def test_a_closed_account_sees_nothing(auditor, as_auditor):
    type(auditor).objects.filter(pk=auditor.pk).update(is_active=False)

    assert as_auditor.get("/admin/").status_code == 302


def test_an_auditor_sees_nothing_else_of_a_bot(as_auditor, bot):
    assert as_auditor.get("/review/").status_code in (302, 403)
    assert as_auditor.get("/settings/members/").status_code in (302, 403)


def test_what_libraries_register_is_not_shown():
    """Django's own, and secrets of second factors."""
    assert {model._meta.app_label for model in shown()} == {
        *("accounts", "annotation", "ingest", "jobs", "replay", "serving", "training")
    }


def test_no_secret_is_on_any_page(a_house, as_auditor, bot, admin):
    key = make_key(bot, by=admin, name="x").key
    secret = make_secret(bot, by=admin).secret

    for row in (key, secret, admin, bot):
        page = as_auditor.get(address(type(row), "change", object_id=row.pk)).content.decode()
        for kept in (key.digest, secret.sealed, admin.password, PASSWORD):
            assert kept not in page


def test_a_row_shows_its_history_with_who_changed_it(as_admin, admin, annotator, as_auditor):
    member = annotator.memberships.get()
    as_admin.post(f"/settings/members/{member.pk}/role/", {"role": "reviewer"})

    page = as_auditor.get(address(Membership, "change", object_id=member.pk)).content.decode()

    assert "History" in page
    assert f"person {admin.pk}, request" in page
    assert page.count("reviewer") > 0


def test_self_approval_fails_through_the_admin_too(bot, engineer, admin, artifacts_folder):
    """The page of issue: form, API, admin and SQL. Here there is nothing to send a form to."""
    version = make_version(bot)
    engineer.is_staff = True
    engineer.save()

    for page in (address(Decision), f"{address(Decision)}add/"):
        sent = {"version": version.pk, "verdict": "promote", "by": engineer.pk, "reason": "Mine."}
        assert logged_in(engineer).post(page, sent).status_code == 405
    assert not Decision.objects.exists()


def test_a_list_costs_the_same_however_many_rows_there_are(bot, as_auditor, annotator):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert as_auditor.get(address(GoldLabel)).status_code == 200
        return len(asked)

    make_gold(make_item(bot).turn, annotator, intent=make_intent(bot))
    few = cost()
    for _ in range(20):
        make_gold(make_item(bot).turn, annotator, intent=make_intent(bot))

    assert cost() == few <= 7


def test_millions_are_not_counted(bot, as_auditor, monkeypatch):
    monkeypatch.setattr("learnloop.admin_site.MOST_COUNTED", 5)
    Intent.objects.bulk_create(Intent(bot=bot, name=f"i{n}") for n in range(60))

    with CaptureQueriesContext(connection) as asked:
        as_auditor.get(address(Intent))

    counting = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert all("LIMIT 6" in sql for sql in counting)
    assert MOST_COUNTED == 10_000


def test_a_number_that_no_row_can_have_is_searched_for_and_not_found(as_auditor, db):
    record("key_issued")

    page = as_auditor.get(f"{address(AuditEntry)}?q={10**30}")

    assert page.status_code == 200
    assert "No row is like that" in page.content.decode()
    assert as_auditor.get(address(AuditEntry, "change", object_id=10**30)).status_code == 302


def test_a_browser_without_a_session_gets_no_row(a_house):
    client = Client()
    for model in shown():
        assert client.get(address(model)).status_code == 302
