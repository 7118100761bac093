"""What a replay came to: the rows of its last table, at a terminal and on its page alike."""

from __future__ import annotations

from dataclasses import dataclass

from replay.models import Replay

STAGES = {
    "traffic": "Traffic comes by",
    "labelling": "Labelling",
    "training": "Training",
    "judging": "Judging and deciding",
    "drawing": "Drawing what is asked next",
    "measuring": "Asking the file's test",
}


@dataclass(frozen=True)
class Row:
    name: str
    value: str


def percent(part: float | None, whole: float | None = 1) -> str:
    """A share in percent; a dash where there is nothing to be a share of."""
    if part is None or not whole:
        return "–"
    return f"{100 * part / whole:.1f} %"


def verdicts(row: Replay) -> dict[str, int]:
    """How many versions were promoted, with an override, rejected, and not judged."""
    said = [point["verdict"] for point in row.points]
    return {
        "promoted": said.count("promote"),
        "overridden": sum(point["overrides"] for point in row.points),
        "rejected": said.count("reject"),
        "unjudged": said.count(""),
    }


def summary_of(row: Replay) -> list[Row]:
    last, said = row.last, verdicts(row)
    audit = last.get("audit", 0)
    rows = [
        _of_end(row),
        Row("Labels", f"{row.count('labels'):,}, of these about {audit:,} for the audit"),
        Row("Wrong on purpose", f"{row.count('wrong'):,}"),
        Row("Versions trained", f"{len(row.points):,}"),
        Row("Promoted", f"{said['promoted']:,}, of these {said['overridden']:,} by an override"),
        Row("Rejected", f"{said['rejected']:,}"),
        Row("Accuracy on the test, live", percent(last.get("live_accuracy"))),
        Row("Accuracy on the test, newest", percent(last.get("accuracy"))),
        *_of_traffic(row),
        *_of_outside(row),
        *(
            Row(STAGES[name], f"{wall:,.0f} s, {cpu:,.0f} s CPU")
            for name, (wall, cpu) in row.stages.items()
        ),
        Row("In all", f"{row.count('seconds'):,} s"),
    ]
    if said["unjudged"]:
        rows.insert(6, Row("Not judged", f"{said['unjudged']:,}"))
    return rows


def _of_end(row: Replay) -> Row:
    if not row.is_going:
        return Row("Ended because", row.ended_because)
    if row.is_at_work:
        return Row("So far", "it goes on; figures come with each version")
    return Row("So far", "it was stopped; the same command again goes on from there")


def _of_traffic(row: Replay) -> list[Row]:
    sent, answered, right = (row.count(name) for name in ("sent", "answered", "right"))
    return [
        Row("Turns that came by", f"{sent:,}, {answered:,} after a version was live"),
        Row(
            "Answered rightly",
            f"{percent(right, answered)} of these, {percent(right, sent)} of all"
            if answered
            else "none: they came before a version was live",
        ),
    ]


def _of_outside(row: Replay) -> list[Row]:
    """What no intent fits, where there is any."""
    outside = row.count("outside")
    found = row.last.get("flagged")
    rows = []
    if outside:
        labelled, flagged = row.count("outside_labelled"), row.count("outside_flagged")
        asked = row.count("outside_answered")
        rows = [
            Row("Out of scope, turns that came by", f"{outside:,}"),
            Row("… labelled so by people", f"{labelled:,}, {percent(labelled, outside)}"),
            Row(
                "… told by the live version", f"{flagged:,}, {percent(flagged, asked)} of {asked:,}"
            ),
        ]
    if found is not None:
        rows.append(Row("Out of scope in the test, told", percent(found)))
    if row.points:
        rows.append(Row("In scope in the test, declined", percent(row.last["declined"])))
    return rows


def labels_to(row: Replay, accuracy: float) -> int | None:
    """After how many labels the newest version first reached that accuracy on the test."""
    reached = (point["labels"] for point in row.points if point["accuracy"] >= accuracy)
    return next(reached, None)


def compared(row: Replay, twin: Replay, *, accuracy: float) -> list[Row]:
    """How many labels each took to an accuracy, and how many times as many the twin did."""
    own, others = labels_to(row, accuracy), labels_to(twin, accuracy)
    at = f"{100 * accuracy:.0f} % of the test"
    told = [
        Row(f"Labels to {at}", _told(own, row)),
        Row("… when none are chosen", _told(others, twin)),
    ]
    if own and others:
        told.append(Row("… so many times as many", f"{others / own:.2f}"))
    elif own:
        more = twin.count("labels") / own
        told.append(Row("… so many times as many", f"more than {more:.2f}"))
    return told


def _told(labels: int | None, row: Replay) -> str:
    return f"{labels:,}" if labels else f"not reached with {row.count('labels'):,}"
