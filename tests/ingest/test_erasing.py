"""/settings/erasure/ and ./loop erase_end_user"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from ingest import erasing, leaving, receiving
from ingest.models import (
    Conversation,
    Feedback,
    IncomingEvent,
    IntakeSettings,
    Text,
    TextVector,
    Tombstone,
    Turn,
)
from ingest.preparing import prepare
from ingest.reading import read_event
from ingest.senders import keeper_of
from jobs.models import Job
from tests.ingest.sending import an_event, send

PAGE = "/settings/erasure/"


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def talked(anonymous, secret):
    """Carla and Dan said the same; Carla said something more, and complained."""
    events = [
        an_event(conversation_id="c-1", user_id="carla", user_input="where is my card"),
        an_event(conversation_id="c-1", user_id="carla", user_input="only carla says this"),
        an_event(conversation_id="c-1", kind="feedback", feedback={"thumb": "down"}),
        an_event(conversation_id="c-2", user_id="dan", user_input="where is my card"),
    ]
    assert send(anonymous, {"events": events}, secret=secret).status_code == 202


def said():
    return sorted(Text.objects.values_list("text", flat=True))


def test_everything_of_the_end_user_is_deleted_and_nothing_of_others(talked, bot):
    text = Text.objects.get(text="only carla says this")
    TextVector.objects.create(bot=bot, text=text, encoder="use", vector=b"12")

    erasing.erase(erasing.bury(bot, "carla", by=None))

    assert [each.name for each in Conversation.objects.all()] == ["c-2"]
    assert (Turn.objects.count(), IncomingEvent.objects.count()) == (1, 1)
    assert not Feedback.objects.exists()
    assert not TextVector.objects.exists()
    assert said() == ["where is my card"]
    assert IntakeSettings.objects.get(bot=bot).vector_generation == 1


def test_what_they_said_before_stays_out(talked, bot, anonymous, secret):
    erasing.erase(erasing.bury(bot, "carla", by=None))
    before = (timezone.now() - timedelta(minutes=1)).isoformat()
    late = [
        an_event(conversation_id="c-9", user_id="carla", timestamp=before),
        an_event(conversation_id="c-1", user_input="without a name", timestamp=before),
    ]

    response = send(anonymous, {"events": late}, secret=secret)

    assert response.status_code == 202
    assert [each.name for each in Conversation.objects.all()] == ["c-2"]


def test_one_of_very_many_in_a_conversation_is_found(bot, anonymous, secret):
    events = [an_event(conversation_id="group", user_id=f"member-{n}") for n in range(40)]
    send(anonymous, {"events": events}, secret=secret)

    found = [erasing.conversations_of(bot, f"member-{n}") for n in range(40)]

    assert found == [1] * 40


def test_who_comes_back_is_taken_in_again(talked, bot, anonymous, secret):
    erasing.erase(erasing.bury(bot, "carla", by=None))
    later = (timezone.now() + timedelta(minutes=1)).isoformat()

    send(
        anonymous, an_event(conversation_id="c-9", user_id="carla", timestamp=later), secret=secret
    )

    assert Conversation.objects.filter(name="c-9").exists()


def test_a_restored_backup_is_erased_again(talked, bot, anonymous, secret):
    erasing.bury(bot, "carla", by=None)
    Tombstone.objects.all().delete()  # a backup from before knows of no tombstone

    count = erasing.erase_again()

    assert count == 1
    assert [each.name for each in Conversation.objects.all()] == ["c-2"]
    assert erasing.erase_again() == 0


def test_the_tombstone_does_not_say_who_it_was(talked, bot):
    erasing.bury(bot, "carla", by=None)

    folder = f"{erasing.FOLDER}/{bot.pk}"
    [name] = default_storage.listdir(folder)[1]
    with default_storage.open(f"{folder}/{name}") as file:
        content = file.read()
    assert b"carla" not in content
    assert "carla" not in name


def test_a_room_that_registered_lets_go_in_the_same_transaction(talked, bot, monkeypatch):
    asked = []
    monkeypatch.setattr(leaving, "REGISTRY", [])

    @leaving.lets_go
    def forget(bot, conversations):
        asked.extend(conversations)
        assert connection.in_atomic_block
        assert Turn.objects.filter(conversation__in=conversations).exists()

    erasing.erase(erasing.bury(bot, "carla", by=None))

    assert len(asked) == 1


def test_the_page_says_how_much_would_go(as_admin, talked):
    page = as_admin.post(PAGE, {"user_id": "carla"}).content.decode()

    assert "<strong>1</strong> conversation will be deleted whole" in page
    assert Conversation.objects.count() == 2


def test_the_page_asks_for_the_job_that_deletes(as_admin, talked, bot, admin):
    response = as_admin.post(f"{PAGE}erase/", {"user_id": "carla"}, follow=True)

    job = Job.objects.get(kind=erasing.ERASE)
    assert (job.bot, job.created_by) == (bot, admin)
    assert job.object_id == Tombstone.objects.get().pk
    assert "is being deleted" in response.content.decode()


def test_an_unknown_end_user_is_said_to_be_unknown(as_admin, talked):
    page = as_admin.post(PAGE, {"user_id": "nobody"}).content.decode()

    assert "Nothing is stored of them." in page


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}erase/"])
def test_an_empty_name_brings_the_form_again(as_admin, talked, address):
    response = as_admin.post(address, {"user_id": ""})

    assert response.status_code == 422
    assert not Tombstone.objects.exists()


def test_a_reviewer_may_not_erase(as_reviewer, talked):
    assert as_reviewer.post(f"{PAGE}erase/", {"user_id": "carla"}).status_code == 403
    assert not Tombstone.objects.exists()


def test_an_admin_of_another_bot_erases_nobody_here(as_other_admin, talked):
    as_other_admin.post(f"{PAGE}erase/", {"user_id": "carla"})

    assert not Conversation.objects.filter(bot__slug="bank-bot", users=[]).exists()
    assert Conversation.objects.count() == 2


def test_the_command_erases_at_once(talked):
    out = StringIO()

    call_command("erase_end_user", "carla", bot="bank-bot", stdout=out)

    assert "1 conversations were deleted" in out.getvalue()
    assert Conversation.objects.count() == 1


def test_the_command_names_a_bot_that_is_not_there(db):
    with pytest.raises(CommandError, match="There is no bot called nosuch"):
        call_command("erase_end_user", "carla", bot="nosuch")


def test_what_a_bot_with_a_fast_clock_sent_is_erased_too(bot, anonymous, secret):
    ahead = (timezone.now() + timedelta(hours=5)).isoformat()
    send(anonymous, an_event(user_id="carla", timestamp=ahead), secret=secret)

    erasing.erase(erasing.bury(bot, "carla", by=None))
    late = send(anonymous, an_event(user_id="carla", timestamp=ahead), secret=secret)

    assert late.status_code == 202
    assert not Conversation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_events_that_are_being_stored_while_somebody_is_erased_do_not_stay(bot):
    stored, may_commit = Event(), Event()
    keeper = keeper_of(bot)
    event = prepare(
        read_event(an_event(user_id="carla")), name="e", sent_at=timezone.now(), keeper=keeper
    )

    def store():
        try:
            with transaction.atomic():
                receiving.store([event], keeper=keeper)
                stored.set()
                assert may_commit.wait(20)
        finally:
            connection.close()

    def erase():
        try:
            erasing.erase(erasing.bury(bot, "carla", by=None))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        storing = threads.submit(store)
        assert stored.wait(20)
        erasure = threads.submit(erase)
        while not waiting_for_a_lock():
            assert not erasure.done()
        may_commit.set()
        storing.result(20)
        erasure.result(20)

    assert not Conversation.objects.exists()


def waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return cursor.fetchone()[0] > 0
