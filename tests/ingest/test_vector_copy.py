"""The copy of a bot's vectors that readers map into memory."""

import json
import threading

import numpy as np
import pytest
from django.db import connection

from ingest import vector_copy
from ingest.embedding import embed_waiting, encoder_of
from ingest.models import IntakeSettings, Text, TextVector
from ingest.vector_copy import delete_copies, open_copy
from tests.ingest.texts import say


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def encoder(bot):
    return encoder_of(bot)


def folder_of(data, bot, encoder):
    return data / "vectors" / encoder.version / str(bot.pk)


def embed(bot, *texts):
    say(bot, *texts)
    embed_waiting(bot)


def holds_the_table(copy, bot):
    rows = TextVector.objects.filter(bot=bot).order_by("id")
    assert [bytes(id) for id in copy.ids] == [row.text_id.bytes for row in rows]
    assert [vector.tobytes() for vector in copy.vectors] == [bytes(row.vector) for row in rows]
    return True


def build_of(folder):
    return json.loads((folder / "copy.json").read_text())["build"]


def delete_a_vector(bot):
    """As an erasure does."""
    TextVector.objects.order_by("id").first().delete()
    IntakeSettings.objects.update_or_create(bot=bot, defaults={"vector_generation": 1})


def test_a_copy_holds_what_the_table_holds(bot, encoder):
    embed(bot, "one", "two", "three")

    copy = open_copy(bot, encoder)

    assert copy.vectors.shape == (3, encoder.dimensions)
    assert copy.vectors.dtype == np.dtype("<f2")
    assert holds_the_table(copy, bot)


def test_a_bot_without_vectors_has_an_empty_copy(bot, encoder):
    copy = open_copy(bot, encoder)

    assert copy.ids.shape == (0,)
    assert copy.vectors.shape == (0, encoder.dimensions)


def test_the_first_vectors_after_an_empty_copy_are_seen(bot, encoder):
    open_copy(bot, encoder)
    embed(bot, "one")

    assert holds_the_table(open_copy(bot, encoder), bot)


def test_new_vectors_are_appended(bot, encoder, data, monkeypatch):
    monkeypatch.setattr(vector_copy, "CHUNK", 2)
    embed(bot, "one", "two", "three")
    open_copy(bot, encoder)
    build = build_of(folder_of(data, bot, encoder))
    embed(bot, "four", "five", "six", "seven")

    copy = open_copy(bot, encoder)

    assert holds_the_table(copy, bot)
    assert build_of(folder_of(data, bot, encoder)) == build


def test_vectors_of_another_bot_and_another_encoder_are_not_in_it(bot, other_bot, encoder):
    embed(bot, "one", "two")
    embed(other_bot, "three")
    TextVector.objects.filter(text__text="two").update(encoder="old-1.0")

    copy = open_copy(bot, encoder)

    assert len(copy.ids) == 1


def test_a_copy_cannot_be_written_through(bot, encoder):
    embed(bot, "one")

    with pytest.raises(ValueError, match="read-only"):
        open_copy(bot, encoder).vectors[0] = 0


def test_after_a_deletion_the_copy_is_made_anew(bot, encoder):
    embed(bot, "one", "two", "three")
    open_copy(bot, encoder)

    delete_a_vector(bot)

    assert holds_the_table(open_copy(bot, encoder), bot)


def test_who_reads_an_old_copy_goes_on_unharmed(bot, encoder, data):
    embed(bot, "one", "two", "three")
    old = open_copy(bot, encoder)
    before = old.vectors.tobytes()
    delete_a_vector(bot)

    open_copy(bot, encoder)

    assert old.vectors.tobytes() == before
    assert len(list(folder_of(data, bot, encoder).glob("*.vectors"))) == 1


def test_a_restored_backup_is_noticed_by_its_last_row(bot, encoder):
    embed(bot, "one", "two")
    open_copy(bot, encoder)
    last = TextVector.objects.latest("id").pk
    TextVector.objects.all().delete()
    Text.objects.all().delete()
    say(bot, "three")
    text = Text.objects.get()
    TextVector.objects.create(
        id=last, bot=bot, text=text, encoder=encoder.version, vector=b"\0" * 1024
    )

    assert holds_the_table(open_copy(bot, encoder), bot)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "copy.json").unlink(),
        lambda folder: (folder / "copy.json").write_text("{"),
        lambda folder: (folder / "copy.json").write_text('{"rows": 2}'),
        lambda folder: next(folder.glob("*.ids")).unlink(),
        lambda folder: next(folder.glob("*.vectors")).unlink(),
        lambda folder: next(folder.glob("*.vectors")).write_bytes(b"short"),
        lambda folder: next(folder.glob("*.ids")).write_bytes(b"another id" * 9),
        lambda folder: [path.unlink() for path in folder.iterdir()],
    ],
)
def test_what_is_missing_or_damaged_is_made_anew(bot, encoder, data, damage):
    embed(bot, "one", "two")
    open_copy(bot, encoder)

    damage(folder_of(data, bot, encoder))

    assert holds_the_table(open_copy(bot, encoder), bot)


@pytest.mark.parametrize("half_written", [b"", b"x", b"x" * 5000])
def test_what_somebody_left_half_written_is_overwritten(bot, encoder, data, half_written):
    embed(bot, "one", "two")
    open_copy(bot, encoder)
    for path in folder_of(data, bot, encoder).glob("*.*s"):
        with path.open("ab") as file:
            file.write(half_written)
    embed(bot, "three")

    assert holds_the_table(open_copy(bot, encoder), bot)


def test_a_process_that_dies_before_the_last_step_leaves_a_readable_copy(bot, encoder, monkeypatch):
    embed(bot, "one", "two")
    open_copy(bot, encoder)
    embed(bot, "three")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(vector_copy.State, "write", die)
        open_copy(bot, encoder)

    assert holds_the_table(open_copy(bot, encoder), bot)


def test_vectors_of_another_length_stop_the_work(bot, encoder):
    embed(bot, "one", "two")
    TextVector.objects.filter(text__text="two").update(vector=b"\0\0")

    with pytest.raises(ValueError, match="differ in length"):
        open_copy(bot, encoder)


def test_deleted_copies_are_gone_from_this_machine_and_come_back(bot, encoder, data):
    embed(bot, "one")
    open_copy(bot, encoder)

    delete_copies(bot)

    left = [path.name for path in folder_of(data, bot, encoder).iterdir()]
    assert left == ["lock"]
    assert holds_the_table(open_copy(bot, encoder), bot)


def test_nothing_to_delete(bot):
    delete_copies(bot)


@pytest.mark.django_db(transaction=True)
def test_two_who_open_at_once_get_the_same(bot, encoder):
    embed(bot, *(f"text {n}" for n in range(50)))
    opened = []

    def open_it():
        opened.append(open_copy(bot, encoder))
        connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(opened) == 4
    assert all(holds_the_table(copy, bot) for copy in opened)
