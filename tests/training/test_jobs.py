"""training/jobs.py"""

import threading

import pytest
from django.db import connection

from jobs import work
from jobs.models import Job
from tests.training.saying import label
from training.freezing import freeze
from training.jobs import FREEZE, request_freezing
from training.models import DatasetVersion


def test_freezing_is_a_job_that_says_which_version_it_made(bot, engineer, annotator, lisbon):
    job = request_freezing(bot, by=engineer)

    work.run(job.pk)

    job.refresh_from_db()
    version = DatasetVersion.objects.of(bot).sealed().get()
    assert (job.kind, job.state, job.message) == (FREEZE, "done", "Frozen as version 1")
    assert version.created_by == engineer


def test_who_asks_again_gets_the_job_that_waits(bot, engineer):
    assert request_freezing(bot, by=engineer) == request_freezing(bot, by=None)


def test_too_little_is_said_in_a_sentence_and_not_tried_again(bot, engineer):
    job = request_freezing(bot, by=engineer)

    work.run(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.error.startswith("There is nothing to freeze: no turn of this bot has a label yet.")


@pytest.mark.django_db(transaction=True)
def test_two_who_freeze_at_once_make_two_versions_one_after_the_other(bot, annotator, lisbon, lost):
    numbers, ready = [], threading.Barrier(2)

    def one(text):
        try:
            ready.wait(10)
            label(bot, annotator, text, lost)
            numbers.append(freeze(bot, by=annotator).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(f"{word} {word}",)) for word in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(numbers) in ([1, 2], [1, 1])
    versions = DatasetVersion.objects.of(bot)
    assert versions.count() == versions.sealed().count() == max(numbers)
    assert versions.newest_first()[0].train_count == 4
