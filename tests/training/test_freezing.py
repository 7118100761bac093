"""training/freezing.py: which gold labels a version keeps, and why it leaves others out."""

from uuid import uuid4

import pytest

from annotation.models import GoldLabel
from tests.factories import make_annotation, make_entity_type, make_intent
from tests.training.saying import label, label_many, withdraw
from training import freezing
from training.freezing import TooLittle, freeze
from training.models import DatasetRow, DatasetVersion, Fate
from training.reading import Span, columns_of, rows_of


def fates(version):
    """What became of each gold label."""
    rows = DatasetRow.objects.filter(version=version)
    return {row.gold_label_id: Fate(row.fate) for row in rows}


def texts(version, side="train"):
    return [row.text for row in rows_of(version, side=side)]


# ── what is kept ──────────────────────────────────────────────────────────────────────


def test_current_labels_are_kept_by_intent_and_text(bot, annotator, lisbon, lost):
    label(bot, annotator, "A purse is gone", lost)
    label(bot, annotator, "what is the weather")

    version = freeze(bot, by=annotator)

    rows = [(row.intent, row.verdict, row.text) for row in rows_of(version, side="train")]
    assert rows == [
        ("card_lost", "intent", "A purse is gone"),
        ("card_lost", "intent", "I left my card in Lisbon"),
        ("card_stolen", "intent", "it was taken from me"),
        ("", "oos", "what is the weather"),
    ]
    assert (version.number, version.train_count, version.created_by) == (1, 4, annotator)


def test_labels_that_were_withdrawn_or_are_of_another_bot_are_not(
    bot, other_bot, annotator, lisbon, lost
):
    withdraw(label(bot, annotator, "withdrawn", lost))
    label(other_bot, annotator, "of another", make_intent(other_bot, "card_lost"))

    version = freeze(bot, by=annotator)

    assert len(fates(version)) == 2


def test_the_audit_stands_apart_and_is_never_trained_on(bot, annotator, lisbon, lost):
    tests = [label(bot, annotator, "gone and away", lost, side="audit", chance=0.02)] + [
        label(bot, annotator, "gone and away", lost, side="audit")
    ]

    version = freeze(bot, by=annotator)

    assert texts(version, "audit") == ["gone and away"] * 2
    assert len(texts(version)) == 2
    assert {fates(version)[each.pk] for each in tests} == {Fate.KEPT}
    assert (version.train_count, version.audit_count, version.left_out_count) == (2, 2, 0)


def test_a_text_that_the_audit_has_is_not_trained_on(bot, annotator, lisbon, lost):
    label(bot, annotator, "my wallet was left on the bus", lost, side="audit")
    same = label(bot, annotator, "My wallet was left on the bus!", lost)
    near = label(bot, annotator, "so my wallet was left on the bus", lost)

    version = freeze(bot, by=annotator)

    assert fates(version)[same.pk] == fates(version)[near.pk] == Fate.IN_AUDIT


def test_a_row_has_what_is_known_of_its_label(bot, annotator, ben, lisbon, lost, stolen):
    city = make_entity_type(bot, "city")
    gold = label(
        bot,
        annotator,
        "👛 lost in Lisbon",
        lost,
        chance=0.25,
        seconds=4.5,
        guess_shown=False,
        spans=[(city, 10, 16)],
        answer={"better_answer": "Call 555 or write to ana@example.org"},
        turn={"response": "Sorry?"},
    )
    make_annotation(gold.annotation.item, ben, verdict="intent", intent=stolen)

    version = freeze(bot, by=annotator)

    (row,) = (row for row in rows_of(version, side="train") if row.turn == gold.turn_id)
    assert row.spans == [Span(10, 16, "city", "Lisbon")]
    assert row.text[10:16] == "Lisbon"
    assert (row.policy, row.chance, row.seconds, row.guess_shown) == ("signals", 0.25, 4.5, False)
    assert (row.conversation, row.text_id) == (gold.turn.conversation_id, gold.text_id)
    assert row.opinions == [{"verdict": "intent", "intent": "card_stolen"}]
    assert row.response == "Sorry?"
    assert row.better_answer == "Call 555 or write to ⟨email⟩"


def test_a_label_given_by_likeness_has_no_marks_of_another_turn(bot, annotator, lisbon, lost):
    label(
        bot,
        annotator,
        "lost in Lisbon, alas",
        lost,
        by_likeness=True,
        spans=[(make_entity_type(bot), 8, 14)],
        answer={"better_answer": "Call us"},
    )

    version = freeze(bot, by=annotator)

    row = next(row for row in rows_of(version, side="train") if row.by_likeness)
    assert (row.spans, row.better_answer) == ([], "")


def test_columns_have_the_same_rows_in_the_same_order(bot, annotator, lisbon, lost):
    city, when = make_entity_type(bot, "city"), make_entity_type(bot, "when")
    marked = [(when, 18, 23), (city, 8, 14)]
    label(bot, annotator, "lost in Lisbon on Friday", lost, spans=marked)
    label(bot, annotator, "who are you?")
    label(bot, annotator, "lost in Rome", lost, by_likeness=True, spans=[(city, 8, 12)])

    version = freeze(bot, by=annotator)

    columns = columns_of(version, side="train")

    rows = list(rows_of(version, side="train"))
    assert columns.texts == [row.text for row in rows]
    assert [bytes(key) for key in columns.text_ids] == [row.text_id.bytes for row in rows]
    assert columns.intents.tolist() == [row.intent for row in rows]
    halves = [int.from_bytes(row.conversation.bytes[:8], "big", signed=True) for row in rows]
    assert columns.groups.tolist() == halves
    assert [columns.marks.get(place, []) for place in range(len(columns))] == [
        [span[:3] for span in row.spans] for row in rows
    ]
    assert len(columns) == 5
    assert list(columns.marks.values()) == [[(8, 14, "city"), (18, 23, "when")]]


def test_a_side_without_rows_has_empty_columns(bot, annotator, lisbon):
    version = freeze(bot, by=annotator)

    columns = columns_of(version, side="audit")

    assert len(columns) == len(columns.text_ids) == len(columns.intents) == 0


def test_a_side_that_there_is_not_cannot_be_read(bot, annotator, lisbon):
    version = freeze(bot, by=annotator)

    with pytest.raises(ValueError, match="train or audit"):
        next(rows_of(version, side="test"))


def test_a_version_reads_as_it_was_frozen(bot, annotator, lisbon, lost):
    version = freeze(bot, by=annotator)
    before = list(rows_of(version, side="train"))

    withdraw(lisbon[0])
    label(bot, annotator, "another", lost)
    type(lost).objects.filter(pk=lost.pk).update(name="renamed")

    assert list(rows_of(version, side="train")) == before


# ── what is left out ──────────────────────────────────────────────────────────────────


def test_what_is_not_usable_or_has_no_text_is_left_out(bot, annotator, lisbon, lost):
    spam = label(bot, annotator, "buy now", lost)
    GoldLabel.objects.filter(pk=spam.pk).update(verdict="unusable", intent=None)
    silent = label(bot, annotator, "", lost)

    version = freeze(bot, by=annotator)

    assert fates(version)[spam.pk] == Fate.UNUSABLE
    assert fates(version)[silent.pk] == Fate.NO_TEXT
    assert version.left_out_count == 2


def test_the_same_text_with_the_same_label_counts_once(bot, annotator, lisbon, lost):
    said = [label(bot, annotator, spelt, lost) for spelt in ("Gone", "gone!", "GONE")]

    version = freeze(bot, by=annotator)

    assert sorted(fates(version)[each.pk] for each in said) == [Fate.KEPT, Fate.SAME, Fate.SAME]


def test_of_the_same_text_the_one_that_was_on_screen_stands(bot, annotator, lisbon, lost):
    alike = [label(bot, annotator, "gone", lost, by_likeness=True) for _ in range(5)]
    seen = label(bot, annotator, "gone", lost)

    version = freeze(bot, by=annotator)

    assert fates(version)[seen.pk] == Fate.KEPT
    assert {fates(version)[each.pk] for each in alike} == {Fate.SAME}


def test_near_texts_of_one_label_count_once(bot, annotator, lisbon, lost):
    said = [
        label(bot, annotator, f"{first} I cannot find my card anywhere", lost)
        for first in ("help", "please", "sorry")
    ]

    version = freeze(bot, by=annotator)

    found = sorted(fates(version)[each.pk] for each in said)
    assert found == [Fate.KEPT, Fate.ALIKE, Fate.ALIKE]


def test_near_texts_of_two_labels_both_teach(bot, annotator, lisbon, lost, stolen):
    one = label(bot, annotator, "yes I think it was lost there", lost)
    other = label(bot, annotator, "no I think it was lost there", stolen)

    version = freeze(bot, by=annotator)

    assert fates(version)[one.pk] == fates(version)[other.pk] == Fate.KEPT


def test_a_source_gives_five_rows_at_most(bot, annotator, lisbon, lost):
    user = uuid4()
    said = label_many(bot, annotator, lost, 8, user=user)

    version = freeze(bot, by=annotator)

    found = [fates(version)[each.pk] for each in said]
    assert (found.count(Fate.KEPT), found.count(Fate.SOURCE)) == (5, 3)


def test_where_no_user_is_named_the_conversation_is_the_source(bot, annotator, lisbon, lost):
    said = label_many(bot, annotator, lost, 7, talk=lisbon[0].turn.conversation)

    version = freeze(bot, by=annotator)

    found = [fates(version)[each.pk] for each in said]
    assert found.count(Fate.SOURCE) + (fates(version)[lisbon[0].pk] == Fate.SOURCE) == 3


def test_a_source_that_repeats_itself_loses_no_row_by_it(bot, annotator, lisbon, lost):
    user = uuid4()
    for _ in range(6):
        label(bot, annotator, "gone", lost, user=user)
    said = label_many(bot, annotator, lost, 4, user=user)

    version = freeze(bot, by=annotator)

    assert {fates(version)[each.pk] for each in said} == {Fate.KEPT}


def test_the_audit_has_no_cap(bot, annotator, lisbon, lost):
    said = label_many(bot, annotator, lost, 8, user=uuid4(), side="audit")

    version = freeze(bot, by=annotator)

    assert {fates(version)[each.pk] for each in said} == {Fate.KEPT}


def test_one_text_with_two_labels_is_told(bot, annotator, lisbon, lost, stolen):
    one = label(bot, annotator, "it is gone", lost)
    other = label(bot, annotator, "It is gone.", stolen)

    version = freeze(bot, by=annotator)

    clashing = DatasetRow.objects.filter(version=version, clashes=True)
    assert {row.gold_label_id for row in clashing} == {one.pk, other.pk}
    assert version.clash_count == 1


def test_who_gave_more_than_a_fifth_is_told(bot, annotator, ben, lost, stolen):
    label_many(bot, annotator, lost, 9)
    label_many(bot, ben, stolen, 2)

    version = freeze(bot, by=annotator)

    assert version.busiest == [[annotator.pk, 9]]


# ── growing too fast ──────────────────────────────────────────────────────────────────


@pytest.fixture
def five_intents(bot, annotator):
    """Ten rows of each of five intents, frozen."""
    intents = [make_intent(bot, f"about_{each}") for each in "abcde"]
    for intent in intents:
        label_many(bot, annotator, intent, 10)
    freeze(bot, by=annotator)
    return intents


def test_an_intent_that_grows_out_of_step_is_held_back(bot, annotator, five_intents):
    first, *others = five_intents
    new = label_many(bot, annotator, first, 40, words="suddenly everybody asks for")
    for each in others:
        label_many(bot, annotator, each, 2, words="now and then")

    version = freeze(bot, by=annotator)

    called = version.intents.get(intent=first)
    assert {fates(version)[each.pk] for each in new} == {Fate.QUARANTINED}
    assert (called.train_count, called.quarantined_count) == (10, 40)
    assert called.expected < 50
    assert version.intents.exclude(expected=None).count() == 1


def test_growth_in_step_is_not(bot, annotator, five_intents):
    for each in five_intents:
        label_many(bot, annotator, each, 40, words="suddenly everybody asks for")

    version = freeze(bot, by=annotator)

    assert version.train_count == 250


# ── too little, and nothing new ───────────────────────────────────────────────────────


def test_without_labels_it_says_where_they_come_from(bot, annotator):
    with pytest.raises(TooLittle, match="no turn of this bot has a label yet"):
        freeze(bot, by=annotator)


def test_with_one_intent_it_names_it(bot, annotator, lost):
    label(bot, annotator, "gone", lost)
    label(bot, annotator, "the weather")

    with pytest.raises(TooLittle, match="only one intent to train on: card_lost"):
        freeze(bot, by=annotator)


def test_with_the_audit_alone_there_is_nothing_to_train_on(bot, annotator, lost, stolen):
    label(bot, annotator, "gone", lost, side="audit")
    label(bot, annotator, "taken", stolen, side="audit")

    with pytest.raises(TooLittle, match="the audit, which only tests"):
        freeze(bot, by=annotator)

    assert not DatasetVersion.objects.exists()


def test_out_of_scope_alone_is_no_intent(bot, annotator):
    label(bot, annotator, "the weather")

    with pytest.raises(TooLittle, match=freezing.NO_INTENT[:40]):
        freeze(bot, by=annotator)


def test_where_nothing_changed_the_version_before_stands(bot, annotator, lisbon):
    first = freeze(bot, by=annotator)

    again = freeze(bot, by=annotator)

    assert again == first
    assert DatasetVersion.objects.count() == 1
    assert DatasetRow.objects.count() == 2


def test_the_next_version_knows_the_one_before(bot, annotator, lisbon, lost):
    first = freeze(bot, by=annotator)
    label(bot, annotator, "another", lost)

    second = freeze(bot, by=annotator)

    assert (second.number, second.before) == (2, first)
