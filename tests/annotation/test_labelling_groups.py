"""/review/clusters/<n>/answer/: a group that is labelled at once, and what takes it back."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from annotation.models import (
    Annotation,
    GoldLabel,
    GroupAnswer,
    GroupedItem,
    Intent,
    ReviewItem,
    TurnGroup,
)
from tests.annotation.giving import give
from tests.annotation.group_pages import LIST, page_of, save, tokens_on
from tests.annotation.grouped import items_of, make_group
from tests.factories import make_item

# ── saving ────────────────────────────────────────────────────────────────────────────


def test_a_group_is_labelled_but_for_what_was_peeled_off(as_annotator, annotator, group, lost):
    peeled, *others = items_of(group)

    response = save(as_annotator, group, lost, peeled=[peeled])

    assert response.status_code == 302
    gold = GoldLabel.objects.current()
    assert {each.turn_id for each in gold} == {item.turn_id for item in others}
    assert {(each.intent, each.policy, each.by_likeness) for each in gold} == {
        (lost, "signals", False)
    }
    assert {round(each.seconds, 3) for each in Annotation.objects.all()} == {2.667}
    peeled.refresh_from_db()
    assert (peeled.status, peeled.holder) == ("open", None)
    group.refresh_from_db()
    assert group.size == 0


def test_it_goes_on_with_the_next_group_of_the_filters(as_annotator, bot, group, lost):
    make_group(bot, ["x y", "x z", "x w"])
    asked = make_group(bot, ["card a", "card b"])

    response = as_annotator.post(
        f"{LIST}{group.pk}/answer/?q=card",
        {
            "submission": uuid4(),
            "choice": f"i:{lost.pk}",
            "shown": tokens_on(page_of(as_annotator, group)),
        },
    )

    assert response["Location"] == f"{LIST}{asked.pk}/?q=card"


def test_a_form_that_arrives_twice_is_one_answer(as_annotator, group, lost):
    shown, submission = tokens_on(page_of(as_annotator, group)), uuid4()

    for _ in range(2):
        response = save(as_annotator, group, lost, shown=shown, submission=submission)

    assert response.status_code == 302
    assert GroupAnswer.objects.get().answered == Annotation.objects.count() == 4


def test_what_was_not_on_screen_is_not_labelled(as_annotator, group, lost, monkeypatch):
    monkeypatch.setattr("annotation.group_cards.PAGE", 2)
    page = page_of(as_annotator, group)

    save(as_annotator, group, lost, shown=tokens_on(page))

    assert "2 are not shown yet, and are not labelled" in page.content.decode()
    assert GoldLabel.objects.count() == 2
    group.refresh_from_db()
    assert group.size == 2


def test_what_came_on_screen_by_more_is_labelled_too(as_annotator, group, lost, monkeypatch):
    monkeypatch.setattr("annotation.group_cards.PAGE", 3)
    first = tokens_on(page_of(as_annotator, group))
    more = as_annotator.post(
        f"{LIST}{group.pk}/more/", {"shown": first}, headers={"HX-Request": "true"}
    )

    save(as_annotator, group, lost, shown=[*first, *tokens_on(more)])

    assert len(tokens_on(more)) == 1
    assert GoldLabel.objects.count() == 4


def test_without_scripts_more_is_the_page_again_with_what_was_ticked(
    as_annotator, group, monkeypatch
):
    monkeypatch.setattr("annotation.group_cards.PAGE", 2)
    ticked = items_of(group)[0]
    shown = tokens_on(page_of(as_annotator, group))

    page = as_annotator.post(
        f"{LIST}{group.pk}/more/", {"shown": shown, "peeled": [ticked.pk], "choice": "v:oos"}
    )

    content = page.content.decode()
    assert content.count('name="peeled"') == 4
    assert re.search(rf'value="{ticked.pk}"\s+checked', content)
    assert re.search(r'value="v:oos"[^>]*checked', content)


@pytest.mark.parametrize("shown", [[], ["forged"], ["W10:1abc:def"]])
def test_a_list_that_was_not_on_screen_is_refused(as_annotator, group, lost, shown):
    response = save(as_annotator, group, lost, shown=shown)

    assert response.status_code == 422
    assert not GoldLabel.objects.exists()


def test_what_somebody_else_was_shown_is_refused(as_annotator, as_reviewer, group, lost):
    shown = tokens_on(page_of(as_reviewer, group))

    assert save(as_annotator, group, lost, shown=shown).status_code == 422


def test_what_is_held_answered_or_changed_meanwhile_is_left_out_and_said(
    as_annotator, ben, bot, group, lost
):
    held, answered, changed, _ = items_of(group)
    shown = tokens_on(page_of(as_annotator, group))
    ReviewItem.objects.filter(pk=held.pk).update(holder=ben, held_until=timezone.now())
    give(answered, ben)
    other = make_item(bot, "other words")
    turn = other.turn
    other.delete()
    ReviewItem.objects.filter(pk=changed.pk).update(turn=turn)

    save(as_annotator, group, lost, shown=shown)

    content = as_annotator.get(LIST).content.decode()
    assert "1 turn was saved as card_lost." in content
    assert "1 was with somebody else right now" in content
    assert "1 was answered meanwhile" in content
    assert "1 was in other words by now" in content
    assert GoldLabel.objects.filter(intent=lost).count() == 1


def test_a_group_that_others_labelled_meanwhile_is_refused_with_what_was_chosen(
    as_annotator, ben, group, lost
):
    peeled, *others = items_of(group)
    shown = tokens_on(page_of(as_annotator, group))
    for item in others:
        give(item, ben)

    response = save(as_annotator, group, lost, shown=shown, peeled=[peeled])

    content = response.content.decode()
    assert response.status_code == 409
    assert "Nothing was saved" in content
    assert "3 were answered meanwhile" in content
    assert re.search(rf'value="{peeled.pk}"\s+checked', content)
    assert GoldLabel.objects.filter(intent=lost).count() == 0


def test_by_htmx_only_the_reason_comes_so_that_the_page_keeps_what_was_chosen(
    as_annotator, group, lost
):
    response = as_annotator.post(
        f"{LIST}{group.pk}/answer/", {"choice": "i:1"}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 422
    assert response["HX-Retarget"] == "#review-problem"


def test_a_group_that_was_made_anew_meanwhile_is_saved_as_it_was_shown(as_annotator, group, lost):
    shown = tokens_on(page_of(as_annotator, group))
    GroupedItem.objects.all().delete()
    TurnGroup.objects.all().delete()

    assert save(as_annotator, group, lost, shown=shown).status_code == 302
    assert GoldLabel.objects.count() == 4


def test_an_item_that_wants_a_second_opinion_waits_for_it_alone(as_annotator, group, lost):
    first = items_of(group)[0]
    ReviewItem.objects.filter(pk=first.pk).update(answers_wanted=2)

    save(as_annotator, group, lost)

    first.refresh_from_db()
    assert (first.status, first.lane) == ("open", "second")
    assert GoldLabel.objects.count() == 3


def test_turns_that_an_item_stands_for_have_the_label_if_all_their_words_were_shown(
    as_annotator, bot, lost
):
    make_group(bot, ["my card is gone"], alike=["my card is gone", "my card is gone!"])
    many = [f"my card is gone {number}" for number in range(5)]
    group = make_group(bot, ["it is gone"], alike=many)
    make_group(bot, ["x", "y"])

    for each in TurnGroup.objects.filter(size=1):
        save(as_annotator, each, lost)

    assert GoldLabel.objects.filter(by_likeness=True).count() == 2
    # The others, of which not all were shown, wait by themselves.
    assert ReviewItem.objects.open().filter(alike_count=4).count() == 1
    assert group.size == 1


def test_an_intent_is_made_by_its_name_and_none_by_a_refused_form(as_annotator, bot, group):
    save(as_annotator, group, group.near, choice="n:wallet_gone")
    save(as_annotator, group, group.near, choice="n:wallet_none", shown=["forged"])

    names = {gold.intent.name for gold in GoldLabel.objects.all()}
    assert names == {"wallet_gone"}
    assert not Intent.objects.filter(name="wallet_none").exists()


@pytest.mark.parametrize("choice", ["", "v:unsure", "v:skip", "i:x", "i:999999", "n:"])
def test_what_cannot_be_said_of_a_group_is_refused(as_annotator, group, lost, choice):
    response = save(as_annotator, group, lost, choice=choice)

    assert response.status_code == 422
    assert not GroupAnswer.objects.exists()


def test_a_group_all_of_which_was_peeled_off_is_not_saved(as_annotator, group, lost):
    response = save(as_annotator, group, lost, peeled=items_of(group))

    assert response.status_code == 422
    assert "nothing to save" in response.content.decode()


# ── taking back ───────────────────────────────────────────────────────────────────────


def test_one_undo_takes_the_whole_group_back(as_annotator, group, lost):
    peeled = items_of(group)[0]
    save(as_annotator, group, lost, peeled=[peeled])

    response = as_annotator.post(f"{LIST}undo/")

    assert response["Location"] == f"{LIST}{group.pk}/"
    assert not GoldLabel.objects.current().exists()
    assert not Annotation.objects.standing().exists()
    items = items_of(group)
    assert {(item.status, item.holder, tuple(item.not_for)) for item in items} == {
        ("open", None, ())
    }
    group.refresh_from_db()
    assert group.size == 4
    assert "3 turns of your last group wait again" in page_of(as_annotator, group).content.decode()


def test_the_review_screen_takes_back_the_whole_group_too(as_annotator, group, lost):
    save(as_annotator, group, lost)

    response = as_annotator.post("/review/undo/", headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert "4 turns of your last group wait again" in response["HX-Trigger"]
    assert not GoldLabel.objects.current().exists()


def test_older_labels_are_current_again(as_annotator, ben, group, lost):
    first = items_of(group)[0]
    give(first, ben)
    ReviewItem.objects.filter(pk=first.pk).update(status="open", ended_at=None, not_for=[])
    save(as_annotator, group, lost)
    assert GoldLabel.objects.current().filter(turn=first.turn).get().intent == lost

    as_annotator.post(f"{LIST}undo/")

    assert GoldLabel.objects.current().get().verdict == "oos"


def test_what_somebody_has_gone_on_with_stays(as_annotator, ben, group, lost):
    first, *_ = items_of(group)
    ReviewItem.objects.filter(pk=first.pk).update(answers_wanted=2)
    save(as_annotator, group, lost)
    give(first, ben)

    as_annotator.post(f"{LIST}undo/")

    content = page_of(as_annotator, group).content.decode()
    assert "3 turns of your last group wait again, without a label. 1 stays labelled" in content


def test_a_single_answer_is_not_taken_back_here(as_annotator, annotator, bot, group, lost):
    save(as_annotator, group, lost)
    give(make_item(bot, "another"), annotator)

    response = as_annotator.post(f"{LIST}undo/", headers={"HX-Request": "true"})

    assert response.status_code == 409
    assert "single turn" in response.content.decode()
    assert GoldLabel.objects.current().count() == 5


def test_eleven_groups_in_a_row_are_one_too_many(as_annotator, bot, lost):
    for number in range(11):
        save(as_annotator, make_group(bot, [f"a {number}", f"b {number}"]), lost)

    answers = [as_annotator.post(f"{LIST}undo/", headers={"HX-Request": "true"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [409]
    assert GoldLabel.objects.current().count() == 2
