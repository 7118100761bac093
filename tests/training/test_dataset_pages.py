"""/datasets/ and what hangs on it"""

import pytest
from django.utils import timezone

from jobs import work
from jobs.models import Job
from tests.factories import make_dataset
from tests.training.dataset_pages import URL, page
from tests.training.saying import label, label_many, withdraw
from training import differing, listing
from training.freezing import freeze
from training.jobs import FREEZE, request_freezing
from training.models import DatasetIntent, DatasetVersion


@pytest.fixture
def version(bot, annotator, lisbon):
    return freeze(bot, by=annotator)


# ── the list ──────────────────────────────────────────────────────────────────────────


def test_an_empty_list_says_what_brings_the_first(as_engineer, as_reviewer):
    assert "freeze one once turns of at least two intents have an answer" in page(as_engineer)
    assert "An engineer of this bot freezes one" in page(as_reviewer)


def test_versions_are_listed_newest_first_with_their_commits(as_engineer, version, bot, lost):
    label(bot, version.created_by, "another", lost)
    second = freeze(bot, by=None)

    shown = page(as_engineer)

    assert shown.index("Version 2") < shown.index("Version 1")
    assert second.commit[:10] in shown


def test_only_who_may_freeze_is_offered_to(as_reviewer, as_engineer, version):
    assert "Freeze a version" in page(as_engineer)
    assert "Freeze a version" not in page(as_reviewer)


def test_freezing_is_asked_for_and_shown_while_it_waits(as_engineer, engineer, bot, lisbon):
    response = as_engineer.post(f"{URL}freeze/")

    assert response["Location"] == URL
    job = Job.objects.get(kind=FREEZE)
    assert (job.created_by, job.bot) == (engineer, bot)
    shown = page(as_engineer)
    assert "A version waits to be frozen." in shown
    assert 'hx-get="/datasets/rows/"' in shown


def test_while_it_runs_the_table_asks_for_itself_with_its_progress(as_engineer, bot, engineer):
    job = request_freezing(bot, by=engineer)
    Job.objects.filter(pk=job.pk).update(
        state="running", token="1" * 32, lease_until=timezone.now(), done=25, total=100,
        message="Copying rows",
    )  # fmt: skip

    shown = page(as_engineer, "rows/")

    assert "Copying rows" in shown
    assert "<progress" in shown
    assert "<html" not in shown
    assert 'hx-get="/datasets/rows/"' in shown


def test_when_it_is_done_the_table_asks_no_more(as_engineer, bot, engineer, lisbon):
    work.run(request_freezing(bot, by=engineer).pk)

    shown = page(as_engineer, "rows/")

    assert "Version 1" in shown
    assert "hx-get" not in shown


def test_too_little_is_told_where_it_was_asked_for(as_engineer, bot, engineer):
    work.run(request_freezing(bot, by=engineer).pk)

    shown = page(as_engineer)

    assert "The last version was not frozen." in shown
    assert "no turn of this bot has a label yet" in shown


def test_a_thousand_versions_cost_what_one_does(as_engineer, bot, django_assert_num_queries):
    DatasetVersion.objects.bulk_create(
        DatasetVersion(
            bot=bot, number=n, frozen_at=timezone.now(), sealed_at=timezone.now(),
            commit="c", tree="t", content_hash="h",
        )
        for n in range(1, 1001)
    )  # fmt: skip

    with django_assert_num_queries(5):
        shown = page(as_engineer, page=20)

    assert "951–1,000 of 1,000" in shown


def test_versions_of_another_bot_are_not_there(as_engineer, other_bot):
    other = make_dataset(other_bot)

    assert "Version 1" not in page(as_engineer)
    for path in ("", "download/", "changes/", "clashes/"):
        assert as_engineer.get(f"{URL}{other.pk}/{path}").status_code == 404
    called = other.intents.get()
    assert as_engineer.get(f"{URL}intents/{called.pk}/").status_code == 404
    assert as_engineer.post(f"{URL}intents/{called.pk}/let-in/").status_code == 404


# ── one version ───────────────────────────────────────────────────────────────────────


def test_a_version_shows_its_intents_its_tag_and_why_rows_are_left_out(
    as_reviewer, bot, annotator, lisbon, lost
):
    label(bot, annotator, "I left my card in Lisbon!", lost)
    version = freeze(bot, by=annotator)

    shown = page(as_reviewer, f"{version.pk}/")

    assert all(word in shown for word in ("card_lost", "card_stolen", version.commit, version.tag))
    assert "1: The same text with the same label" in shown


def test_what_should_be_known_of_it_is_told(as_reviewer, bot, annotator, lisbon, lost, stolen):
    label(bot, annotator, "gone", lost)
    label(bot, annotator, "gone", stolen)

    shown = page(as_reviewer, f"{freeze(bot, by=annotator).pk}/")

    assert "No audit rows." in shown
    assert "1 text has two labels." in shown
    assert "ana gave 100% of what is trained on." in shown


def test_one_without_anything_amiss_has_no_warning(as_reviewer, bot):
    version = make_dataset(bot, audit_count=3)
    DatasetIntent.objects.update(expected=None)

    assert 'class="notice warn"' not in page(as_reviewer, f"{version.pk}/")


def test_erased_rows_are_told_with_what_git_still_has(as_reviewer, version):
    DatasetVersion.objects.update(erased_count=2)
    assert "Git still has them, and loses them tonight." in page(as_reviewer, f"{version.pk}/")

    DatasetVersion.objects.update(erased_in_git=2)
    assert "Git does not have them any more either." in page(as_reviewer, f"{version.pk}/")


def test_one_that_git_lacks_says_so_and_cannot_be_downloaded(as_engineer, version):
    DatasetVersion.objects.update(sealed_at=None)

    shown = page(as_engineer, f"{version.pk}/")

    assert "It is still being written." in shown
    assert "Download" not in shown
    assert as_engineer.get(f"{URL}{version.pk}/download/").status_code == 404


def test_a_hundred_intents_cost_what_two_do(
    as_reviewer, bot, annotator, version, django_assert_num_queries
):
    DatasetIntent.objects.bulk_create(
        DatasetIntent(version=version, place=n, verdict="oos", first_row=0, last_row=0)
        for n in range(2, 102)
    )

    with django_assert_num_queries(8):
        shown = page(as_reviewer, f"{version.pk}/", page=2)

    assert "51–100 of 102" in shown


# ── the rows of an intent ─────────────────────────────────────────────────────────────


@pytest.fixture
def called(version):
    return version.intents.get(name="card_lost")


def test_rows_of_an_intent_lead_to_their_conversations(as_reviewer, called, lisbon):
    shown = page(as_reviewer, f"intents/{called.pk}/")

    assert "I left my card in Lisbon" in shown
    assert str(lisbon[0].turn.conversation_id) in shown


def test_each_left_out_row_says_why(as_reviewer, bot, annotator, lisbon, lost):
    label(bot, annotator, "so I left my card in Lisbon", lost)
    version = freeze(bot, by=annotator)
    called = version.intents.get(name="card_lost")

    shown = page(as_reviewer, f"intents/{called.pk}/", show="left_out")

    assert "Near another text with the same label" in shown


@pytest.mark.parametrize("query", [{"show": "odd"}, {"after": "x"}, {"after": 10**30}])
def test_what_makes_no_sense_in_the_address_shows_the_first_rows(as_reviewer, called, query):
    assert "I left my card in Lisbon" in page(as_reviewer, f"intents/{called.pk}/", **query)


def test_many_rows_go_on_page_by_page(
    as_reviewer, bot, annotator, lisbon, lost, django_assert_num_queries
):
    label_many(bot, annotator, lost, 60)
    version = freeze(bot, by=annotator)
    called = version.intents.get(name="card_lost")
    first = listing.rows_page(called, shown=listing.Shown.TRAIN, after=0)

    with django_assert_num_queries(5):
        response = as_reviewer.get(f"{URL}intents/{called.pk}/?after={first.later_after}")

    second = response.context["page"]
    assert (len(first.rows), len(second.rows), second.later_after) == (50, 11, None)
    assert {row.place for row in first.rows} & {row.place for row in second.rows} == set()


def test_texts_with_two_labels_stand_beside_each_other(
    as_reviewer, bot, annotator, lisbon, lost, stolen
):
    for text in ("gone", "away"):
        label(bot, annotator, text, lost)
        label(bot, annotator, text, stolen)
    version = freeze(bot, by=annotator)

    response = as_reviewer.get(f"{URL}{version.pk}/clashes/")

    said = [row.turn.text for row in response.context["page"]]
    assert sorted(said) == ["away", "away", "gone", "gone"]
    assert said[0] == said[1]


def test_where_none_has_it_says_so(as_reviewer, version):
    assert "No text has two labels" in page(as_reviewer, f"{version.pk}/clashes/")


# ── what changed ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def changed(bot, annotator, lisbon, lost, stolen):
    """Two versions: one row was added, one removed, one relabelled."""
    gone = label(bot, annotator, "I take this back", lost)
    other = label(bot, annotator, "it means something else", lost)
    freeze(bot, by=annotator)
    withdraw(gone)
    withdraw(other)
    label(bot, annotator, "this is new", lost)
    type(other).objects.create(
        bot=bot, turn=other.turn, text=other.text, annotation=other.annotation, verdict="intent",
        intent=stolen, side="train", policy="signals", guess_shown=True,
    )  # fmt: skip
    return freeze(bot, by=annotator)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("added", "this is new"),
        ("removed", "I take this back"),
        ("relabelled", "it means something else"),
    ],
)
def test_each_kind_of_change_is_counted_and_listed(as_reviewer, changed, change, text):
    response = as_reviewer.get(f"{URL}{changed.pk}/changes/?change={change}")

    found = response.context["page"]
    assert [row.text for row in found.rows] == [text]
    assert [(str(each), count) for each, count in found.counted] == [
        ("added", 1),
        ("removed", 1),
        ("relabelled", 1),
        ("moved", 0),
    ]


def test_a_change_shows_both_labels(as_reviewer, changed):
    response = as_reviewer.get(f"{URL}{changed.pk}/changes/?change=relabelled")

    (row,) = response.context["page"].rows
    assert (row.was.label, row.now.label) == ("card_lost", "card_stolen")


def test_a_row_that_changed_its_side_has_moved(as_reviewer, bot, annotator, version, lisbon):
    type(lisbon[0]).objects.filter(pk=lisbon[0].pk).update(side="audit")
    label(bot, annotator, "another", lisbon[0].intent)
    now = freeze(bot, by=annotator)

    response = as_reviewer.get(f"{URL}{now.pk}/changes/?change=moved")

    (row,) = response.context["page"].rows
    assert (row.was.side, row.now.side) == ("train", "audit")


def test_any_other_version_can_be_compared_with(as_reviewer, bot, annotator, changed, lost):
    label(bot, annotator, "and one more", lost)
    third = freeze(bot, by=annotator)

    response = as_reviewer.get(f"{URL}{third.pk}/changes/?since=1")

    assert response.context["older"].number == 1
    assert [row.text for row in response.context["page"].rows] == ["and one more", "this is new"]


@pytest.mark.parametrize("query", [{"since": "99"}, {"since": "x"}, {"change": "odd"}])
def test_what_makes_no_sense_is_compared_with_the_one_before(as_reviewer, changed, query):
    assert "this is new" in page(as_reviewer, f"{changed.pk}/changes/", **query)


def test_a_first_version_has_nothing_to_be_compared_with(as_reviewer, version):
    assert "There is no other version" in page(as_reviewer, f"{version.pk}/changes/")


def test_a_comparison_that_takes_too_long_names_what_git_can_do(as_reviewer, changed, monkeypatch):
    monkeypatch.setattr(differing, "SECONDS", 0.001)
    monkeypatch.setattr(differing, "COUNT", "SELECT pg_sleep(1), " + differing.COUNT[7:])

    shown = page(as_reviewer, f"{changed.pk}/changes/")

    assert "The comparison took too long." in shown
    assert "git diff --stat bank-bot/v1 bank-bot/v2" in shown


def test_many_changes_go_on_page_by_page(
    as_reviewer, bot, annotator, version, lost, django_assert_num_queries
):
    label_many(bot, annotator, lost, 60)
    now = freeze(bot, by=annotator)

    with django_assert_num_queries(12):
        first = as_reviewer.get(f"{URL}{now.pk}/changes/").context["page"]
    after = first.later_after
    second = as_reviewer.get(f"{URL}{now.pk}/changes/?after={after}").context["page"]

    assert (len(first.rows), len(second.rows), second.later_after) == (50, 10, None)


# ── downloads ─────────────────────────────────────────────────────────────────────────


def test_a_version_is_downloaded_as_it_is_asked_for(as_engineer, version):
    response = as_engineer.get(f"{URL}{version.pk}/download/?format=csv")

    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="bank-bot-v1.csv"'
    assert b"I left my card in Lisbon" in response.getvalue()


def test_a_format_that_there_is_not_is_not_found(as_engineer, version):
    assert as_engineer.get(f"{URL}{version.pk}/download/?format=odd").status_code == 404


def test_a_reviewer_looks_and_does_not_download(as_reviewer, version):
    assert "Download" not in page(as_reviewer, f"{version.pk}/")
    assert as_reviewer.get(f"{URL}{version.pk}/download/").status_code == 403
