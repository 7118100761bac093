"""Changes of intents while others answer, or change them too."""

import threading
import time

import pytest
from django.db import connection, transaction

from annotation.answering import IntentGone
from annotation.holding import take
from annotation.models import GoldLabel, IntentChange, ReviewItem
from annotation.refactoring import beginning, moving
from annotation.refactoring.beginning import UnderWay
from tests.annotation.changing import meant, work
from tests.annotation.giving import give, send
from tests.factories import make_intent, make_item, make_review_settings

pytestmark = pytest.mark.django_db(transaction=True)

# In a transaction PostgreSQL would go on saying what it said first.
AFRESH = "SELECT pg_stat_clear_snapshot()"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


class Meanwhile(threading.Thread):
    """Does something on a connection of its own; what came of it, or what it raised."""

    def __init__(self, function):
        super().__init__()
        self._function, self.outcome = function, None
        self.start()

    def run(self):
        try:
            self.outcome = self._function()
        except Exception as error:  # noqa: BLE001  whatever it is, the test asks for it
            self.outcome = error
        finally:
            connection.close()

    def waits(self):
        """Whether it has come to wait for a lock."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(AFRESH)
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    return True
        return False

    def ended(self):
        self.join(60)
        return self.outcome


@pytest.fixture
def gone(bot):
    make_review_settings(bot, second_opinion_percent=0)
    return make_intent(bot, "card_gone")


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


def test_an_answer_given_while_its_label_moves_is_the_label(bot, gone, stolen, annotator, reviewer):
    item, other = make_item(bot, "gone 1"), make_intent(bot, "other")
    give(item, annotator, intent=gone)
    change = beginning.merge(gone, stolen, by=reviewer)
    ReviewItem.objects.update(status="open", ended_at=None)
    take(item.pk, reviewer, bot=bot)

    with transaction.atomic():
        moving.move_labels(change, [GoldLabel.objects.get().pk])
        answering = Meanwhile(lambda: send(item, reviewer, intent=other))
        assert answering.waits()
    answering.ended()

    assert meant(bot) == {"gone 1": "other"}
    assert [each.intent.name for each in GoldLabel.objects.order_by("pk")] == [
        "card_gone", "card_stolen", "other",
    ]  # fmt: skip


def test_who_answers_what_is_being_merged_is_waited_for(bot, gone, stolen, annotator, reviewer):
    item, late = make_item(bot, "gone 1"), make_item(bot, "gone 2")

    with transaction.atomic():
        give(item, annotator, intent=gone)
        merging = Meanwhile(lambda: beginning.merge(gone, stolen, by=reviewer))
        assert merging.waits()
    work(merging.ended())

    assert meant(bot) == {"gone 1": "card_stolen"}
    with pytest.raises(IntentGone):
        give(late, annotator, intent=gone)


def test_of_two_who_change_at_once_one_is_told(bot, gone, stolen, reviewer):
    third = make_intent(bot, "third")

    with transaction.atomic():
        beginning.merge(gone, stolen, by=reviewer)
        second = Meanwhile(lambda: beginning.merge(third, gone, by=reviewer))
        assert second.waits()

    assert isinstance(second.ended(), UnderWay)
    assert IntentChange.objects.count() == 1
