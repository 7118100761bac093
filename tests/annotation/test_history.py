"""What histories keep: every way of writing, and who it was"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from annotation.models import (
    Annotation,
    AnnotationEvent,
    GoldLabel,
    GoldLabelEvent,
    Intent,
    IntentEvent,
)
from ingest import leaving
from jobs import work
from jobs.kinds import KINDS, kind
from jobs.models import Job
from tests.factories import make_gold, make_intent, make_item


def labels(row):
    return list(row.history.order_by("pgh_id").values_list("pgh_label", flat=True))


@pytest.fixture
def gold(bot, annotator):
    return [make_gold(make_item(bot, f"text {n}").turn, annotator) for n in range(3)]


def test_a_bulk_update_through_the_orm_is_in_the_history(gold):
    GoldLabel.objects.update(withdrawn_at=timezone.now())

    assert [labels(each) for each in gold] == [["insert", "update"]] * 3


def test_a_bulk_insert_is_in_the_history(bot):
    made = Intent.objects.bulk_create(Intent(bot=bot, name=f"i{n}") for n in range(3))

    assert [labels(each) for each in made] == [["insert"]] * 3


def test_an_update_by_sql_is_in_the_history(bot, gold):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotation_goldlabel SET verdict = 'unusable' WHERE id = %s",
                       [gold[0].pk])  # fmt: skip
        cursor.execute("DELETE FROM annotation_goldlabel WHERE id = %s", [gold[1].pk])

    assert gold[0].history.order_by("pgh_id").last().verdict == "unusable"
    assert labels(gold[1]) == ["insert", "delete"]


def test_an_update_that_changes_nothing_is_not_in_the_history(gold):
    GoldLabel.objects.update(verdict="oos", seconds=3)

    assert labels(gold[0]) == ["insert"]


def test_roles_and_accounts_have_a_history(as_admin, admin, annotator):
    member = annotator.memberships.get()
    as_admin.post(f"/settings/members/{member.pk}/role/", {"role": "reviewer"})
    User.objects.filter(pk=annotator.pk).update(is_active=False)

    changed = member.history.order_by("pgh_id").last()
    assert (changed.pgh_label, changed.role) == ("update", "reviewer")
    assert changed.pgh_context.metadata["by"] == admin.pk
    assert annotator.history.order_by("pgh_id").last().is_active is False


def test_an_answer_is_remembered_with_who_gave_it_and_the_request(as_annotator, annotator, bot):
    item = make_item(bot, holder=annotator, held_until=timezone.now() + timedelta(minutes=9))
    intent = make_intent(bot)
    response = as_annotator.post(
        f"/review/items/{item.pk}/answer/",
        {"submission": uuid4(), "choice": f"i:{intent.pk}", "seconds": "2"},
    )

    assert response.status_code < 400
    for event in (AnnotationEvent.objects.get(), GoldLabelEvent.objects.get()):
        assert event.intent == intent
        who = {"by": annotator.pk, "request": response["X-Request-ID"]}
        assert event.pgh_context.metadata == who


def test_a_job_is_remembered_by_its_number(bot, admin):
    made_up = kind("makes_one", title="Make one")
    made_up(lambda task: make_intent(bot, "made_by_a_job"))
    job = Job.objects.create(kind="makes_one", bot=bot, created_by=admin)

    work.run(job.pk)
    del KINDS["makes_one"]

    event = IntentEvent.objects.get(name="made_by_a_job")
    assert event.pgh_context.metadata == {"by": admin.pk, "job": job.pk}


@pytest.mark.parametrize("statement", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"])
def test_a_history_is_never_edited(gold, statement):
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(statement.format(GoldLabelEvent._meta.db_table))


def test_a_history_holds_no_text_and_outlives_what_is_erased(bot, annotator):
    item = make_item(bot, "a secret of mine")
    gold = make_gold(item.turn, annotator)
    Annotation.objects.update(note="she said a secret", better_answer="a secret too")
    leaving.delete_conversations(bot, [item.conversation_id])

    assert not GoldLabel.objects.exists()
    assert list(
        GoldLabelEvent.objects.filter(pgh_obj=gold.pk).order_by("pgh_id")
        .values_list("pgh_label", flat=True)
    ) == ["insert", "delete"]  # fmt: skip
    with connection.cursor() as cursor:
        for model in (AnnotationEvent, GoldLabelEvent):
            cursor.execute(f"SELECT string_agg(event::text, '') FROM {model._meta.db_table} event")
            assert "secret" not in cursor.fetchone()[0]
