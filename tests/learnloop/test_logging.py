"""learnloop/logging.py"""

import pytest
import structlog

from learnloop.logging import without_acknowledgements


@pytest.mark.parametrize("code", [200, 202])
def test_events_that_were_taken_in_have_no_line(code):
    line = {"event": "request_finished", "code": code, "request": "POST /api/v1/events?bot=bank"}

    with pytest.raises(structlog.DropEvent):
        without_acknowledgements(None, "info", line)


@pytest.mark.parametrize(
    "line",
    [
        {"code": 401, "request": "POST /api/v1/events?bot=bank"},
        {"code": 200, "request": "GET /conversations/"},
        {"event": "job_attempt_ended"},
    ],
)
def test_everything_else_has_one(line):
    assert without_acknowledgements(None, "info", line) is line
