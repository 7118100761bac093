"""What production refuses to start with. Every sentence names the variable to set."""

import os
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SHORTEST_SECRET = 32  # characters


@register("production")
def safe_for_production(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    return [
        Error(f"{sentence} learnloop does not start in production like this.", id=f"learnloop.{id}")
        for id, sentence in _refusals()
    ]


def _refusals() -> Iterator[tuple[str, str]]:
    if settings.DEBUG:
        yield "debug", "LEARNLOOP_DEBUG shows the inside of the program to visitors: leave it out."
    if len(os.environ.get("LEARNLOOP_SECRET_KEY", "")) < SHORTEST_SECRET:
        yield "secret", "LEARNLOOP_SECRET_KEY must be set, to 32 random characters or more."
    if any(len(key) < SHORTEST_SECRET for key in _encryption_keys() or [""]):
        yield (
            "encryption",
            "LEARNLOOP_ENCRYPTION_KEYS must be set, each to 32 random characters or more.",
        )
    if "*" in settings.ALLOWED_HOSTS or "LEARNLOOP_HOSTS" not in os.environ:
        yield "hosts", "LEARNLOOP_HOSTS must name the hosts that people type, and not *."
    if "DATABASE_URL" not in os.environ:
        yield "database", "DATABASE_URL must name a PostgreSQL that is backed up."
    yield from _redis_refusals()


def _encryption_keys() -> list[str]:
    given = os.environ.get("LEARNLOOP_ENCRYPTION_KEYS", "")
    return [key.strip() for key in given.split(",") if key.strip()]


def _redis_refusals() -> Iterator[tuple[str, str]]:
    url = urlsplit(os.environ.get("REDIS_URL", ""))
    if not url.scheme:
        yield "queue", "REDIS_URL must name a Redis or Valkey."
    elif url.scheme != "unix" and not url.password:
        yield (
            "queue_open",
            "REDIS_URL has no password: whoever reaches that Redis can change the queue. "
            "Set one, as in redis://:password@host:6379/0.",
        )
