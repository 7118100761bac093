"""Keeps what judging found, as a report and the turns that it lists."""

from django.db import connection

from accounts.models import User
from training.canonical import canonical, digest
from training.judging import Judged
from training.models import EvaluationReport

COPY = """
COPY training_judgedturn (report_id, kind, rank, turn_id, truth, live, candidate, confidence)
FROM STDIN
"""


def store(judged: Judged, *, by: User | None) -> EvaluationReport:
    """Keep a report for good. Call it in a transaction."""
    content = canonical(judged.found)
    report = EvaluationReport.objects.create(
        bot=judged.version.bot,
        version=judged.version,
        champion=judged.champion,
        dataset=judged.dataset,
        rows=judged.rows,
        looks=judged.looks,
        outcome=judged.verdict.outcome,
        passes=judged.verdict.passes,
        headline=judged.verdict.headline,
        content=content,
        sha256=digest(content),
        created_by=by,
    )
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in judged.turns:
            copy.write_row((report.pk, *row))
    return report
