"""/intents/<n>/rename/, /merge/, /split/ and /intents/changes/"""

import pytest

from annotation import spelling
from annotation.change_forms import ANOTHER
from annotation.models import GoldLabel, Intent, IntentChange, ReviewItem, SplitPick
from annotation.refactoring import beginning, splitting
from annotation.views.changes import NO_DRAFT
from jobs import requesting
from tests.annotation.changing import meant, merge, say_and_label, work
from tests.factories import make_intent

CHANGES = "/intents/changes/"


@pytest.fixture
def gone(bot, annotator):
    """An intent with three labels."""
    intent = make_intent(bot, "card_gone")
    for text in ("gone 1", "gone 2", "gone 3"):
        say_and_label(bot, text, intent, by=annotator)
    return intent


@pytest.fixture
def stolen(bot):
    return make_intent(bot, "card_stolen")


def ask(client, intent, what, **typed):
    return client.post(f"/intents/{intent.pk}/{what}/", typed)


def agree(client, intent, what, **typed):
    """Look at what would change, and then do it."""
    seen = ask(client, intent, what, **typed).context["preview"].seen
    return ask(client, intent, what, seen=seen, **typed)


def newest():
    return IntentChange.objects.latest("pk")


# ── a look, and then the change ───────────────────────────────────────────────────────


def test_a_rename_is_shown_before_it_is_done(as_reviewer, gone):
    shown = ask(as_reviewer, gone, "rename", name="card_missing").content.decode()
    gone.refresh_from_db()
    assert "still answer “card_gone” are understood as “card_missing”" in shown
    assert gone.name == "card_gone"

    response = agree(as_reviewer, gone, "rename", name="card_missing")

    gone.refresh_from_db()
    page = as_reviewer.get(response["Location"]).content.decode()
    assert gone.name == "card_missing"
    assert "<bdi>card_gone</bdi> renamed to <bdi>card_missing</bdi>" in page


def test_a_merge_is_shown_before_a_job_does_it(as_reviewer, gone, stolen, bot):
    figures = ask(as_reviewer, gone, "merge", into="CARD_stolen").context["preview"].figures
    assert [(each.label, each.number) for each in figures][0] == ("Labels", 3)
    assert not IntentChange.objects.exists()

    response = agree(as_reviewer, gone, "merge", into="card_stolen")
    assert "Waiting for a worker" in as_reviewer.get(response["Location"]).content.decode()
    work(newest())

    assert set(meant(bot).values()) == {"card_stolen"}
    assert (
        "It is part of another intent." in as_reviewer.get(f"/intents/{gone.pk}/").content.decode()
    )


@pytest.mark.parametrize(
    ("what", "typed", "sentence"),
    [
        ("rename", {"name": ""}, "Give it a name"),
        ("rename", {"name": "card\tlost"}, spelling.ODD),
        ("rename", {"name": "Card_Stolen"}, "“card_stolen” is there already."),
        ("merge", {"into": ""}, ANOTHER["required"]),
        ("merge", {"into": "nothing_like_it"}, "There is no intent in use that is called"),
        ("merge", {"into": "card_gone"}, "cannot be merged into itself"),
        ("merge", {"into": "old"}, "“old” is archived"),
        ("split", {"name": "card_gone"}, "cannot be split into itself"),
        ("split", {"name": "old"}, "“old” is archived"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    what, typed, sentence, as_reviewer, gone, stolen, bot, reviewer
):
    Intent.objects.filter(pk=make_intent(bot, "old").pk).update(archived_at="2026-05-09T00:00Z")

    response = ask(as_reviewer, gone, what, **typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not IntentChange.objects.exists()


def test_what_was_archived_while_they_looked_is_shown_anew(as_reviewer, gone, stolen):
    seen = ask(as_reviewer, gone, "merge", into="card_stolen").context["preview"].seen
    Intent.objects.filter(pk=gone.pk).update(archived_at="2026-05-09T00:00Z")

    response = ask(as_reviewer, gone, "merge", into="card_stolen", seen=seen)

    assert response.status_code == 409
    assert "somebody renamed or archived an intent" in response.content.decode()


def test_what_is_part_of_another_by_now_is_not_shown_as_if_it_could_be(
    as_reviewer, gone, stolen, bot, reviewer
):
    """A page from before the merge, or its address."""
    merge(gone, stolen, by=reviewer)
    make_intent(bot, "card_lost")

    for what, typed in (("merge", {"into": "card_lost"}), ("rename", {"name": "card_missing"})):
        response = ask(as_reviewer, gone, what, **typed)

        assert response.status_code == 422
        assert "preview" not in response.context
        assert "“card_gone” was merged into “card_stolen”" in response.content.decode()


def test_who_comes_second_is_told_who_was_first(as_reviewer, gone, stolen, bot, reviewer):
    beginning.merge(make_intent(bot, "third"), stolen, by=reviewer)

    response = agree(as_reviewer, gone, "merge", into="card_stolen")

    assert response.status_code == 409
    assert "the merge of “third”" in response.content.decode()


# ── splitting ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def drafted(gone, reviewer):
    return splitting.draft(gone, "card_eaten", by=reviewer)


def label(text):
    return GoldLabel.objects.current().get(turn__text=text).pk


def pick(client, change, *texts, **said):
    shown = GoldLabel.objects.current().values_list("pk", flat=True)
    picked = [label(text) for text in texts]
    return client.post(
        f"{CHANGES}{change.pk}/pick/", {"shown": list(shown), "label": picked, **said}
    )


def test_labels_are_picked_from_a_list_and_then_go(as_reviewer, gone, bot):
    page = ask(as_reviewer, gone, "split", name="card_eaten")["Location"]
    pick(as_reviewer, newest(), "gone 1", "gone 2")
    pick(as_reviewer, newest(), "gone 1")
    draft = as_reviewer.get(page).context["draft"]
    assert [(row.said, row.is_picked) for row in draft.rows] == [
        ("gone 1", True), ("gone 2", False), ("gone 3", False),
    ]  # fmt: skip
    assert (draft.picked, draft.stays) == (1, 2)

    as_reviewer.post(f"{CHANGES}{newest().pk}/split/", {"rest": "again"})
    work(newest())

    assert meant(bot) == {"gone 1": "card_eaten", "gone 2": "card_gone", "gone 3": "card_gone"}
    assert ReviewItem.objects.open().count() == 2


def test_all_that_say_something_are_picked_at_once(as_reviewer, drafted):
    response = pick(as_reviewer, drafted, what="all", q="2")

    assert SplitPick.objects.get().gold_label_id == label("gone 2")
    assert response["Location"] == f"{CHANGES}{drafted.pk}/?q=2"
    found = as_reviewer.get(f"{CHANGES}{drafted.pk}/?show=picked").context["draft"]
    assert [row.said for row in found.rows] == ["gone 2"]


def test_labels_of_another_intent_cannot_be_picked(as_reviewer, drafted, bot, stolen, annotator):
    other = say_and_label(bot, "a thief", stolen, by=annotator)

    pick(as_reviewer, drafted, "gone 1", "a thief")

    assert not SplitPick.objects.filter(gold_label=other.pk).exists()


@pytest.mark.parametrize("keys", [["x"], ["-1"], ["9" * 30], ["1"] * 300])
def test_keys_that_are_none_are_refused(keys, as_reviewer, drafted):
    response = as_reviewer.post(f"{CHANGES}{drafted.pk}/pick/", {"label": keys})

    assert response.status_code == 422
    assert not SplitPick.objects.exists()


def test_a_draft_that_was_begun_elsewhere_is_shown_as_it_is(as_reviewer, drafted, reviewer):
    splitting.pick_all(drafted, words="1")
    splitting.split(drafted, by=reviewer, ask_again=False)

    response = pick(as_reviewer, drafted, "gone 2")

    assert response.status_code == 409
    assert NO_DRAFT in response.content.decode()


def test_a_dropped_draft_leaves_nothing(as_reviewer, drafted):
    pick(as_reviewer, drafted, "gone 1")

    as_reviewer.post(f"{CHANGES}{drafted.pk}/drop/")

    assert not IntentChange.objects.exists()
    assert not SplitPick.objects.exists()


# ── undoing ───────────────────────────────────────────────────────────────────────────


def test_a_change_is_undone_from_its_page(as_reviewer, gone, stolen, bot, reviewer):
    change = merge(gone, stolen, by=reviewer)

    as_reviewer.post(f"{CHANGES}{change.pk}/undo/")
    work(change)

    page = as_reviewer.get(f"{CHANGES}{change.pk}/").content.decode()
    assert "All is as it was before." in page
    assert set(meant(bot).values()) == {"card_gone"}


def test_undoing_twice_is_refused_with_a_sentence(as_reviewer, gone, reviewer):
    change = beginning.rename(gone, "other", by=reviewer)
    as_reviewer.post(f"{CHANGES}{change.pk}/undo/")

    response = as_reviewer.post(f"{CHANGES}{change.pk}/undo/")

    assert response.status_code == 409
    assert "it was undone already" in response.content.decode()


def test_what_stopped_half_way_goes_on(as_reviewer, gone, stolen, bot, reviewer):
    change = beginning.merge(gone, stolen, by=reviewer)
    requesting.cancel(change.job)
    assert "It stopped half way." in as_reviewer.get(f"{CHANGES}{change.pk}/").content.decode()

    as_reviewer.post(f"{CHANGES}{change.pk}/go-on/")
    work(change)

    assert set(meant(bot).values()) == {"card_stolen"}


def test_an_old_name_can_be_let_go(as_reviewer, gone, bot, reviewer):
    beginning.rename(gone, "other", by=reviewer)
    assert "card_gone" in as_reviewer.get(f"/intents/{gone.pk}/").content.decode()

    as_reviewer.post(f"/intents/{gone.pk}/old-name/", {"name": "card_gone"})

    assert not gone.aliases.exists()
    make_intent(bot, "card_gone")


# ── what pages cost ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "statements"), [("", 4), ("{draft}/", 8), ("{done}/", 3), ("{done}/card/", 3)]
)
def test_pages_of_changes_cost_the_same_whatever_there_is(
    path, statements, as_reviewer, gone, drafted, bot, reviewer, django_assert_num_queries
):
    for number in range(5):
        beginning.rename(gone, f"name_{number}", by=reviewer)
    url = CHANGES + path.format(draft=drafted.pk, done=newest().pk)

    with django_assert_num_queries(statements):
        assert as_reviewer.get(url).status_code == 200


@pytest.mark.parametrize("what", ["rename", "merge", "split"])
def test_a_form_of_a_change_costs_three_statements_at_most(
    what, as_reviewer, gone, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        as_reviewer.get(f"/intents/{gone.pk}/{what}/")
