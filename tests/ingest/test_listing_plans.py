"""The list of conversations is read by its index, wherever in it somebody is."""

import pytest
from django.db import connection

from ingest.finding import Place, Wanted, conversations
from ingest.models import Conversation
from tests.factories import make_bot

MANY = 20_000

FILL = """
    INSERT INTO ingest_conversation (id, bot_id, name, started_at, last_at, channel, language,
        users, intents, turn_count, outcome, side, audit_share, signals, weight, changes)
    SELECT gen_random_uuid(), %s, 'c-' || n, now() - n * interval '1 minute', now(), 'web', 'en',
        '{}', '{}', 1, 'open', 'train', 0.02, '{}', 0, 0
    FROM generate_series(1, %s) n
"""


@pytest.fixture
def busy_bot(db):
    quiet, busy = make_bot(), make_bot()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [quiet.pk, 200])
        cursor.execute(FILL, [busy.pk, MANY])
        cursor.execute("ANALYZE ingest_conversation")
    return busy


def plan_of(bot, wanted):
    return conversations(bot, wanted).newest_first()[:51].explain()


def test_the_first_page(busy_bot):
    plan = plan_of(busy_bot, Wanted())

    assert "conversation_newest_of_bot" in plan
    assert "Sort" not in plan


def test_a_page_far_down_begins_at_its_place(busy_bot):
    far = Conversation.objects.of(busy_bot).newest_first()[MANY - 100]

    plan = plan_of(busy_bot, Wanted(before=Place(far.started_at, far.pk)))

    assert "conversation_newest_of_bot" in plan
    assert "(ROW(started_at, id) <" in plan.split("Index Cond")[1]
    assert "Sort" not in plan
