"""What was done to who may do what, and to what is live: a chain that nobody edits unseen."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.people import Bot


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def sealed(self) -> Self:
        """Those that the database has put into the chain, which it does at their commit."""
        return self.filter(number__isnull=False)

    def in_order(self) -> Self:
        return self.order_by("number")


class AuditEntry(models.Model):
    """One thing that somebody did, said in ids. Never edited and never deleted.

    `number` and `digest` are the database's: written at the commit, in the order of the commits.
    The digest is the SHA-256 of the one before it and of everything else in the row.
    """

    number = models.BigIntegerField(
        null=True, unique=True, editable=False, help_text="Its place in the chain, from 1, no gaps."
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    event = models.CharField(max_length=60)
    # No constraint in the database: it would be looked at while the chain is locked.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="None: a command, a job, or the system itself.",
    )
    bot = models.ForeignKey(
        Bot, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    request_id = models.CharField(max_length=64, default="")
    job_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict, help_text="Ids, choices and counts; never a text.")
    digest = models.CharField(max_length=64, default="", editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            # A line break would let two rows have one canonical form.
            models.CheckConstraint(
                condition=models.Q(event__regex=r"^[a-z0-9_]+$"),
                name="audit_event_is_one_word",
            ),
            models.CheckConstraint(
                condition=models.Q(request_id__regex=r"^[!-~]*$"),
                name="audit_request_id_is_one_word",
            ),
        ]
        indexes = [
            models.Index(fields=["by", "-number"], name="audit_newest_of_person"),
            models.Index(fields=["bot", "-number"], name="audit_newest_of_bot"),
            models.Index(fields=["event", "-number"], name="audit_newest_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.event}"
