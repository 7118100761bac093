"""Accuracy against labels: one plot for all pages that show how something learned."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.wording import percent
from training.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Chart,
    Line,
    Mark,
    Scale,
    round_counts,
)


@dataclass(frozen=True)
class Series:
    """Shares, 0 to 1, by how many labels there were; None where it was not measured."""

    kind: str  # a class of static/report.css
    label: str
    points: Sequence[tuple[int, float | None]]

    @property
    def known(self) -> list[tuple[int, float]]:
        return [(labels, share) for labels, share in self.points if share is not None]


def over_labels(series: Sequence[Series], *, key: str, title: str, says: str) -> Chart | None:
    """A line for each series. None where nothing was measured."""
    shown = [each for each in series if each.known]
    if not shown:
        return None
    most = max(labels for each in shown for labels, _ in each.known) or 1
    across, up = Scale(0, most, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    return Chart(
        key=key,
        title=title,
        says=says,
        x_label="Labels",
        y_label="Right",
        x_ticks=across.ticks(round_counts(most)),
        y_ticks=up.ticks([(step / 5, f"{20 * step} %") for step in range(6)]),
        head=("Labels", *(each.label for each in shown)),
        rows=_table(shown),
        lines=[
            Line(" ".join(f"{across(x)},{up(y)}" for x, y in each.known), each.kind)
            for each in shown
        ],
        marks=[
            Mark(across(x), up(y), each.kind, f"{each.label}, {x:,} labels: {percent(y)}")
            for each in shown
            for x, y in each.known
        ],
        legend=[(each.kind, each.label) for each in shown],
    )


def _table(series: Sequence[Series]) -> list[tuple[str, ...]]:
    """One row for each number of labels, a dash where a series has nothing to say."""
    columns = [dict(each.known) for each in series]
    labels = sorted({x for column in columns for x in column})
    return [
        (f"{x:,}", *(percent(column[x]) if x in column else "–" for column in columns))
        for x in labels
    ]
