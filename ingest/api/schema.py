"""What the documentation says of the request. The body is read by ingest/reading.py, strictly."""

from typing import Any

from pydantic.json_schema import models_json_schema

from ingest.events import Batch, Event

EXAMPLE = {
    "conversation_id": "c-48213",
    "event_id": "c-48213-7",
    "timestamp": "2026-05-09T14:02:11Z",
    "user_input": "no it was taken in Lisbon",
    "bot_response": "Sorry, I did not understand.",
    "intent_detected": "card_lost",
    "confidence": 0.41,
    "alternatives": [{"intent": "card_stolen", "confidence": 0.38}],
    "entities_extracted": [{"type": "city", "value": "Lisbon", "start": 19, "end": 25}],
    "channel": "web",
    "language": "en",
    "user_id": "customer-17",
    "latency_ms": 240,
    "model_version": "v12",
}
HEADERS = {
    "webhook-id": "Unique for each request; the same when it is sent again.",
    "webhook-timestamp": "Seconds since 1970, at most 300 s from now.",
    "webhook-signature": "v1, and the base64 of HMAC-SHA256 over id.timestamp.body",
}
ANSWERS = {
    202: "Stored.",
    200: "A copy of what was stored before.",
    400: "Not JSON that everybody reads alike.",
    401: "The signature does not fit, or there is none.",
    408: "The body did not come in time.",
    409: "The id was used before, for something else.",
    411: "No Content-Length.",
    413: "Over 1 MB, or 10 MB for a batch.",
    415: "Not JSON, or compressed.",
    422: "A field breaks its rule; the answer names it.",
    429: "Too many requests; Retry-After says when to go on.",
    431: "Headers too large.",
    503: "The database is away; send it again.",
}


def _body() -> dict[str, Any]:
    mode: Any = "validation"
    _, described = models_json_schema(
        [(Event, mode), (Batch, mode)], ref_template="#/$defs/{model}"
    )
    return described


def inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """`schema` with every reference replaced by what it points to. None points to itself."""
    if isinstance(schema, list):
        return [inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: inlined(value, definitions) for key, value in schema.items()}


def _events_docs() -> dict[str, Any]:
    definitions = _body()["$defs"]
    either = {"anyOf": [inlined(definitions[name], definitions) for name in ("Event", "Batch")]}
    parameters = [
        {
            "in": "query",
            "name": "bot",
            "required": True,
            "description": "The bot's name in addresses.",
            "schema": {"type": "string"},
        },
        *(
            {
                "in": "header",
                "name": name,
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in HEADERS.items()
        ),
    ]
    return {
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": either, "example": EXAMPLE}},
        },
        "responses": {status: {"description": text} for status, text in ANSWERS.items()},
    }


EVENTS_DOCS = _events_docs()
