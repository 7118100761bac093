"""The record of all work that outlives a request."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from jobs.kinds import ATTEMPTS, KINDS

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the record. What changes a row's state is in leasing.py."""

    def of(self, bot: Any) -> Self:
        return self.filter(bot=bot)

    def seen_by(self, user: "AbstractBaseUser | AnonymousUser", *, bot: Any) -> Self:
        """The jobs of `bot`, and those of the whole install for its operator."""
        shown = Q(bot=bot) if bot is not None else Q(pk__in=())
        if getattr(user, "is_superuser", False):
            shown |= Q(bot=None)
        return self.filter(shown)

    def due(self, *, at: Any) -> Self:
        return self.filter(state=Job.State.QUEUED, run_after__lte=at)

    def running(self) -> Self:
        return self.filter(state=Job.State.RUNNING)

    def live(self) -> Self:
        return self.filter(state__in=Job.LIVE)

    def ended(self) -> Self:
        return self.exclude(state__in=Job.LIVE)

    def newest_first(self) -> Self:
        return self.order_by("-id")


class Job(models.Model):
    """One piece of work, written in the transaction of its cause.

    The row is the record and the queue only wakes workers: a message that is lost, doubled
    or late changes nothing. `token` is new for each attempt, and only its holder may write.
    `kind` and `object_id` never change.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    LIVE = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True, blank=True)
    bot = models.ForeignKey(
        "accounts.Bot",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # job_of_bot begins with it
    )
    key = models.CharField(
        max_length=200, blank=True, help_text="While one with this key is live, there is no second."
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    time_limit = models.FloatField(
        null=True, blank=True, help_text="Seconds one attempt may take; empty: as its kind says."
    )
    woken_at = models.DateTimeField(null=True, blank=True)

    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)

    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0, help_text="0: not known yet.")
    message = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(key=""),
                name="one_live_job_per_key",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="running", token__isnull=False, lease_until__isnull=False)
                    | (~Q(state="running") & Q(token=None, lease_until=None))
                ),
                name="only_a_running_job_is_leased",
            ),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(attempt__lt=ATTEMPTS),
                name="a_waiting_job_has_an_attempt_left",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["queued", "running"], ended_at=None)
                    | (~Q(state__in=["queued", "running"]) & Q(ended_at__isnull=False))
                ),
                name="an_ended_job_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["run_after", "id"], condition=Q(state="queued"), name="job_due"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_leased"),
            models.Index(fields=["bot", "-id"], name="job_of_bot"),
            models.Index(
                fields=["bot", "state"],
                condition=Q(state__in=["queued", "running", "failed"]),
                name="job_not_done",
            ),
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="job_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind}, {self.state})"

    @property
    def title(self) -> str:
        known = KINDS.get(self.kind)
        return known.title if known else self.kind

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def took(self) -> timedelta | None:
        """How long it has been running, or ran, in its last attempt; None while it waits."""
        if self.started_at is None or self.state == self.State.QUEUED:
            return None
        return (self.ended_at or timezone.now()) - self.started_at

    @property
    def remaining(self) -> timedelta | None:
        """An estimate from the pace so far; None before there is one."""
        if self.state != self.State.RUNNING or not (self.done and self.total and self.took):
            return None
        return self.took * max(self.total - self.done, 0) / self.done


class Schedule(models.Model):
    """A job that is requested again and again. One row for each `name`, made by `schedule`."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True, blank=True)
    bot = models.ForeignKey("accounts.Bot", models.CASCADE, null=True, blank=True, related_name="+")
    cron = models.CharField(max_length=80, help_text="Five fields, in UTC.")
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.cron})"


class ProcessQuerySet(models.QuerySet["Process"]):
    def alive(self, role: str) -> Self:
        """Those that gave a sign of life within three beats."""
        since = timezone.now() - 3 * timedelta(seconds=Process.BEAT)
        return self.filter(role=role, seen_at__gte=since)


class Process(models.Model):
    """A `worker` or `schedule` process and when it was last seen."""

    BEAT = 5  # seconds

    class Role(models.TextChoices):
        WORKER = "worker", "Worker"
        SCHEDULE = "schedule", "Schedule"

    name = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=10, choices=Role)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = ProcessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "processes"

    def __str__(self) -> str:
        return f"{self.role} {self.name}"
