"""Plots of a report: numbers become places on paper, and a table that says the same.

templates/training/_chart.html draws a Chart as SVG. Colours are classes of static/report.css, which
follow the theme; marks differ in shape too. No script is needed, and print shows what the screen
shows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml.wording import percent

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 72, 28, 12, 44
ROW, NAMES = 22, 190  # of charts with a row for each name
LONGEST_NAME = 26
MOST_TICKS = 6
HALF = 0.5  # from here up an axis of shares has a tick at every tenth, below at every second

Found = dict[str, Any]


@dataclass(frozen=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True)
class Line:
    points: str
    kind: str  # live, candidate, ideal, spread
    title: str = ""


@dataclass(frozen=True)
class Mark:
    x: str
    y: str
    kind: str
    title: str


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    kind: str
    title: str


@dataclass(frozen=True)
class Chart:
    """One plot. `rows` are its numbers, under `head`."""

    key: str
    title: str
    says: str
    x_label: str
    y_label: str
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[Line] = ()
    marks: Sequence[Mark] = ()
    bars: Sequence[Bar] = ()
    legend: Sequence[tuple[str, str]] = ()  # kind, what it is
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def middle(self) -> int:
        return (self.left + self.right) // 2

    @property
    def half_way(self) -> int:
        return (self.top + self.bottom) // 2


@dataclass(frozen=True)
class Scale:
    """From numbers to places."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> str:
        part = (value - self.low) / ((self.high - self.low) or 1.0)
        return f"{self.start + part * (self.end - self.start):.1f}"

    def ticks(self, labels: Sequence[tuple[float, str]]) -> list[Tick]:
        return [Tick(self(value), label) for value, label in labels]


BOTH = (("live", "Live"), ("candidate", "This version"))


def _shares(low: float = 0.0) -> list[tuple[float, str]]:
    """Round percents from `low` to all."""
    each = 10 if low >= HALF else 20
    return [(at / 100, f"{at} %") for at in range(round(100 * low), 101, each)]


def round_counts(most: float) -> list[tuple[float, str]]:
    """Round numbers from 0 to `most`."""
    size = 10 ** math.floor(math.log10(max(most, 1)))
    each = next(part for n in (0.2, 0.5, 1, 2) if most / (part := max(1, n * size)) <= MOST_TICKS)
    return [(n * each, f"{n * each:,.0f}") for n in range(int(most / each) + 1)]


def _short(name: str) -> str:
    name = name or "out of scope"
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _lowest(values: Sequence[float]) -> float:
    """A round share below all of them, so that what differs can be seen."""
    low = max(0, min(9, int(min(values, default=0.0) * 10 - 0.5)))
    return (low if low >= 10 * HALF else low - low % 2) / 10


def _below(rows: int) -> int:
    """Where a chart of so many rows ends."""
    return TOP + ROW * max(rows, 1)


def dumbbell(intents: Sequence[Found], *, compared: bool) -> Chart:
    """Recall of each intent, live beside the candidate."""
    shown = [one for one in intents if one["candidate"]["recall"] is not None]
    bottom, across = _below(len(shown)), Scale(0, 1, NAMES, WIDTH - RIGHT)
    lines, marks = [], []
    for row, one in enumerate(shown):
        y, now, before = TOP + ROW * (row + 0.5), one["candidate"]["recall"], one["live"]["recall"]
        if compared:
            kind = "worse" if now < before else "gained"
            lines.append(Line(f"{across(before)},{y} {across(now)},{y}", kind))
            marks.append(Mark(across(before), f"{y}", "live", f"Live: {percent(before)}"))
        marks.append(Mark(across(now), f"{y}", "candidate", f"This version: {percent(now)}"))
    return Chart(
        key="dumbbell",
        title="Recall of each intent",
        says="How many turns of each intent are recognised."
        + (" The line goes from the live version to this one." if compared else ""),
        x_label="Recall",
        y_label="",
        x_ticks=across.ticks(_shares()),
        y_ticks=[
            Tick(f"{TOP + ROW * (row + 0.5)}", _short(one["intent"]))
            for row, one in enumerate(shown)
        ],
        head=("Intent", "Rows", *(["Live"] if compared else []), "This version"),
        rows=[
            (
                one["intent"],
                f"{one['rows']:,}",
                *([percent(one["live"]["recall"])] if compared else []),
                percent(one["candidate"]["recall"]),
            )
            for one in shown
        ],
        lines=lines,
        marks=marks,
        legend=BOTH if compared else BOTH[1:],
        left=NAMES,
        bottom=bottom,
        height=bottom + BOTTOM,
    )


def diagram(live: Found | None, candidate: Found | None) -> Chart | None:
    """The reliability diagram: as sure as it is right?"""
    if not candidate or not candidate["bins"]:
        return None
    across, up = Scale(0, 1, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    bins = candidate["bins"]
    spreads = [
        Line(
            f"{across(one['confidence'])},{up(one['lower'])} "
            f"{across(one['confidence'])},{up(one['upper'])}",
            "spread",
        )
        for one in bins
    ]
    both = [("live", live["bins"])] if live else []
    both.append(("candidate", bins))
    return Chart(
        key="reliability",
        title="Is it as sure as it is right?",
        says="On the dashed line confidence is honest; below it the version is too sure. "
        f"Calibration error {percent(candidate['error'])}, Brier score {candidate['brier']:.3f}.",
        x_label="Confidence",
        y_label="Share that is right",
        x_ticks=across.ticks(_shares()),
        y_ticks=up.ticks(_shares()),
        head=("Which", "Confidence", "Right", "90 % interval", "Rows"),
        rows=[
            (
                dict(BOTH)[kind],
                percent(one["confidence"]),
                percent(one["right"]),
                f"{percent(one['lower'])} to {percent(one['upper'])}",
                f"{one['rows']:,}",
            )
            for kind, some in both
            for one in some
        ],
        lines=[Line(f"{across(0)},{up(0)} {across(1)},{up(1)}", "ideal"), *spreads],
        marks=[
            Mark(
                across(one["confidence"]), up(one["right"]), kind,
                f"{percent(one['confidence'])} sure, {percent(one['right'])} right",
            )
            for kind, some in both
            for one in some
        ],
        legend=(("ideal", "Honest"), *(BOTH if live else BOTH[1:])),
    )  # fmt: skip


def coverage(live: Found | None, candidate: Found | None) -> Chart | None:
    """How much may be left to it, and how much of that is right."""
    if not candidate or not candidate["curve"]:
        return None
    each = [("candidate", candidate["curve"])]
    if live and live["curve"]:
        each.insert(0, ("live", live["curve"]))
    low = _lowest([one["precision"] for _, curve in each for one in curve])
    across, up = Scale(0, 1, LEFT, WIDTH - RIGHT), Scale(low, 1, HEIGHT - BOTTOM, TOP)
    wanted = candidate["precision"]
    return Chart(
        key="coverage",
        title="How much may it answer alone?",
        says=_alone(candidate),
        x_label="Share of turns, the surest first",
        y_label="Share of these that is right",
        x_ticks=across.ticks(_shares()),
        y_ticks=up.ticks(_shares(low)),
        head=("Which", "From confidence", "Turns covered", "Right"),
        rows=[
            (
                dict(BOTH)[kind],
                percent(one["confidence"]),
                percent(one["coverage"]),
                percent(one["precision"]),
            )
            for kind, curve in each
            for one in curve[:: max(1, len(curve) // 20)]
        ],
        lines=[
            Line(f"{across(0)},{up(wanted)} {across(1)},{up(wanted)}", "ideal"),
            *(
                Line(
                    " ".join(f"{across(one['coverage'])},{up(one['precision'])}" for one in curve),
                    kind,
                )
                for kind, curve in each
            ),
        ],
        legend=(("ideal", f"{100 * wanted:.0f} % right"), *(BOTH if len(each) > 1 else BOTH[1:])),
    )


def _alone(of: Found) -> str:
    if not of["coverage"]:
        return f"Nothing can be left to it with {100 * of['precision']:.0f} % right."
    return (
        f"From a confidence of {percent(of['confidence'])} it may answer "
        f"{percent(of['coverage'])} of the turns alone, with {100 * of['precision']:.0f} % of "
        "them right."
    )


REFUSED = {
    "few points": "There are too few labels to say how accuracy grows with them.",
    "narrow": "The points lie too close together to say where the curve goes.",
    "flat": "The curve is too flat to say when another point is reached.",
    "far": "The next point of accuracy is more than four times today's labels away.",
    "nothing left": "Less than a point is missing: more labels will hardly show.",
}


def learning(curve: Found | None) -> Chart | None:
    """What fewer labels would have come to, and how many the next point takes."""
    if not curve or not curve["points"]:
        return None
    found, goes_on = curve["points"], curve["labels"] is not None
    most = (curve["upper"] if goes_on else found[-1]["labels"]) * 1.04
    seen = [one["accuracy"] for one in found] + ([curve["target"]] if goes_on else [])
    low = _lowest(seen)
    across, up = Scale(0, most, LEFT, WIDTH - RIGHT), Scale(low, 1, HEIGHT - BOTTOM, TOP)
    lines = []
    fitted = [one for one in found if one["fitted"] is not None]
    if fitted:
        places = [f"{across(one['labels'])},{up(max(one['fitted'], low))}" for one in fitted]
        lines.append(Line(" ".join(places), "candidate"))
    marks = [
        Mark(across(one["labels"]), up(one["accuracy"]), "candidate",
             f"{one['labels']:,} labels: {percent(one['accuracy'])}")
        for one in found
    ]  # fmt: skip
    if goes_on:
        y = up(curve["target"])
        lines.append(Line(f"{across(curve['lower'])},{y} {across(curve['upper'])},{y}", "spread"))
        marks.append(Mark(across(curve["labels"]), y, "forecast", _forecast(curve)))
    return Chart(
        key="learning",
        title="What do more labels bring?",
        says=_forecast(curve) if goes_on else REFUSED[curve["refused"]],
        x_label="Labels learned from",
        y_label="Accuracy, of vectors alone",
        x_ticks=across.ticks(round_counts(most)),
        y_ticks=up.ticks(_shares(low)),
        head=("Labels", "Accuracy", "Curve"),
        rows=[
            (
                f"{one['labels']:,}",
                percent(one["accuracy"]),
                percent(one["fitted"]) if one["fitted"] is not None else "–",
            )
            for one in found
        ],
        lines=lines,
        marks=marks,
        legend=(("candidate", "Measured"), *((("forecast", "Forecast"),) if goes_on else ())),
    )


def _forecast(curve: Found) -> str:
    more = curve["labels"] - curve["points"][-1]["labels"]
    return (
        f"The next point of accuracy takes about {more:,} more labels: {curve['labels']:,} in all, "
        f"90 % interval {curve['lower']:,} to {curve['upper']:,}."
    )


def confused(confusion: Found, *, compared: bool) -> Chart | None:
    """The pairs that are confused most."""
    pairs = confusion["pairs"][:12]
    if not pairs:
        return None
    most = max(max(one["candidate"], one["live"]) for one in pairs)
    across, bottom = Scale(0, most, NAMES, WIDTH - RIGHT), _below(len(pairs) * 2)
    bars = []
    for row, one in enumerate(pairs):
        y = TOP + 2 * ROW * row
        counts = [("live", one["live"])] if compared else []
        counts.append(("candidate", one["candidate"]))
        for nth, (kind, count) in enumerate(counts):
            width = float(across(count)) - NAMES
            bars.append(
                Bar(f"{NAMES}", f"{y + 6 + nth * 16}", f"{width:.1f}", "14", kind,
                    f"{dict(BOTH)[kind]}: {count:,}")
            )  # fmt: skip
    return Chart(
        key="confused",
        title="What is taken for what",
        says="The pairs that this version confuses most, in test rows.",
        x_label="Rows",
        y_label="",
        x_ticks=across.ticks(round_counts(most)),
        y_ticks=[
            tick
            for row, one in enumerate(pairs)
            for tick in (
                Tick(f"{TOP + 2 * ROW * row + 13}", _short(one["truth"])),
                Tick(f"{TOP + 2 * ROW * row + 29}", f"→ {_short(one['answer'])}"),
            )
        ],
        head=("Meant", "Answered", "Rows", "Of the intent", *(["Live"] if compared else [])),
        rows=[
            (
                one["truth"] or "out of scope",
                one["answer"] or "out of scope",
                f"{one['candidate']:,}",
                percent(one["share"]),
                *([f"{one['live']:,}"] if compared else []),
            )
            for one in pairs
        ],
        bars=bars,
        legend=BOTH if compared else BOTH[1:],
        left=NAMES,
        bottom=bottom,
        height=bottom + BOTTOM,
    )
