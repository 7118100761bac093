"""/jobs/ and below"""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.listing import PAGE
from jobs.models import Job

State = Job.State


def make_job(bot, **fields):
    if fields.get("state") in {State.DONE, State.FAILED, State.CANCELLED}:
        fields.setdefault("ended_at", timezone.now())
    return Job.objects.create(kind="instant", bot=bot, **fields)


def test_the_list_shows_the_jobs_of_this_bot_alone(as_annotator, bot, other_bot):
    own, foreign = make_job(bot), make_job(other_bot)

    page = as_annotator.get("/jobs/").content.decode()

    assert f"/jobs/{own.pk}/" in page
    assert f"/jobs/{foreign.pk}/" not in page


def test_jobs_of_the_whole_install_are_shown_to_its_operator(as_operator, as_annotator, bot):
    job = make_job(None)

    assert f"/jobs/{job.pk}/" in as_operator.get("/jobs/").content.decode()
    assert as_annotator.get(f"/jobs/{job.pk}/").status_code == 404


def test_another_bots_job_is_not_found(as_annotator, other_bot):
    assert as_annotator.get(f"/jobs/{make_job(other_bot).pk}/").status_code == 404


def test_an_impossible_number_is_not_found(as_annotator):
    assert as_annotator.get(f"/jobs/{10**30}/").status_code == 404


def test_an_empty_list_says_what_will_appear(as_annotator):
    assert "No jobs yet" in as_annotator.get("/jobs/").content.decode()


def test_the_list_is_filtered_by_its_address(as_annotator, bot):
    failed, done = make_job(bot, state=State.FAILED), make_job(bot, state=State.DONE)

    page = as_annotator.get("/jobs/?state=failed&kind=instant").content.decode()

    assert f"/jobs/{failed.pk}/" in page
    assert f"/jobs/{done.pk}/" not in page


@pytest.mark.parametrize("nonsense", ["state=flying", "before=x", f"before={10**40}", "before=-1"])
def test_a_filter_that_makes_no_sense_is_left_out(as_annotator, bot, nonsense):
    job = make_job(bot)

    response = as_annotator.get(f"/jobs/?{nonsense}")

    assert response.status_code == 200
    assert f"/jobs/{job.pk}/" in response.content.decode()


def test_older_jobs_are_one_link_away(as_annotator, bot):
    oldest = make_job(bot)
    for _ in range(PAGE):
        make_job(bot)

    first = as_annotator.get("/jobs/")
    second = as_annotator.get(f"/jobs/?before={oldest.pk + 1}")

    assert f"?before={oldest.pk + 1}" in first.content.decode()
    assert f"/jobs/{oldest.pk}/" in second.content.decode()
    assert "Newest" in second.content.decode()


def test_the_list_takes_as_many_queries_for_fifty_jobs_as_for_one(
    as_annotator, bot, annotator, django_assert_max_num_queries
):
    for _ in range(PAGE):
        make_job(bot, created_by=annotator, state=State.DONE)

    with django_assert_max_num_queries(6):
        as_annotator.get("/jobs/")


def test_only_a_list_with_live_jobs_asks_for_itself_again(as_annotator, bot):
    job = make_job(bot)
    assert "every 3s" in as_annotator.get("/jobs/rows/").content.decode()

    Job.objects.filter(pk=job.pk).update(state=State.DONE, ended_at=timezone.now())
    assert "every 3s" not in as_annotator.get("/jobs/rows/").content.decode()


def test_a_failed_job_shows_its_sentence(as_annotator, bot):
    job = make_job(bot, state=State.FAILED, error="The dataset holds only one intent.")

    page = as_annotator.get(f"/jobs/{job.pk}/").content.decode()

    assert "The dataset holds only one intent." in page


def test_progress_comes_with_the_time_that_is_left(as_annotator, bot):
    job = make_job(
        bot,
        state=State.RUNNING,
        token="0" * 32,
        lease_until=timezone.now() + timedelta(hours=1),
        started_at=timezone.now() - timedelta(minutes=2),
        done=25,
        total=100,
    )

    page = as_annotator.get(f"/jobs/{job.pk}/card/").content.decode()

    assert "25 of 100" in page
    assert "about 6 min" in page


def test_an_engineer_cancels_a_waiting_job(as_engineer, bot):
    job = make_job(bot)

    response = as_engineer.post(f"/jobs/{job.pk}/cancel/", follow=True)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert "Cancelled." in response.content.decode()


def test_once_a_job_has_ended_what_can_be_done_changes_with_its_card(as_engineer, bot):
    live = as_engineer.get(f"/jobs/{make_job(bot).pk}/card/").content.decode()
    job = make_job(bot, state=State.FAILED, error="It stopped.")

    card = as_engineer.get(f"/jobs/{job.pk}/card/").content.decode()

    assert "job-actions" not in live  # a question that is open on the page stays open
    assert 'hx-swap-oob="true"' in card and "Try again" in card and "Stop the job" not in card


def test_an_annotator_may_not_cancel(as_annotator, bot):
    job = make_job(bot)

    assert as_annotator.post(f"/jobs/{job.pk}/cancel/").status_code == 403
    assert "Stop this job" not in as_annotator.get(f"/jobs/{job.pk}/").content.decode()


def test_cancelling_what_has_ended_says_so(as_engineer, bot):
    job = make_job(bot, state=State.DONE)

    response = as_engineer.post(f"/jobs/{job.pk}/cancel/")

    assert response.status_code == 409
    assert "had already ended" in response.content.decode()


def test_an_engineer_tries_a_failed_job_again(as_engineer, bot):
    job = make_job(bot, state=State.FAILED, attempt=3, error="It stopped.")

    as_engineer.post(f"/jobs/{job.pk}/retry/")

    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.QUEUED, 0)


def test_trying_a_done_job_again_says_why_not(as_engineer, bot):
    job = make_job(bot, state=State.DONE)

    response = as_engineer.post(f"/jobs/{job.pk}/retry/")

    assert response.status_code == 409
    assert "Only a job that failed" in response.content.decode()


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_looking_changes_nothing(as_engineer, bot, action):
    assert as_engineer.get(f"/jobs/{make_job(bot).pk}/{action}/").status_code == 405
