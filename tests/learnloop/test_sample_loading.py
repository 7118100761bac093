"""learnloop/sample/loading.py"""

from datetime import UTC, datetime

from accounts.models import Bot
from annotation.models import EntityType, Intent
from ingest.models import Conversation, IncomingEvent, Turn
from learnloop.sample import loading
from learnloop.sample.slots import ENTITY_TYPES
from tests.factories import make_bot

NOW = datetime(2026, 5, 9, 12, tzinfo=UTC)


def test_a_new_install_gets_the_sample_bank(db):
    count = loading.load(now=NOW)

    assert count == IncomingEvent.objects.count() > 1000
    assert Conversation.objects.count() >= 300
    assert Bot.objects.get().slug == "sample-bank"


def test_it_has_the_words_that_its_turns_are_about(db):
    loading.load(now=NOW)

    intents = {intent.name: intent for intent in Intent.objects.prefetch_related("examples")}
    guessed = set(Turn.objects.exclude(intent="").values_list("intent", flat=True))
    assert guessed - set(intents) <= {"out_of_scope"}
    assert all(intent.guideline and intent.examples.all() for intent in intents.values())
    assert set(EntityType.objects.values_list("name", flat=True)) == set(ENTITY_TYPES.values())


def test_an_install_with_a_bot_is_left_alone(db):
    make_bot()

    assert loading.load(now=NOW) == 0
    assert not Conversation.objects.exists()
