"""What Schemathesis makes of the API's own description, sent to the running server: no 5xx."""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnloop.api import api
from tests.ingest.sending import ADDRESS, headers_for, key_of

pytestmark = pytest.mark.django_db

DESCRIBED = api.get_openapi_schema()
SCHEMA = schemathesis.openapi.from_dict(DESCRIBED)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


def documented(operation):
    answers = DESCRIBED["paths"][operation.path][operation.method.lower()]["responses"]
    return {int(status) for status in answers}


@pytest.fixture
def examples(request):
    return 2000 if request.config.getoption("--full-size") else 60


def fuzz(examples):
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def prepared(case, served):
    given_to_requests = case.as_transport_kwargs(base_url=f"http://127.0.0.1:{served.port}")
    named = {"method", "url", "headers", "data", "json", "params", "cookies", "files"}
    kept = {name: value for name, value in given_to_requests.items() if name in named}
    return requests.Request(**kept).prepare()


def sign_for(served, request):
    """Make it one of the bot, whatever it is."""
    request.url = f"http://127.0.0.1:{served.port}{ADDRESS}?bot={served.bot.slug}"
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    request.headers.update(headers_for(body, key=key_of(served.secret)))


def seen_after(session, request):
    with session.send(request, timeout=30) as response:
        return response.status_code, response.headers, response.text


@pytest.mark.slow
def test_signed_events_that_fit_the_description_or_do_not_break_nothing(served, examples):
    operation = OPERATIONS[f"POST {ADDRESS}"]
    statuses = set()
    with requests.Session() as session:
        modes = schemathesis.GenerationMode
        fitting = operation.as_strategy(generation_mode=modes.POSITIVE)
        unfitting = operation.as_strategy(generation_mode=modes.NEGATIVE)

        @fuzz(examples)
        @given(st.one_of(fitting, unfitting))
        def no_5xx(case):
            request = prepared(case, served)
            sign_for(served, request)
            status, _, text = seen_after(session, request)
            statuses.add(status)
            assert status in documented(operation), text
            assert status < 500, text

        no_5xx()

    print(f"\nanswers: {sorted(statuses)}")
    assert {202, 422} <= statuses


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_unsigned_requests_of_all_kinds_break_nothing(served, examples, label):
    with requests.Session() as session:

        @fuzz(examples)
        @given(OPERATIONS[label].as_strategy())
        def no_5xx(case):
            status, headers, text = seen_after(session, prepared(case, served))
            assert status < 500, text
            assert headers["content-type"].startswith("application/json")

        no_5xx()
