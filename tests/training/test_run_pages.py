"""/training/ and /settings/training/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingest.embedding import encoder_of
from ingest.models import IntakeSettings
from jobs.models import Job, Schedule
from ml.encoders import ENCODERS
from tests.factories import make_dataset, make_model_version, make_run
from tests.training.version_pages import text_of
from training.configuring import settings_of
from training.models import QueueDraw, RunLine, TrainingRun
from training.run_listing import PAGE

# ── the list ──────────────────────────────────────────────────────────────────────────


def test_nothing_trained_says_what_it_takes(as_engineer):
    page = text_of(as_engineer.get("/training/"))

    assert "Nothing was trained yet" in page
    assert "at least ten labels" in page
    assert "Never: only by hand" in page
    assert "Drawn at random, until a model version can say" in page


def test_runs_are_shown_with_what_they_made(as_engineer, bot, other_bot):
    version = make_model_version(bot)
    make_run(bot, job={"state": "failed", "ended_at": timezone.now(), "error": "Only one intent."})
    foreign = make_model_version(other_bot)

    page = text_of(as_engineer.get("/training/"))

    assert f"/models/{version.pk}/" in page and "0.873" in page
    assert "Only one intent." in page
    assert f"/training/{foreign.run_id}/" not in page
    assert "hx-trigger" not in page


def test_a_live_run_has_the_table_ask_for_itself_again(as_engineer, bot):
    make_run(bot, job={"state": "running", "token": "1" * 32, "done": 3, "total": 9,
                       "message": "Tried vectors, C 20: 67.0% of 900 turns right",
                       "lease_until": timezone.now() + timedelta(hours=1)})  # fmt: skip

    page = text_of(as_engineer.get("/training/rows/"))

    assert 'hx-trigger="every 2s"' in page
    assert "Tried vectors, C 20" in page and "3 of 9" in page
    assert "<html" not in page


def test_older_runs_are_one_link_away(as_engineer, bot):
    ended = {"state": "done", "ended_at": timezone.now()}
    for _ in range(PAGE + 1):
        make_run(bot, job=ended)

    first, second = (text_of(as_engineer.get(f"/training/{end}")) for end in ("", "?before=2"))

    assert "/training/?before=2" in first or "?before=2" in first
    assert "Run 1<" in second and "Run 2<" not in second
    assert as_engineer.get("/training/?before=x").status_code == 200


@pytest.mark.parametrize("runs", [1, PAGE])
def test_the_list_takes_as_many_queries_for_many_runs_as_for_one(
    as_engineer, bot, runs, django_assert_max_num_queries
):
    for _ in range(runs):
        make_model_version(bot)

    with django_assert_max_num_queries(12):
        as_engineer.get("/training/")


def test_what_is_drawn_and_what_starts_runs_is_said(as_engineer, bot):
    version = make_model_version(bot)
    QueueDraw.objects.create(
        bot=bot, model_version=version, pool=12_345, picked=215, novel=15, seconds=0.4
    )
    settings = settings_of(bot)
    settings.schedule, settings.after_labels = "weekly", 200
    settings.save()

    page = text_of(as_engineer.get("/training/"))

    assert "215 of 12,345 texts drawn by version 1" in page
    assert "Once a week at 3:00 UTC , and after 200 new labels" in page


def test_vectors_that_are_being_made_are_shown_with_progress(as_engineer, bot):
    Job.objects.create(kind="embed", bot=bot, key=f"embed:{bot.pk}", done=4000, total=60_000)

    page = text_of(as_engineer.get("/training/"))

    assert "Making vectors of texts" in page and "4,000 of 60,000" in page


# ── starting, cancelling, trying again ────────────────────────────────────────────────


def test_an_engineer_starts_a_run(as_engineer, engineer, bot):
    response = as_engineer.post("/training/start/", {"seed": "", "bot": bot.slug}, follow=True)

    run = TrainingRun.objects.of(bot).get()
    assert (run.created_by, run.trigger, run.job.state) == (engineer, "hand", "queued")
    assert run.job.time_limit == 3600
    assert "Training has been asked for" in text_of(response)
    assert "It begins when a worker is free" in text_of(response)


def test_a_run_can_be_repeated_by_its_seed(as_engineer, bot):
    make_model_version(bot)

    as_engineer.post("/training/start/", {"seed": "42", "afresh": "on"})

    run = TrainingRun.objects.newest_first()[0]
    assert (run.seed, run.warm_start) == (42, None)


@pytest.mark.parametrize("seed", ["-1", str(2**31), "x", "1.5", "\0"])
def test_a_seed_that_cannot_be_is_refused(as_engineer, bot, seed):
    response = as_engineer.post("/training/start/", {"seed": seed})

    assert response.status_code == 422
    assert "Nothing was started." in text_of(response)
    assert not TrainingRun.objects.exists()


def test_while_one_is_live_another_is_not_started(as_engineer, bot):
    as_engineer.post("/training/start/")

    response = as_engineer.post("/training/start/")

    assert response.status_code == 409
    assert "Nothing was started: a run is live." in text_of(response)
    assert TrainingRun.objects.count() == 1


def test_a_waiting_run_is_cancelled_and_tried_again(as_engineer, bot):
    as_engineer.post("/training/start/")
    run = TrainingRun.objects.get()

    page = text_of(as_engineer.post(f"/training/{run.pk}/cancel/", follow=True))
    assert "Cancelled." in page and "Try again" in page

    page = text_of(as_engineer.post(f"/training/{run.pk}/retry/", follow=True))
    assert "Queued again" in page
    run.job.refresh_from_db()
    assert run.job.state == "queued"
    assert TrainingRun.objects.count() == 1


def test_what_ended_is_not_cancelled_and_what_went_well_not_tried_again(as_engineer, bot):
    run = make_model_version(bot).run

    too_late = as_engineer.post(f"/training/{run.pk}/cancel/")
    not_failed = as_engineer.post(f"/training/{run.pk}/retry/")

    assert (too_late.status_code, not_failed.status_code) == (409, 409)
    assert "nothing to cancel" in text_of(too_late)
    assert "Only a run that failed" in text_of(not_failed)


def test_an_annotator_reads_that_it_takes_an_engineer(as_annotator, as_reviewer, bot):
    for client in (as_annotator, as_reviewer):
        assert client.get("/training/").status_code == 403
        assert client.post("/training/start/").status_code == 403


# ── one run ───────────────────────────────────────────────────────────────────────────


def test_a_run_shows_its_log_candidates_and_what_it_made(as_engineer, bot):
    version = make_model_version(bot)
    run = version.run
    run.candidates = [
        {"name": "vectors, C 20", "rows": 900, "accuracy": 0.81, "macro_f1": 0.8,
         "log_loss": 0.7, "chosen": False},
        {"name": "both, words count 30%", "rows": 900, "accuracy": 0.84, "macro_f1": None,
         "log_loss": 0.6, "chosen": True},
    ]  # fmt: skip
    run.seconds = {"freeze": 1.5, "search and fit": 33.25}
    run.save()
    RunLine.objects.create(run=run, attempt=1, text="Learns from dataset version 1")
    RunLine.objects.create(run=run, attempt=1, text="No turn of the audit", tone="warn")

    page = text_of(as_engineer.get(f"/training/{run.pk}/"))

    assert "It made a model version." in page and f"/models/{version.pk}/" in page
    assert "Learns from dataset version 1" in page and "Mind" in page
    assert "both, words count 30%" in page and "0.840" in page and "Chosen" in page
    assert "Search and fit" in page and "33.3 s" in page
    assert "hx-get" not in page.split("<main")[1]


def test_a_failed_run_says_why(as_engineer, bot):
    sentence = "There are only 3 labels to train on, and 10 is the least."
    run = make_run(bot, job={"state": "failed", "ended_at": timezone.now(), "error": sentence})

    page = text_of(as_engineer.get(f"/training/{run.pk}/"))

    assert "Training stopped." in page and sentence in page
    assert "Try again" in page


def test_a_live_run_asks_for_itself_again(as_engineer, bot):
    run = make_run(bot)

    card = as_engineer.get(f"/training/{run.pk}/card/")

    assert f'hx-get="/training/{run.pk}/card/"' in text_of(card)
    assert "<html" not in text_of(card)


def test_once_a_run_has_ended_what_can_be_done_changes_with_its_card(as_engineer, bot):
    live = text_of(as_engineer.get(f"/training/{make_run(bot).pk}/card/"))
    failed = make_run(bot, job={"state": "failed", "ended_at": timezone.now(), "error": "Only 3."})

    card = text_of(as_engineer.get(f"/training/{failed.pk}/card/"))
    made = text_of(as_engineer.get(f"/training/{make_model_version(bot).run_id}/card/"))

    assert "run-actions" not in live  # a question that is open on the page stays open
    assert 'id="run-actions" class="actions" hx-swap-oob="true"' in card and "Try again" in card
    assert 'hx-swap-oob="true"' in made and "Stop the run" not in made


def test_a_run_takes_few_queries(as_engineer, bot, django_assert_max_num_queries):
    run = make_run(bot, dataset=make_dataset(bot))
    for number in range(60):
        RunLine.objects.create(run=run, attempt=1, text=f"line {number}")

    with django_assert_max_num_queries(8):
        as_engineer.get(f"/training/{run.pk}/card/")


def test_another_bots_run_is_not_found(as_engineer, bot, other_bot):
    assert as_engineer.get(f"/training/{make_run(other_bot).pk}/").status_code == 404


# ── settings ──────────────────────────────────────────────────────────────────────────

RIGHT = {
    "schedule": "weekly",
    "weekday": "3",
    "hour": "4",
    "after_labels": "500",
    "budget": "60",
    "time_limit": "600",
    "encoder": "use",
}


def test_what_is_saved_is_shown_again_and_planned(as_engineer, bot):
    response = as_engineer.post("/settings/training/", RIGHT, follow=True)

    assert "Saved. It holds for runs" in text_of(response)
    found = settings_of(bot)
    assert (found.schedule, found.after_labels, found.time_limit) == ("weekly", 500, 600)
    row = Schedule.objects.get(name=f"train_on_schedule:{bot.pk}")
    assert (row.kind, row.bot, row.cron) == ("train_on_schedule", bot, "0 4 * * 3")
    assert row.next_at.hour == 4


def test_the_clock_can_be_set_anew_and_taken_off(as_engineer, bot):
    as_engineer.post("/settings/training/", RIGHT)

    as_engineer.post("/settings/training/", RIGHT | {"schedule": "daily", "hour": "22"})
    row = Schedule.objects.get(name=f"train_on_schedule:{bot.pk}")
    assert (row.cron, row.next_at.hour) == ("0 22 * * *", 22)

    as_engineer.post("/settings/training/", RIGHT | {"schedule": "off"})
    assert not Schedule.objects.filter(name=f"train_on_schedule:{bot.pk}").exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("schedule", "hourly"),
        ("weekday", "7"),
        ("hour", "24"),
        ("after_labels", "9"),
        ("budget", "0"),
        ("time_limit", "5"),
        ("time_limit", "59"),
        ("encoder", "word2vec"),
        ("hour", "\0"),
    ],
)
def test_what_cannot_be_used_brings_the_form_again(as_engineer, bot, field, typed):
    response = as_engineer.post("/settings/training/", RIGHT | {field: typed})

    assert response.status_code == 422
    assert "Nothing was saved yet." in text_of(response)
    assert settings_of(bot).pk is None or not settings_of(bot).after_labels


def test_an_encoder_that_is_not_installed_says_how_to_get_it(as_engineer, bot, monkeypatch):
    class Absent:
        name = "absent"

        @property
        def version(self):
            raise ValueError("The encoder absent is not installed. Run `pip install` for it.")

    monkeypatch.setitem(ENCODERS, "absent", Absent)

    response = as_engineer.post("/settings/training/", RIGHT | {"encoder": "absent"})

    assert response.status_code == 422
    assert "The encoder absent is not installed." in text_of(response)


def test_another_encoder_has_all_texts_encoded_anew(as_engineer, bot, monkeypatch):
    monkeypatch.setitem(ENCODERS, "other", ENCODERS["use"])
    as_engineer.post("/settings/training/", RIGHT)

    response = as_engineer.post("/settings/training/", RIGHT | {"encoder": "other"}, follow=True)

    assert "until they have, the old ones serve" in text_of(response)
    assert IntakeSettings.objects.get(bot=bot).encoder == "other"
    assert Job.objects.filter(kind="encode_anew", bot=bot).count() == 1
    assert encoder_of(bot).name == "use"  # the made-up one is the same underneath
