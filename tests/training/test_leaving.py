"""training/leaving.py: what goes with conversations that are deleted."""

import pytest
from django.db import connection

from ingest.leaving import delete_conversations
from tests.training.saying import label
from training.freezing import freeze
from training.models import DatasetRow, DatasetVersion
from training.reading import rows_of


@pytest.fixture
def version(bot, annotator, lisbon, lost):
    label(bot, annotator, "erase me please", lost, answer={"better_answer": "Of course, sir"})
    return freeze(bot, by=annotator)


def erase(version, text):
    (row,) = (row for row in rows_of(version, side="train") if row.text == text)
    delete_conversations(version.bot, [row.conversation])


def test_rows_go_and_the_version_says_how_many(version):
    erase(version, "erase me please")

    version.refresh_from_db()
    assert DatasetRow.objects.count() == 2
    assert (version.erased_count, version.train_count) == (1, 3)
    assert "erase me please" not in [row.text for row in rows_of(version, side="train")]


def test_no_table_of_this_room_holds_a_text(version):
    """So nothing of who is erased can stay in one."""
    with connection.cursor() as cursor:
        for table in ("datasetversion", "datasetintent", "datasetrow"):
            cursor.execute(f"SELECT t::text FROM training_{table} t")
            stored = "\n".join(row[0] for row in cursor.fetchall())

            assert "erase" not in stored.replace("erased_count", "")
            assert "sir" not in stored


def test_the_next_version_is_without_them(version, bot, annotator):
    erase(version, "erase me please")

    following = freeze(bot, by=annotator)

    assert (following.number, following.train_count, following.erased_count) == (2, 2, 0)


def test_who_goes_while_git_is_written_is_not_in_the_version_that_is_used(
    bot, annotator, lisbon, monkeypatch
):
    from training import freezing

    version = freeze(bot, by=annotator)
    DatasetVersion.objects.filter(pk=version.pk).update(sealed_at=None)
    erase(version, "it was taken from me")

    again = freezing.freeze(bot, by=annotator)

    assert again.pk == version.pk
    assert again.tree != version.tree


def test_who_goes_between_choosing_and_copying_leaves_no_row(bot, annotator, lisbon, lost):
    gone = label(bot, annotator, "erase me please", lost)

    def erase_once(done, total, message):
        if message.startswith("Looking"):
            delete_conversations(bot, [gone.turn.conversation_id])

    version = freeze(bot, by=annotator, on_progress=erase_once)

    assert (version.train_count, DatasetRow.objects.count()) == (2, 2)
    assert version.manifest["rows"]["train"] == 2
