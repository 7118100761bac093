"""Personal data that bots send is nowhere afterwards: no table, log, queue or answer has it."""

import io
import logging
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from redis import Redis
from structlog.stdlib import ProcessorFormatter

from ingest import signalling, storing
from ingest.models import IncomingEvent, Turn
from tests.ingest.sending import an_event, send

pytestmark = pytest.mark.django_db

MAIL, PHONE, CARD = "canary.bird@example.com", "202-555-0147", "4012888888881881"
IBAN, IP = "DE89370400440532013000", "203.0.113.77"
CANARIES = {"email": MAIL, "phone": PHONE, "card": CARD, "iban": IBAN, "ip": IP}
# What they would look like in a log, a JSON text or a database that wrote them differently.
TRACES = [*CANARIES.values(), "canary", "2025550147", "4012 8888", "4.01288888888188", "203.0.113"]


def full_of(canary, name):
    """A turn and feedback with `canary` in every field that can hold it."""
    turn = an_event(
        event_id=f"{name} e {canary}",
        conversation_id=f"c {canary}",
        user_input=f"it is {canary}, yes",
        bot_response=f"You said {canary}.",
        error_message=f"KeyError: {canary}",
        intent_detected=f"i {canary}",
        alternatives=[{"intent": f"a {canary}", "confidence": 0.1}],
        entities_extracted=[
            {"type": f"t {canary}", "value": canary, "start": 6, "end": 6 + len(canary)},
            {"type": "cut", "start": 8, "end": 10},
            {"type": "elsewhere", "value": canary},
        ],
        dialog_state={
            canary: {"deep": [canary, {f"x {canary}": 1}]},
            "numbers": [int(CARD), float(CARD), 12025550147, 2025550147.0, -int(CARD)],
        },
        model_version=f"m {canary}",
        user_id=canary,
        channel=f"web {canary}",
        unknown_field=canary,
    )
    if len(canary) <= 20:
        turn["language"] = canary
    comment = an_event(
        kind="feedback",
        conversation_id=turn["conversation_id"],
        event_id=f"{name} f {canary}",
        about=turn["event_id"],
        user_id=canary,
        feedback={"comment": f"write to {canary}", "thumb": "down"},
    )
    return [turn, comment]


def assert_nowhere_in(texts):
    found = {around(trace, text) for text in texts for trace in TRACES if trace in text}
    assert found == set()


def around(trace, text):
    at = text.index(trace)
    return f"{text[:30]} … {text[max(0, at - 40) : at + 60]}"


def in_the_database():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            for (row,) in cursor.fetchall():
                yield f"{table}: {row}"


def in_redis(address):
    with Redis.from_url(address) as redis:
        for key in redis.scan_iter():
            yield f"{key} {redis.dump(key)}"


def in_logs(*files):
    for file in files:
        yield from (
            f"{file.name}: {line}" for line in file.read_text("utf-8", "replace").splitlines()
        )


def logs_of_the_servers():
    return list((Path(os.environ["LEARNLOOP_DATA"]) / "log").glob("*"))


def assert_nowhere(served, answers):
    assert_nowhere_in(in_the_database())
    assert_nowhere_in(in_redis(served.redis_url))
    assert_nowhere_in(in_logs(served.log, *logs_of_the_servers()))
    assert_nowhere_in(f"{each.status} {each.text} {each.headers}" for each in answers)


def test_what_was_taken_in_is_nowhere(served):
    answers = []
    for name, canary in CANARIES.items():
        turn, comment = full_of(canary, name)
        # A full stop may not stand in a webhook-id.
        webhook_id = canary.replace(".", "-")
        answers.append(served.send(turn, webhook_id=webhook_id))
        answers.append(served.send({"events": [turn, comment]}))
    signalling.find_signals(served.bot)

    assert [answer.status for answer in answers] == [202] * len(answers)
    assert Turn.objects.count() == len(CANARIES)
    assert all(IncomingEvent.objects.values_list("redacted", flat=True))
    assert_nowhere(served, answers)


def test_what_was_refused_is_nowhere(served):
    answers = []
    for name, canary in CANARIES.items():
        turn, comment = full_of(canary, f"refused {name}")
        for field in ("confidence", "latency_ms", "timestamp", "kind", "alternatives", "feedback"):
            answers.append(served.send(turn | {field: canary}))
            answers.append(served.send({"events": [turn, turn | {field: canary}]}))
        answers.append(served.send(comment | {"feedback": {"thumb": canary}}))
        answers.append(served.send(turn, headers={"webhook-signature": canary}))
        answers.append(served.send(turn, bot=canary))
        answers.append(served.send(turn, headers={"content-type": canary}))
        answers.append(served.send(f'{{"{canary}": "{canary}", "{canary}": 1}}'.encode()))
        answers.append(served.ask("GET", f"/api/v1/events?bot={canary}"))
    one, other = an_event(event_id=MAIL), an_event(event_id=MAIL, user_input="other")
    served.send(one)
    answers.append(served.send(other))

    assert {answer.status for answer in answers} == {400, 401, 405, 409, 415, 422}
    assert_nowhere(served, answers)


@pytest.fixture
def log():
    """What the product's own handler writes, errors with their traceback."""
    written = io.StringIO()
    root = logging.getLogger()
    own = next(each for each in root.handlers if isinstance(each.formatter, ProcessorFormatter))
    handler = logging.StreamHandler(written)
    handler.setFormatter(own.formatter)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def test_what_broke_on_our_side_is_nowhere(served, monkeypatch, log):
    # The database will complain of the text, and quote it.
    turns = "SELECT id, {}, conversation, at, text"
    broken = storing.WHOLE.replace(turns.format("%(bot)s"), turns.format("text::int"))
    monkeypatch.setattr(storing, "WHOLE", broken)
    client = Client(raise_request_exception=False)
    events = [full_of(canary, f"broken {name}")[0] for name, canary in CANARIES.items()]

    answers = [
        send(client, event | {"latency_ms": 7}, secret=served.secret, headers={"x-a": MAIL})
        for event in events
    ]

    assert {answer.status_code for answer in answers} == {500}
    assert r"it is \u27e8email\u27e9, yes" in log.getvalue()
    assert_nowhere_in(answer.content.decode() for answer in answers)
    assert_nowhere_in(log.getvalue().splitlines())
    assert_nowhere_in(in_logs(*logs_of_the_servers()))
