"""What the made-up kinds of job leave behind, so that tests can count it."""

from django.db import models


class Effect(models.Model):
    """One attempt at a job, written when it began and marked when it was done."""

    job_id = models.BigIntegerField(db_index=True)
    attempt = models.PositiveSmallIntegerField()
    finished = models.BooleanField(default=False)
    written_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"job {self.job_id}, attempt {self.attempt}"
