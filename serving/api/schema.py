"""What the documentation says of the requests. Bodies are read by serving/turns.py, strictly."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ingest.api.schema import inlined
from serving.turns import TurnsToPredict, TurnToPredict, WhatWasSaid

ASKED = {"conversation_id": "c-48213", "event_id": "c-48213-7", "text": "it was taken in Lisbon"}
SAID = {"prediction_id": "0b1e2c1c-6a0f-5c1e-9a52-1f6d3f0d8c11", "thumb": "down"}
PREDICT_ANSWERS = {
    200: "What the live version says, in the order sent.",
    409: "No version answers yet, and the turns wait for people; or the event_id was used before.",
    503: "The database is away, or the version is still being read; send it again.",
}
FEEDBACK_ANSWERS = {
    200: "A copy of what was stored before.",
    202: "Stored.",
    404: "No prediction of this bot has that id.",
    409: "The feedback_id was used before, for something else.",
    503: "The database is away; send it again.",
}
ANSWERS = {
    400: "Not JSON that everybody reads alike.",
    401: "No live key.",
    403: "The key lacks the scope.",
    408: "The body did not come in time.",
    411: "No Content-Length.",
    413: "Over 1 MB, or 10 MB for a batch.",
    415: "Not JSON, or compressed.",
    422: "A field breaks its rule; the answer names it.",
    429: "Too many requests; Retry-After says when to go on.",
    431: "Headers too large.",
}


def _docs(
    kinds: tuple[type[BaseModel], ...], example: dict[str, Any], answers: dict[int, str]
) -> dict[str, Any]:
    mode: Any = "validation"
    _, described = models_json_schema(
        [(kind, mode) for kind in kinds], ref_template="#/$defs/{model}"
    )
    definitions = described["$defs"]
    either = {"anyOf": [inlined(definitions[kind.__name__], definitions) for kind in kinds]}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": either, "example": example}},
        },
        "responses": {
            status: {"description": text} for status, text in sorted((ANSWERS | answers).items())
        },
    }


PREDICT_DOCS = _docs((TurnToPredict, TurnsToPredict), ASKED, PREDICT_ANSWERS)
FEEDBACK_DOCS = _docs((WhatWasSaid,), SAID, FEEDBACK_ANSWERS)
