"""Asking a version the golden cases. What learns is imported here, and so by no page."""

from collections.abc import Sequence

import numpy as np

from accounts.models import Bot
from ml.golden import GoldenCheck, GoldenResult, check_golden
from training.asking import Asked
from training.models import GoldenCase


def results(bot: Bot, asked: Asked) -> tuple[GoldenResult, ...]:
    """What a version makes of all cases in use. Raise VectorsMissing."""
    cases = list(GoldenCase.objects.of(bot).in_use().select_related("intent").order_by("pk"))
    texts = [text for case in cases for text in case.texts]
    if not texts:
        return ()
    answers, proba = asked.of_new(texts)
    return check_golden(_checks(cases), answers, proba, np.asarray(asked.classes))


def _checks(cases: Sequence[GoldenCase]) -> list[GoldenCheck]:
    checks, at = [], 0
    for case in cases:
        rows = tuple(range(at, at + len(case.texts)))
        at += len(rows)
        checks.append(
            GoldenCheck(
                key=f"#{case.pk}",
                kind=case.kind,  # type: ignore[arg-type]  # of these three
                texts=rows,
                intent=case.intent.name if case.intent else "",
                rises=case.rises,
                must_pass=case.must_pass,
            )
        )
    return checks
