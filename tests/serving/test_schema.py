"""What Schemathesis makes of predict's and feedback's description, with a key that fits: no 5xx."""

import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_key, make_operator
from tests.ingest.test_schema import (
    OPERATIONS,
    documented,
    fuzz,
    prepared,
    seen_after,
)

pytestmark = pytest.mark.django_db

ADDRESSES = {"/api/v1/predict": {409, 422}, "/api/v1/feedback": {404, 422}}


@pytest.fixture(scope="module")
def token(served, django_db_blocker):
    """A key that the server sees, too: what a test writes is in a transaction."""
    with django_db_blocker.unblock():
        by = make_operator("keys")
        return make_key(served.bot, by=by, scopes=["predict", "feedback"]).token


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_requests_that_fit_the_description_or_do_not_break_nothing(
    served,
    token,
    request,
    address,
):
    examples = 1000 if request.config.getoption("--full-size") else 40
    operation, statuses = OPERATIONS[f"POST {address}"], set()
    modes = schemathesis.GenerationMode
    fitting = operation.as_strategy(generation_mode=modes.POSITIVE)
    unfitting = operation.as_strategy(generation_mode=modes.NEGATIVE)
    with requests.Session() as session:

        @fuzz(examples)
        @given(st.one_of(fitting, unfitting))
        def no_5xx(case):
            sent = prepared(case, served)
            sent.url = f"http://127.0.0.1:{served.port}{address}"
            sent.headers["Authorization"] = f"Bearer {token}"
            status, _, text = seen_after(session, sent)
            statuses.add(status)
            assert status in documented(operation), text
            assert status < 500, text

        no_5xx()

    assert ADDRESSES[address] <= statuses
