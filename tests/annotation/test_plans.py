"""Every hot statement finds its rows by an index, among many open items."""

import pytest
from django.db import connection

from accounts.models import User
from annotation import (
    correcting,
    disputing,
    finding,
    group_cards,
    group_listing,
    holding,
)
from annotation.dispute_listing import Sought, disputes
from annotation.finding import Wanted
from annotation.models import Correction, ReviewItem, TurnGroup
from annotation.queue_listing import Place, _shown
from tests.drills.test_queue import FILL
from tests.factories import make_bot, make_member

MANY = 20_000
GROUPS = """
INSERT INTO annotation_turngroup (bot_id, size, outliers, guess)
SELECT %(bot)s, 4, 0, '' FROM generate_series(1, 5000);
INSERT INTO annotation_groupeditem (item_id, bot_id, group_id, place, likeness, why_apart)
SELECT item.id, %(bot)s, (SELECT min(id) FROM annotation_turngroup) + item.id %% 5000, 0, 1, '{}'
FROM annotation_reviewitem item WHERE bot_id = %(bot)s
"""


# Each tenth item is a dispute that somebody was asked to answer anew, and half of these are settled
# by an answer that corrects another.
DISPUTED = """
WITH disputed AS (
    INSERT INTO annotation_dispute
        (item_id, bot_id, kind, intents, people, sent_back, nobody_left, since)
    SELECT id, bot_id, 'differ', ARRAY[id %% 97, id %% 89], ARRAY[%(person)s + id %% 7], false,
        false, at
    FROM annotation_reviewitem WHERE bot_id = %(bot)s AND id %% 10 = 0
    RETURNING item_id, bot_id
), sent AS (
    INSERT INTO annotation_sentback (bot_id, submission, item_id, by_id, note, created_at)
    SELECT bot_id, gen_random_uuid(), item_id, %(person)s, 'Look again.', now()
    FROM disputed RETURNING id, bot_id, item_id
)
INSERT INTO annotation_askedanew (sent_back_id, bot_id, item_id, person_id)
SELECT id, bot_id, item_id, %(person)s FROM sent
"""
# Few corrections are unseen, as where people look now and then: of a fifth of so small a table
# PostgreSQL rightly reads all of it.
SETTLED = """
WITH said AS (
    INSERT INTO annotation_annotation (bot_id, submission, item_id, annotator_id, lane, verdict,
        better_answer, note, for_alike, guess_shown, created_at)
    SELECT bot_id, gen_random_uuid(), item_id, %(person)s, 'reviewer', 'oos', '', '', false, true,
        now()
    FROM annotation_dispute WHERE bot_id = %(bot)s AND item_id %% 20 = 0
    RETURNING id, bot_id, item_id
), told AS (
    INSERT INTO annotation_correction (annotation_id, bot_id, person_id, decision_id, created_at,
        seen_at)
    SELECT id, bot_id, %(person)s, id, now(), CASE WHEN item_id %% 1000 > 0 THEN now() END FROM said
)
UPDATE annotation_dispute SET settled_at = since, settled_by_id = said.id
FROM said WHERE said.item_id = annotation_dispute.item_id
"""


@pytest.fixture
def busy_bot(db):
    quiet, busy = make_bot(), make_bot()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"bot": quiet.pk, "many": 200})
        cursor.execute(FILL, {"bot": busy.pk, "many": MANY})
        values = {"bot": busy.pk, "person": make_member(busy, username="moira").pk}
        cursor.execute(DISPUTED, values)
        cursor.execute(SETTLED, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # What was just inserted waits beside a GIN index, and makes it look dear.
        cursor.execute("SELECT gin_clean_pending_list('dispute_about_intent')")
        cursor.execute("ANALYZE")
    return busy


def explained(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


def plan_of_holding(bot, user):
    asked = holding._Asked(user, bot, holding.ANY, ())
    fits = asked._fits.values
    values = [user.pk, 900, user.pk, asked._lanes, *fits]
    values += [user.pk, bot.pk, asked._returned, *fits, user.pk, asked._lanes, *fits]
    statement = holding.NEXT.format(fits=asked._fits, skip="SKIP LOCKED")
    return explained(statement, [*values, asked._of_nobody, *fits])


def test_the_next_item_is_held_by_its_indexes(busy_bot):
    plan = plan_of_holding(busy_bot, make_member(busy_bot))

    of_theirs = ("review_held", "asked_anew_of_person", "review_next_of_person")
    for index in (*of_theirs, "review_next_of_lane"):
        assert index in plan
    assert "Seq Scan on annotation" not in plan
    assert plan.count("Sort") <= 4  # of the few that somebody holds, or that were sent back to them


def test_nobody_passes_by_what_was_given_to_others_after_the_last_analyze(busy_bot, annotator):
    ReviewItem.objects.of(busy_bot).filter(pk__lt=MANY).update(assigned_to=annotator)

    plan = plan_of_holding(busy_bot, make_member(busy_bot))

    assert "review_next_of_lane" in plan
    assert "review_open_of_lane" not in plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(Wanted(), "review_open_by_priority"), (Wanted(lane="novelty"), "review_open_of_lane")],
)
def test_a_page_far_down_begins_at_its_place(busy_bot, wanted, index):
    found = finding.items(busy_bot, wanted).listed()

    plan = _shown(found, Place(0.1, 5))[:51].explain()

    assert index in plan
    assert "priority <= " in plan.split("Index Cond")[1]
    assert "Seq Scan on annotation" not in plan


def test_what_ran_out_is_found_by_its_index(busy_bot):
    assert "review_held" in explained(holding.EXPIRE, [])


def test_the_biggest_groups_and_their_members_are_found_by_their_indexes(busy_bot, annotator):
    with connection.cursor() as cursor:
        cursor.execute(GROUPS, {"bot": busy_bot.pk})
        cursor.execute("ANALYZE")
    found = group_listing.behind(
        group_listing.wanted(busy_bot, group_listing.Asked()), group_listing.Place(4, 5)
    )
    group = TurnGroup.objects.of(busy_bot).first()
    values = {"group": group.pk, "user": annotator.pk, "before": [], "most": 51}

    assert "turn_group_biggest_first" in found[:31].explain()
    for statement in (group_cards.MEMBERS, group_cards.COUNT):
        plan = explained(statement, values)
        assert "grouped_items_in_order" in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("sought", "index"),
    [
        (Sought(), "dispute_longest_first"),
        (Sought(kind="differ"), "dispute_longest_first"),
        (Sought(kind="settled"), "dispute_last_settled_first"),
        (Sought(intent=7), "dispute_about_intent"),
    ],
)
def test_disputes_are_listed_by_their_indexes(busy_bot, sought, index):
    plan = disputes(busy_bot, sought).select_related("item__turn")[:50].explain()

    assert index in plan
    assert "Seq Scan" not in plan


def test_corrections_are_listed_and_counted_by_their_indexes(busy_bot):
    mine = Correction.objects.of(busy_bot).of_person(User.objects.get(username="moira"))

    listed, counted = mine.newest_first()[:50].explain(), mine.unseen().explain()

    assert "correction_newest_of_person" in listed
    assert "correction_unseen_of_person" in counted
    assert "Seq Scan" not in listed + counted


def test_the_answers_of_an_item_are_found_by_its_index(busy_bot):
    item = ReviewItem.objects.of(busy_bot).filter(dispute__isnull=False).latest("pk")
    values = {"item": item.pk, "begins_anew": False, "roles": ["reviewer"]}

    plans = explained(disputing.NOTE, values) + explained(correcting.CORRECT, values)

    assert "Seq Scan on annotation_annotation" not in plans
    assert "Seq Scan on annotation_dispute" not in plans
