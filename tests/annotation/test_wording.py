"""annotation/wording.py and archiving.py"""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from annotation import archiving, clashes, wording
from annotation.models import EntityType, Intent
from tests.factories import make_entity_type, make_intent

AT_ONCE = 6


def all_at_once(work):
    """What each of AT_ONCE threads got from `work(number)`: its value, or its exception."""
    barrier = Barrier(AT_ONCE)

    def together(number):
        barrier.wait()
        try:
            return work(number)
        except clashes.NotStored as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(together, range(AT_ONCE)))


def test_a_name_is_found_whatever_its_capitals(bot, annotator):
    intent = make_intent(bot, "Card_Lost")

    assert wording.find_or_create_intent(bot, " card_LOST ", by=annotator) == intent


def test_what_is_not_there_is_made(bot, other_bot, annotator):
    make_intent(other_bot, "card_lost")

    made = wording.find_or_create_intent(bot, "card_lost", by=annotator)

    assert made.bot == bot
    assert made.created_by == annotator


def test_what_is_archived_is_neither_found_nor_made(bot, annotator):
    archiving.archive(make_intent(bot, "card_lost"), by=annotator)

    with pytest.raises(clashes.Archived, match="“card_lost” is archived, so it cannot be chosen"):
        wording.find_or_create_intent(bot, "CARD_LOST", by=annotator)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "w" * 121, "\ud800"])
def test_a_name_that_cannot_be_one_is_refused_in_words(name, bot, annotator):
    with pytest.raises(clashes.NotStored, match=r"\.$"):
        wording.find_or_create_intent(bot, name, by=annotator)
    assert not Intent.objects.exists()


def test_capitals_of_every_alphabet_are_compared_as_the_database_does(bot, annotator):
    for name in ("ÜBERWEISUNG", "КАРТА", "ΚΆΡΤΑ"):
        intent = make_intent(bot, name)

        assert wording.find_or_create_intent(bot, name.lower(), by=annotator) == intent


@pytest.mark.django_db(transaction=True)
def test_of_many_who_make_one_name_at_once_one_makes_it(bot, annotator):
    got = all_at_once(lambda number: wording.create_intent(bot, name="card", by=annotator))

    assert Intent.objects.count() == 1
    refused = [each for each in got if isinstance(each, clashes.NameTaken)]
    assert len(refused) == AT_ONCE - 1
    assert "“card” is there already." in str(refused[0])


@pytest.mark.django_db(transaction=True)
def test_many_who_want_one_name_at_once_get_the_same_intent(bot, annotator):
    got = all_at_once(lambda number: wording.find_or_create_intent(bot, "card", by=annotator))

    assert set(got) == {Intent.objects.get()}


@pytest.mark.django_db(transaction=True)
def test_of_many_who_mark_at_once_five_are_critical(bot, annotator):
    intents = [make_intent(bot) for _ in range(AT_ONCE)]

    got = all_at_once(
        lambda number: wording.change_intent(
            intents[number], by=annotator, good=(), bad=(), critical=True
        )
    )

    assert Intent.objects.critical().count() == clashes.MOST_CRITICAL
    assert [type(each) for each in got if each] == [clashes.TooManyCritical]


@pytest.mark.django_db(transaction=True)
def test_a_key_that_many_give_at_once_goes_to_one(bot, annotator):
    kinds = [make_entity_type(bot) for _ in range(AT_ONCE)]

    all_at_once(lambda number: wording.change_entity_type(kinds[number], by=annotator, key="c"))

    assert EntityType.objects.filter(key="c").count() == 1


def test_a_broken_rule_that_nobody_named_is_not_hidden(bot):
    with pytest.raises(IntegrityError):
        wording.create_intent(bot, name="", by=None)


def test_what_was_done_is_logged_with_ids_alone(bot, reviewer, capsys, caplog):
    intent = make_intent(bot, "secret_name", by=reviewer)
    wording.change_intent(intent, by=reviewer, good=["secret text"], bad=[], title="secret title")
    archiving.archive(intent, by=reviewer)
    archiving.bring_back(intent, by=reviewer)

    told = caplog.text
    events = re.findall(r"'event': '(\w+)'", told)
    assert events == ["intent_created", "intent_changed", "intent_archived", "intent_brought_back"]
    assert "secret" not in told
