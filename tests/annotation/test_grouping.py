"""annotation/grouping.py: which open items are put together, and when that is done again."""

import pytest
from django.utils import timezone

from annotation import grouping
from annotation.grouping import group_items, is_due
from annotation.models import GroupedItem, Grouping, ReviewItem, TurnGroup
from tests.annotation.giving import give
from tests.annotation.grouped import items_of
from tests.annotation.test_jobs import run, watch
from tests.annotation.test_neighbours import place
from tests.factories import make_gold, make_intent, make_item, make_text


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    settings.DATA = tmp_path


def wait(bot, text, angle, **fields):
    """An open item whose text has a vector that points somewhere in a plane (degrees)."""
    item = make_item(bot, text, **fields)
    place(item.text, angle)
    item.text.encoded_by = "use"
    item.text.save()
    return item


@pytest.fixture
def waiting(bot):
    """Five items in two directions, and one in a third."""
    angles = {"a": 0, "b": 3, "c": 6, "d": 90, "e": 94, "f": 200}
    return {name: wait(bot, f"text {name}", angle) for name, angle in angles.items()}


def groups(bot):
    """What the members of each group say, the biggest first."""
    found = TurnGroup.objects.of(bot).biggest_first()
    return ["".join(sorted(item.turn.text[-1] for item in items_of(group))) for group in found]


def test_alike_turns_come_together_and_others_stay_alone(bot, waiting):
    assert group_items(bot) == 2

    assert groups(bot) == ["abc", "de"]
    assert GroupedItem.objects.get(item=waiting["f"]).group is None
    assert Grouping.objects.get().items == 6


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "audit"},
        {"lane": "audit"},
        {"lane": "second"},
        {"lane": "reviewer"},
        {"status": "done", "ended_at": timezone.now()},
    ],
)
def test_what_has_to_be_looked_at_by_itself_is_in_no_group(bot, waiting, fields):
    wait(bot, "text x", 1, **fields)

    group_items(bot)

    assert groups(bot) == ["abc", "de"]


def test_a_text_without_a_vector_waits_for_the_next_time(bot, waiting):
    late = make_item(bot, "text x")
    group_items(bot)
    assert groups(bot) == ["abc", "de"]

    place(late.text, 1)
    late.text.encoded_by = "use"
    late.text.save()
    group_items(bot)

    assert groups(bot) == ["abcx", "de"]


def test_a_group_keeps_its_number_while_most_of_it_stays(bot, waiting, annotator):
    group_items(bot)
    before = {text: group.pk for text, group in zip(groups(bot), biggest(bot), strict=True)}
    give(waiting["a"], annotator)
    wait(bot, "text x", 2)

    group_items(bot)

    after = {text: group.pk for text, group in zip(groups(bot), biggest(bot), strict=True)}
    assert after == {"bcx": before["abc"], "de": before["de"]}


def biggest(bot):
    return TurnGroup.objects.of(bot).biggest_first()


def test_outliers_know_why_they_are(bot, annotator):
    lost, stolen = make_intent(bot, "card_lost"), make_intent(bot, "card_stolen")
    for intent, start in ((lost, 0), (stolen, 40)):
        for number in range(3):
            done = wait(bot, f"{intent.name} {number}", start + number)
            make_gold(done.turn, annotator, intent=intent)
            ReviewItem.objects.filter(pk=done.pk).update(status="done", ended_at=timezone.now())
    for number in range(7):
        wait(bot, f"text {number}", number, guess="card_lost")
    odd = wait(bot, "odd", 39, guess="card_stolen")
    hidden = wait(bot, "hidden", 3, guess="card_stolen", guess_hidden=True)

    group_items(bot)

    group = biggest(bot).get()
    assert (group.near, group.guess, group.size, group.outliers) == (lost, "card_lost", 9, 1)
    first = group.members.get(place=0)
    assert first.item == odd
    assert first.why_apart == {"far": 8, "intent": stolen.pk, "guess": "card_stolen"}
    assert group.members.get(item=hidden).why_apart == {}


def test_it_is_due_once_enough_has_come_or_some_and_time_went_by(bot, monkeypatch):
    assert not is_due(bot)
    first = wait(bot, "text a", 0)
    assert not is_due(bot)
    wait(bot, "text b", 3)
    assert is_due(bot)
    group_items(bot)
    assert not is_due(bot)

    wait(bot, "text c", 4)
    assert not is_due(bot)
    assert Grouping.objects.get().waiting == 1
    Grouping.objects.update(made_at=timezone.now() - grouping.AT_LATEST * 2)
    assert is_due(bot)
    group_items(bot)

    GroupedItem.objects.filter(item=first).delete()
    monkeypatch.setattr(grouping, "NEW_ONES", 1)
    assert is_due(bot)


def test_what_is_answered_one_by_one_leaves_its_group(bot, waiting, annotator):
    group_items(bot)

    give(waiting["d"], annotator)
    grouping.recount(bot)

    assert [group.size for group in biggest(bot)] == [3]


def test_nobody_elses_items_are_grouped(bot, other_bot, waiting):
    make_text(other_bot, "text a")
    wait(other_bot, "text a", 0)

    group_items(bot)

    assert not GroupedItem.objects.of(other_bot).exists()


def test_the_watch_asks_for_it(bot, waiting):
    watch()

    job = run("group")

    assert job.bot == bot
    assert groups(bot) == ["abc", "de"]
    assert (job.done, job.total, job.message) == (4, 4, "2 groups")
