"""Examples of a merged intent go to the other one, and back."""

from typing import Any

from annotation import spelling, wording
from annotation.models import Intent, IntentExample

Row = tuple[str, bool, str]  # text, whether it belongs, reason


def rows_of(intent: Intent) -> list[Row]:
    return list(intent.examples.values_list("text", "belongs", "reason"))


def joined(into: list[Row], source: list[Row]) -> list[Row]:
    """Those of both, at most as many as an intent may have."""
    return everything_of(into, source)[: spelling.MOST_EXAMPLES]


def everything_of(into: list[Row], source: list[Row]) -> list[Row]:
    """Those of both; what belongs to either belongs."""
    belongs = {text for text, good, _ in (*into, *source) if good}
    found: dict[str, Row] = {}
    for text, good, reason in (*into, *source):
        if good or text not in belongs:
            found.setdefault(text, (text, good, reason))
    return list(found.values())


def put(intent: Intent, rows: list[Any]) -> None:
    """Let `rows` be all examples of an intent."""
    intent.examples.all().delete()
    good = [text for text, belongs, _ in rows if belongs]
    bad = [(text, reason) for text, belongs, reason in rows if not belongs]
    IntentExample.objects.bulk_create(wording.examples(intent, good, bad))
