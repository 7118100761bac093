"""The pages' side of the API's schema: every call with its fields and code to copy."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from ingest import trying
from learnloop.api import api

CURL_WITH_KEY = """curl -sS '{address}' -H "Authorization: Bearer $LEARNLOOP_KEY\""""
PYTHON_WITH_KEY = """
import os, urllib.request

headers = {{"Authorization": "Bearer " + os.environ["LEARNLOOP_KEY"]}}
request = urllib.request.Request("{address}", headers=headers)
with urllib.request.urlopen(request, timeout=10) as answer:
    print(answer.read().decode())
"""

REFUSAL = """{
  "error": {"code": "invalid", "message": "…", "field": "events.3.confidence"},
  "request_id": "…"
}"""


@dataclass(frozen=True)
class Field:
    name: str
    kind: str  # what may stand there: "text, at most 200"
    needed: bool
    meaning: str
    depth: int = 0


@dataclass(frozen=True)
class Call:
    """One method of one address."""

    method: str
    address: str
    title: str
    paragraphs: list[str]
    parameters: list[Field]
    fields: list[Field]
    answers: list[tuple[str, str]]
    signed: bool

    @property
    def anchor(self) -> str:
        return f"{self.method.lower()}{self.address.replace('/', '-')}"


@require_safe
def api_docs(request: PersonRequest) -> HttpResponse:
    """Every call, with code that is about the bot that the request is about."""
    schema = api.get_openapi_schema()
    calls = [
        _call(method, address, operation, schema)
        for address, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    shown = [(call, *_snippets(request, call)) for call in calls]
    return render(request, "learnloop/api_docs.html", {"calls": shown, "refusal": REFUSAL})


def _snippets(request: PersonRequest, call: Call) -> tuple[str, str]:
    query = f"?{urlencode({'bot': request.bot.slug if request.bot else 'BOT'})}"
    address = request.build_absolute_uri(call.address + (query if call.signed else ""))
    if call.signed:
        return trying.curl(address), trying.python(address)
    filled = (each.format(address=address).strip() for each in (CURL_WITH_KEY, PYTHON_WITH_KEY))
    return next(filled), next(filled)


def _call(method: str, address: str, operation: dict[str, Any], schema: dict[str, Any]) -> Call:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    parameters = operation.get("parameters", [])
    return Call(
        method=method.upper(),
        address=address,
        title=operation["summary"],
        paragraphs=operation.get("description", "").split("\n\n"),
        parameters=[
            Field(
                each["name"],
                f"{each['in']}, {_kind(each['schema'])}",
                each.get("required", False),
                each.get("description", ""),
            )
            for each in parameters
        ],
        fields=_fields(_first(body.get("schema", {}))),
        answers=[
            (str(status), said["description"]) for status, said in operation["responses"].items()
        ],
        signed=any(each["name"] == "webhook-signature" for each in parameters),
    )


def _first(schema: dict[str, Any]) -> dict[str, Any]:
    """Of several shapes, the first; null is none of them."""
    either: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return next((each for each in either if each.get("type") != "null"), {})


def _fields(schema: dict[str, Any], depth: int = 0) -> list[Field]:
    """What an object holds, what is inside its objects right behind them."""
    found = []
    needed = schema.get("required", [])
    for name, described in schema.get("properties", {}).items():
        one = _first(described)
        meaning = described.get("description") or one.get("description", "")
        found.append(Field(name, _kind(one), name in needed, meaning, depth))
        found += _fields(_first(one.get("items", one)), depth + 1)
    return found


KINDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
}
BOUNDS = (
    ("maxLength", "at most {} characters"),
    ("maxItems", "at most {}"),
    ("minimum", "from {}"),
    ("maximum", "to {}"),
)


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = "time" if schema.get("format") == "date-time" else KINDS.get(schema.get("type", ""), "")
    bounds = [words.format(f"{schema[key]:,}") for key, words in BOUNDS if key in schema]
    return ", ".join([kind, *bounds])
