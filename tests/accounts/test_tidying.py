"""Forgetting what logins leave behind"""

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tidying import forget_expired_logins
from jobs import work
from jobs.kinds import KINDS
from jobs.models import Job


def test_sessions_that_ran_out_are_forgotten(as_annotator, as_reviewer):
    live = as_annotator.session.session_key
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.exclude(pk=live).update(expire_date=past)

    forget_expired_logins()

    assert [session.pk for session in Session.objects.all()] == [live]


def test_failed_logins_are_forgotten_after_a_day(anonymous, annotator, reviewer):
    for username in ("ana", "rafa"):
        anonymous.post("/login/", {"username": username, "password": "not this"})
    yesterday = timezone.now() - timedelta(hours=25)
    AccessAttempt.objects.filter(username="ana").update(attempt_time=yesterday)

    forget_expired_logins()

    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["rafa"]


def test_every_night_a_job_forgets_them(as_annotator):
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    job = Job.objects.create(kind="forget_expired_logins")

    work.run(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not Session.objects.exists()
    assert KINDS["forget_expired_logins"].cron
