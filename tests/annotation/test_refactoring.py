"""annotation/refactoring/: renaming and merging intents, and undoing it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation import aliases, archiving, cards, labelling, wording
from annotation.answering import undo as take_back
from annotation.clashes import ChangedMeanwhile, NameTaken, NotStored
from annotation.models import GoldLabel, Intent, IntentChange, ReviewItem
from annotation.refactoring import beginning, previewing, restoring
from annotation.refactoring.beginning import UnderWay
from annotation.refactoring.restoring import NotUndone
from jobs import requesting
from tests.annotation.changing import meant, merge, say_and_label, state_of, undo, work
from tests.annotation.giving import give
from tests.factories import make_annotation, make_intent, make_item, make_review_settings

# ── renaming ──────────────────────────────────────────────────────────────────────────


def test_a_renamed_intent_keeps_all_it_has_and_its_old_name(bot, gone, labelled, reviewer):
    change = beginning.rename(gone, "card_missing", by=reviewer)

    assert change.state == "done"
    assert meant(bot)["gone 1"] == "card_missing"
    assert aliases.meant(bot, "Card_Gone") == gone
    assert wording.find_or_create_intent(bot, "card_gone", by=reviewer) == gone
    with pytest.raises(NameTaken, match="is what “card_missing” was called before"):
        make_intent(bot, "CARD_gone")


def test_a_rename_is_undone_exactly(bot, gone, labelled, reviewer):
    before = state_of(bot)
    change = beginning.rename(gone, "card_missing", by=reviewer)

    undo(change, by=reviewer)

    assert state_of(bot) == before


def test_a_name_can_come_back(bot, gone, reviewer):
    beginning.rename(gone, "other", by=reviewer)
    back = beginning.rename(gone, "card_gone", by=reviewer)
    assert aliases.meant(bot, "card_gone") is None
    assert aliases.meant(bot, "other") == gone

    undo(back, by=reviewer)

    assert aliases.meant(bot, "card_gone") == gone


def test_only_the_capitals_of_a_name_can_change(bot, gone, reviewer):
    beginning.rename(gone, "Card_Gone", by=reviewer)

    assert not gone.aliases.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("card_gone", "It is called “card_gone” already."),
        ("Card_Stolen", "“card_stolen” is there already."),
        ("former", "“former” is what “card_stolen” was called before"),
    ],
)
def test_a_name_that_means_something_is_refused(name, sentence, bot, gone, reviewer):
    other = make_intent(bot, "former")
    beginning.rename(other, "card_stolen", by=reviewer)

    with pytest.raises(NotStored, match=sentence):
        beginning.rename(gone, name, by=reviewer)

    assert Intent.objects.filter(name="card_gone").exists()


# ── merging ───────────────────────────────────────────────────────────────────────────


def test_labels_of_a_merged_intent_are_added_anew(bot, gone, stolen, labelled, reviewer):
    older = GoldLabel.objects.get(turn__text="gone 1")

    change = merge(gone, stolen, by=reviewer)

    older.refresh_from_db()
    newer = GoldLabel.objects.current().get(turn__text="gone 1")
    assert set(meant(bot).values()) == {"card_stolen"}
    assert older.withdrawn_at
    assert older.replaced_by == newer
    assert (newer.annotation, newer.change) == (older.annotation, change)
    assert (change.state, change.moved) == ("done", 3)
    assert not Intent.objects.in_use().filter(pk=gone.pk).exists()


def test_what_belongs_to_either_belongs_to_the_merged_one(bot, gone, stolen, reviewer):
    merge(gone, stolen, by=reviewer)

    stolen.refresh_from_db()
    rows = list(stolen.examples.values_list("text", "belongs"))
    assert rows == [("thief", True), ("gone", True), ("it was stolen", True), ("sold", False)]
    assert stolen.critical


def test_a_merge_is_undone_exactly(bot, gone, stolen, labelled, reviewer):
    beginning.rename(gone, "card_missing", by=reviewer)
    before = state_of(bot)
    change = merge(gone, stolen, by=reviewer)
    assert state_of(bot) != before

    undone = undo(change, by=reviewer)

    assert state_of(bot) == before
    assert (undone.state, undone.told) == ("undone", [])


def test_what_was_changed_since_a_merge_stays_and_is_said(
    bot, gone, stolen, labelled, reviewer, annotator
):
    change = merge(gone, stolen, by=reviewer)
    other = make_intent(bot, "other")
    item = GoldLabel.objects.current().get(turn__text="gone 1").turn.review_item
    labelling.accept(item, make_annotation(item, reviewer, verdict="intent", intent=other))
    say_and_label(bot, "new", stolen, by=annotator)
    stolen.examples.filter(text="thief").delete()

    undone = undo(change, by=reviewer)

    assert meant(bot) == {
        "gone 1": "other", "gone 2": "card_gone", "gone 3": "card_gone", "new": "card_stolen",
        "a thief": "card_stolen",
    }  # fmt: skip
    assert undone.told == [
        restoring.LABELS_STAY.format(number=1, labels="label that"),
        restoring.GIVEN_SINCE.format(
            number=1, labels="label was", name="card_stolen", stay="stays"
        ),
        restoring.EXAMPLES_STAY.format(name="card_stolen"),
    ]


def test_a_key_and_a_mark_that_were_given_away_do_not_come_back(bot, stolen, reviewer):
    source = make_intent(bot, "source", key="q", critical=True)
    change = merge(source, stolen, by=reviewer)
    make_intent(bot, "heir", key="q")
    for _ in range(4):
        make_intent(bot, critical=True)
    Intent.objects.filter(name="heir").update(critical=True)
    Intent.objects.filter(pk=stolen.pk).update(critical=False)

    undone = undo(change, by=reviewer)

    source.refresh_from_db()
    assert (source.key, source.critical, source.archived_at) == ("", False, None)
    assert len(undone.told) == 2


def test_names_of_a_chain_of_merges_lead_to_its_end_and_back(bot, gone, stolen, reviewer):
    last = make_intent(bot, "last")
    first = merge(gone, stolen, by=reviewer)
    second = merge(stolen, last, by=reviewer)
    assert aliases.meant(bot, "card_gone") == aliases.meant(bot, "card_stolen") == last

    with pytest.raises(NotUndone, match="Undo the merge of “card_stolen” first"):
        restoring.undo(first, by=reviewer)
    undo(second, by=reviewer)

    assert aliases.meant(bot, "card_gone") == stolen
    undo(first, by=reviewer)
    assert not Intent.objects.archived().filter(pk__in=[gone.pk, stolen.pk]).exists()


def test_a_merge_that_is_done_twice_is_done_once(bot, gone, stolen, labelled, reviewer):
    change = beginning.merge(gone, stolen, by=reviewer)
    work(change)
    labels = GoldLabel.objects.count()
    IntentChange.objects.filter(pk=change.pk).update(state="working")
    requesting_again = beginning.start_job
    requesting_again(change, by=reviewer)

    again = work(change)

    assert GoldLabel.objects.count() == labels
    assert (again.state, again.moved) == ("done", 3)


def test_a_merge_that_stopped_half_way_can_be_undone(bot, gone, stolen, labelled, reviewer):
    before = state_of(bot)
    change = beginning.merge(gone, stolen, by=reviewer)
    requesting.cancel(change.job)

    undo(change, by=reviewer)

    assert state_of(bot) == before


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda gone, stolen, by: (gone, gone), "cannot be merged into itself"),
        (lambda gone, stolen, by: (archiving.archive(stolen, by=by), (gone, stolen))[1],
         "“card_stolen” is archived"),
        (lambda gone, stolen, by: (merge(gone, stolen, by=by), (gone, make_intent(gone.bot)))[1],
         "“card_gone” was merged into “card_stolen”"),
    ],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused(break_it, sentence, gone, stolen, reviewer):
    source, into = break_it(gone, stolen, reviewer)

    with pytest.raises(NotStored, match=sentence):
        beginning.merge(source, into, by=reviewer)


def test_one_change_of_a_bot_is_under_way_at_a_time(gone, stolen, reviewer):
    change = beginning.merge(gone, stolen, by=reviewer)

    with pytest.raises(UnderWay, match="the merge of “card_gone”"):
        beginning.rename(stolen, "other", by=reviewer)
    with pytest.raises(NotUndone, match="still at work"):
        restoring.undo(change, by=reviewer)
    with pytest.raises(NotStored, match="is being changed in this moment"):
        archiving.bring_back(gone, by=reviewer)


def test_nobody_merges_what_they_have_not_seen(gone, stolen, reviewer):
    seen = previewing.of_merge(gone, stolen).seen
    archiving.archive(gone, by=reviewer)

    with pytest.raises(ChangedMeanwhile):
        beginning.merge(gone, stolen, by=reviewer, seen=seen)


def test_after_thirty_days_nothing_is_undone(gone, stolen, reviewer):
    change = merge(gone, stolen, by=reviewer)
    IntentChange.objects.update(began_at=timezone.now() - timedelta(days=30, minutes=1))

    with pytest.raises(NotUndone, match="30 days have passed"):
        restoring.undo(change, by=reviewer)


def test_a_preview_counts_what_would_be_touched(bot, gone, stolen, labelled):
    make_item(bot, guess="Card_Gone")

    preview = previewing.of_merge(gone, stolen)

    figures = {each.label: each.number for each in preview.figures}
    assert figures == {
        "Labels": 3, "Waiting with this guess": 1, "Waiting with this answer": 0, "Examples": 3,
        "Golden cases": 0,
    }  # fmt: skip
    assert "“card_stolen” becomes critical, as “card_gone” is." in preview.notes


# ── what goes on meanwhile ────────────────────────────────────────────────────────────


def test_an_old_label_that_comes_back_follows_the_merge(bot, gone, stolen, reviewer, annotator):
    make_review_settings(bot, second_opinion_percent=0)
    item = make_item(bot, "gone 1")
    give(item, reviewer, intent=gone)
    ReviewItem.objects.update(status="open", ended_at=None)
    give(item, annotator, intent=make_intent(bot, "other"))
    merge(gone, stolen, by=reviewer)

    take_back(annotator, bot=bot)

    assert meant(bot) == {"gone 1": "card_stolen"}


def test_two_who_said_what_is_one_by_now_agree(bot, gone, stolen, reviewer, annotator):
    item = make_item(bot, "gone 1", lane="second")
    make_annotation(item, annotator, verdict="intent", intent=gone)
    merge(gone, stolen, by=reviewer)

    give(item, reviewer, intent=stolen)

    assert meant(bot) == {"gone 1": "card_stolen"}


def test_guesses_of_old_names_are_offered_as_what_they_are_now(bot, gone, stolen, reviewer):
    guesses = [{"intent": "card_gone", "confidence": 0.5}, {"intent": "former", "confidence": 0.3},
               {"intent": "card_stolen", "confidence": 0.2}]  # fmt: skip
    renamed = make_intent(bot, "former")
    item = make_item(bot, guesses=guesses, neighbours=[])
    merge(gone, stolen, by=reviewer)
    beginning.rename(renamed, "latter", by=reviewer)

    choices = cards.card(item, bot=bot).choices

    assert [(each.name, each.id) for each in choices] == [
        ("card_stolen", stolen.pk), ("latter", renamed.pk),
    ]  # fmt: skip
