"""Spans of a text as data sets write them."""

from typing import Any

from ingest.reading import NotUsable


def entities_of(fields: dict[str, Any], text: Any, *, place: str = "") -> list[dict[str, Any]]:
    """[{start, end, label}] as the entities of an event."""
    spans = fields.get("entities") or []
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        raise NotUsable("Send a list of objects here.", field=f"{place}entities")
    return [_entity(span, text) for span in spans]


def _entity(span: dict[str, Any], text: Any) -> dict[str, Any]:
    start, end = span.get("start"), span.get("end")
    entity = {"type": span.get("label"), "start": start, "end": end}
    if isinstance(text, str) and isinstance(start, int) and isinstance(end, int):
        entity["value"] = text[start:end]
    return entity
