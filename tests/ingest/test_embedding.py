"""Vectors for the texts that wait for one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from django.db import connection, transaction

from ingest import embedding
from ingest.embedding import embed_waiting, encode_anew, encoder_of
from ingest.models import IntakeSettings, Text, TextVector
from tests.ingest.texts import id_of, say

SAID = ("Where is my card?", "I want to fly to Rome", "👍")


class Interrupted(Exception):
    pass


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(embedding, "BATCH", 2)


def test_every_waiting_text_gets_a_vector(bot):
    say(bot, *SAID)

    assert embed_waiting(bot) == 3

    assert not Text.objects.filter(encoded_by="").exists()
    assert set(TextVector.objects.values_list("encoder", flat=True)) == {encoder_of(bot).version}
    assert TextVector.objects.count() == 3


def test_a_stored_vector_is_what_the_encoder_says_of_its_text(bot, small_batches):
    say(bot, *SAID)

    embed_waiting(bot)

    for row in TextVector.objects.select_related("text"):
        vector = np.frombuffer(row.vector, "<f2")
        expected = encoder_of(bot).encode([row.text.text])[0]
        assert np.allclose(vector, expected, atol=1e-3)


def test_running_twice_changes_nothing(bot):
    say(bot, *SAID)
    embed_waiting(bot)
    before = list(TextVector.objects.order_by("id").values())

    assert embed_waiting(bot) == 0

    assert list(TextVector.objects.order_by("id").values()) == before


def test_a_text_that_has_its_vector_already_gets_no_second_one(bot):
    say(bot, "hello")
    embed_waiting(bot)
    Text.objects.update(encoded_by="")

    embed_waiting(bot)

    assert TextVector.objects.count() == 1
    assert Text.objects.get().encoded_by == encoder_of(bot).version


def test_texts_of_another_bot_go_on_waiting(bot, other_bot):
    say(bot, "hello")
    say(other_bot, "hello")

    embed_waiting(bot)

    assert Text.objects.get(bot=other_bot).encoded_by == ""
    assert not TextVector.objects.filter(bot=other_bot).exists()


def test_a_text_that_is_deleted_meanwhile_gets_no_vector(bot):
    say(bot, *SAID)

    @contextmanager
    def after_an_erasure():
        Text.objects.filter(id=id_of(bot, SAID[0])).delete()
        with transaction.atomic():
            yield

    embed_waiting(bot, writing=after_an_erasure)

    assert TextVector.objects.count() == 2
    assert not TextVector.objects.filter(text_id=id_of(bot, SAID[0])).exists()


def test_progress_counts_up_to_all(bot, small_batches):
    say(bot, *SAID)
    told = []

    embed_waiting(bot, on_progress=lambda done, total: told.append((done, total)))

    assert told == [(2, 3), (3, 3)]


def test_what_was_stored_before_an_interruption_stays_and_the_rest_follows(bot, small_batches):
    say(bot, *SAID)

    def interrupt(done, total):
        raise Interrupted

    with pytest.raises(Interrupted):
        embed_waiting(bot, on_progress=interrupt)

    assert TextVector.objects.count() == 2
    assert embed_waiting(bot) == 1


def test_a_batch_that_is_not_kept_waits_again(bot):
    say(bot, *SAID)

    @contextmanager
    def lost():
        with transaction.atomic():
            yield
            raise Interrupted

    with pytest.raises(Interrupted):
        embed_waiting(bot, writing=lost)

    assert not TextVector.objects.exists()
    assert Text.objects.filter(encoded_by="").count() == 3


def test_nothing_waits(bot):
    assert embed_waiting(bot) == 0


def test_texts_wait_again_when_their_vectors_are_another_encoders(bot):
    say(bot, "hello", "goodbye")
    embed_waiting(bot)
    Text.objects.update(encoded_by="old-1.0")
    TextVector.objects.filter(text_id=id_of(bot, "goodbye")).update(encoder="old-1.0")

    assert encode_anew(bot) == 2

    assert Text.objects.get(encoded_by="").text == "goodbye"
    assert embed_waiting(bot) == 1
    assert TextVector.objects.count() == 3


def test_an_unknown_encoder_is_named(bot):
    IntakeSettings.objects.create(bot=bot, encoder="useful")

    with pytest.raises(ValueError, match='no encoder "useful"'):
        embed_waiting(bot)


@pytest.mark.django_db(transaction=True)
def test_two_who_work_at_once_store_each_vector_once(bot, monkeypatch):
    monkeypatch.setattr(embedding, "BATCH", 10)
    say(bot, *(f"text {n}" for n in range(60)))

    def work(_):
        embed_waiting(bot)
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))

    assert TextVector.objects.count() == 60
    assert not Text.objects.filter(encoded_by="").exists()
