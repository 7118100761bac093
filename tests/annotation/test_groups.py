"""/review/clusters/: the list of groups, and the page of one."""

import pytest
from django.utils import timezone

from annotation.models import ReviewItem
from tests.annotation.group_pages import LIST, page_of
from tests.annotation.grouped import items_of, make_group

# ── looking ───────────────────────────────────────────────────────────────────────────


def test_the_biggest_group_comes_first(as_annotator, bot, group):
    small = make_group(bot, ["hello", "hello there"])

    content = as_annotator.get(LIST).content.decode()

    assert content.index(f"/clusters/{group.pk}/") < content.index(f"/clusters/{small.pk}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=LISBON", True),
        ("?q=train", False),
        ("?intent=card_lost", True),
        ("?intent=other", False),
        ("?least=4&outliers=on", True),
        ("?least=5", False),
    ],
)
def test_groups_are_found_by_the_address(as_annotator, group, query, found):
    content = as_annotator.get(LIST + query).content.decode()

    assert (f"/clusters/{group.pk}/" in content) == found


def test_what_cannot_be_asked_is_left_out_and_said(as_annotator, group):
    response = as_annotator.get(LIST + "?least=many&after=7~")

    assert response.status_code == 200
    assert f"/clusters/{group.pk}/" in response.content.decode()
    assert "Not all that you asked for" in response.content.decode()


def test_the_next_page_begins_where_the_last_ended(as_annotator, bot, monkeypatch):
    monkeypatch.setattr("annotation.group_listing.PAGE", 1)
    bigger = make_group(bot, ["a b", "a c", "a d"])
    smaller = make_group(bot, ["b c", "b d"])

    first = as_annotator.get(LIST).content.decode()
    second = as_annotator.get(f"{LIST}?after=3~{bigger.pk}").content.decode()

    assert f"after=3~{bigger.pk}" in first
    assert f"/clusters/{smaller.pk}/" in second
    assert f"/clusters/{bigger.pk}/" not in second


def test_outliers_come_first_with_their_reasons(as_annotator, group):
    content = page_of(as_annotator, group).content.decode()

    assert content.index("freeze it") < content.index("my card is gone")
    assert "Nearer to turns labelled card_stolen, most here to card_lost." in content
    assert "Farther from the middle than 3 others of the group." in content
    # Its item has another guess by now, so that is not said of it.
    assert "The bot guesses" not in content


def test_what_the_live_version_guesses_of_it_is_a_reason(as_annotator, bot, group):
    ReviewItem.objects.filter(pk=items_of(group)[0].pk).update(guess="card_stolen")

    content = page_of(as_annotator, group).content.decode()

    assert "The bot guesses card_stolen; of most here, card_lost." in content


def test_a_hidden_guess_is_not_told(as_annotator, group):
    first = items_of(group)[0]
    ReviewItem.objects.filter(pk=first.pk).update(guess="card_stolen", guess_hidden=True)

    assert "The bot guesses" not in page_of(as_annotator, group).content.decode()


def test_what_others_hold_or_the_reader_has_seen_is_not_shown(as_annotator, annotator, ben, group):
    first, second, third, fourth = items_of(group)
    ReviewItem.objects.filter(pk=first.pk).update(holder=ben, held_until=timezone.now())
    ReviewItem.objects.filter(pk=second.pk).update(assigned_to=ben)
    ReviewItem.objects.filter(pk=third.pk).update(not_for=[annotator.pk])

    content = page_of(as_annotator, group).content.decode()

    assert "1 turn alike" in content
    assert f'value="{fourth.pk}"' in content
    assert "3 left out" in content


def test_the_audit_second_opinions_and_hard_ones_are_in_no_group(as_annotator, group):
    first, second, third, _ = items_of(group)
    ReviewItem.objects.filter(pk=first.pk).update(lane="audit", policy="audit")
    ReviewItem.objects.filter(pk=second.pk).update(lane="second")
    ReviewItem.objects.filter(pk=third.pk).update(lane="reviewer")

    assert "1 turn alike" in page_of(as_annotator, group).content.decode()


# ── how much it asks of the database ──────────────────────────────────────────────────


def test_a_long_list_takes_as_many_statements_as_a_short_one(
    as_annotator, bot, django_assert_num_queries
):
    for number in range(20):
        make_group(bot, [f"a {number}", f"b {number}"])
    as_annotator.get(LIST)

    with django_assert_num_queries(8):
        as_annotator.get(LIST)


def test_a_group_takes_few_statements(as_annotator, group, django_assert_num_queries):
    page_of(as_annotator, group)

    with django_assert_num_queries(10):
        page_of(as_annotator, group)
