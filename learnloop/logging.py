"""One JSON line for each event, with the request's and the job's ids in it."""

import logging
from typing import Any

import structlog


def without_acknowledgements(_: Any, __: str, event: Any) -> Any:
    """Leave out what was taken in or answered: metrics count it, hundreds of times a second."""
    if event.get("code") in (200, 202) and _is_of_a_bot(str(event.get("request"))):
        raise structlog.DropEvent
    return event


def _is_of_a_bot(line: str) -> bool:
    method, _, address = line.partition(" ")
    return method == "POST" and address.partition("?")[0] in OF_BOTS


def without_query(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Keep what people searched for out of the log."""
    if "request" in event:
        event["request"] = str(event["request"]).partition("?")[0]
    return event


# What bots send, hundreds a second.
OF_BOTS = frozenset({"/api/v1/events", "/api/v1/predict", "/api/v1/feedback"})
# Without the local variables: a password may be among them.
TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
SHARED: list[Any] = [
    without_acknowledgements,
    structlog.contextvars.merge_contextvars,
    without_query,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING. Also sets structlog up, which wants to be told once."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    endings: list[Any] = [structlog.dev.ConsoleRenderer(colors=False)]
    if as_json:
        endings = [TRACEBACKS, structlog.processors.JSONRenderer()]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *endings,
                ],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stream"], "level": level},
        "loggers": {
            # Reads and beacons would drown the rest.
            "django.server": {"level": logging.WARNING},
            # django_structlog says the same once, with the request's id.
            "django.request": {"level": logging.CRITICAL},
            "rq": {"level": logging.WARNING},
            "axes": {"level": logging.WARNING},
        },
    }
