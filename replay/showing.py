"""What the page of a replay reads: its table, its versions, and two plots."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Bot
from replay.models import Replay
from replay.summing import percent, summary_of
from training.charts import Chart
from training.curves import Series, over_labels


def other_of(row: Replay, *, among: Sequence[Bot]) -> Replay | None:
    """Its twin, or what it is the twin of, if that is a replay of one of these bots."""
    seen = Replay.objects.filter(bot__in=among).select_related("bot")
    if row.twin_of_id:
        return seen.filter(pk=row.twin_of_id).first()
    return seen.filter(twin_of=row).newest_first().first()


def shown(row: Replay, other: Replay | None) -> dict[str, Any]:
    points = [_with_traffic(point, before) for before, point in _pairs(row.points)]
    charts = [_accuracy(row, other), _traffic(points)]
    return {
        "table": summary_of(row),
        "points": points[::-1],
        "charts": [chart for chart in charts if chart],
    }


def _pairs(points: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each point with the one before it."""
    return list(zip([{}, *points], points, strict=False))


def _with_traffic(point: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A point, with what came by between the one before and it, and how much was right."""
    turns = point["sent"] - before.get("sent", 0)
    right = point["right"] - before.get("right", 0)
    return point | {
        "turns": turns,
        "right_share": right / turns if turns else None,
        "right_in_words": percent(right, turns),
        "accuracy_in_words": percent(point["accuracy"]),
    }


def _accuracy(row: Replay, other: Replay | None) -> Chart | None:
    series = [
        Series("candidate", "Each version", _curve(row, "accuracy")),
        Series("ideal", "What was live", _curve(row, "live_accuracy")),
    ]
    if other:
        label = "Each version, labels chosen" if row.is_twin else "Each version, none chosen"
        series.append(Series("live", label, _curve(other, "accuracy")))
    return over_labels(
        series,
        key="replay-accuracy",
        title="Accuracy on the file's test, by labels",
        says="How many of the test turns that have an intent were answered rightly. No version "
        "ever learned from them.",
    )


def _curve(row: Replay, name: str) -> list[tuple[int, float | None]]:
    return [(point["labels"], point[name]) for point in row.points]


def _traffic(points: list[dict[str, Any]]) -> Chart | None:
    return over_labels(
        [
            Series(
                "candidate",
                "Answered rightly",
                [(point["labels"], point["right_share"]) for point in points],
            )
        ],
        key="replay-traffic",
        title="Traffic answered rightly, by labels",
        says="Of the turns that came by between the version before and this one. None are right "
        "until one is live.",
    )
