"""Events as the API takes them."""

from ingest.adapters.records import Draft, Record


def drafts(record: Record, following: Record | None) -> list[Draft]:
    name = record.fields.get("event_id")
    if isinstance(name, str) and name:
        return [Draft(record.fields, name, is_named=True)]
    return [Draft(record.fields)]
