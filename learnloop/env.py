"""Reads settings from the environment. A bad value stops the start with a sentence."""

import os
import re
import secrets
import tempfile
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


def env_text(name: str, *, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_list(name: str, *, default: str = "") -> list[str]:
    return [word.strip() for word in env_text(name, default=default).split(",") if word.strip()]


def env_bool(name: str, *, default: bool = False) -> bool:
    words = {"true": True, "false": False}
    value = env_text(name).lower()
    if value and value not in words:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value}.")
    return words.get(value, default)


def env_choice(name: str, default: str, *others: str) -> str:
    value = env_text(name) or default
    if value not in (default, *others):
        raise ImproperlyConfigured(
            f"{name} must be one of {', '.join((default, *others))}, not {value}."
        )
    return value


def env_postgresql(name: str, *, default: str) -> dict[str, Any]:
    """Django's settings for the PostgreSQL that the address names."""
    address = env_text(name) or default
    form = f"{name} must look like postgresql://name:password@host:5432/database."
    if not address.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(form)
    try:
        return dict(dj_database_url.parse(address, engine="learnloop.database", conn_max_age=0))
    except ValueError:
        raise ImproperlyConfigured(form) from None


def env_url(name: str) -> str:
    address = env_text(name)
    if address and not re.fullmatch(r"https?://[^\s/]+.*", address):
        raise ImproperlyConfigured(f"{name} must begin with https:// or http://, and name a host.")
    return address


def env_webhook_secret(name: str, *, needed_by: str) -> str:
    """A secret of Standard Webhooks, which must be there if the variable `needed_by` is set."""
    secret = env_text(name)
    if not secret and not env_text(needed_by):
        return ""
    form = f"{name} must be whsec_ and 24 random bytes or more in Base64, for {needed_by}."
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ImproperlyConfigured(form) from None
    if not secret.startswith("whsec_") or len(key) < LEAST_KEY:
        raise ImproperlyConfigured(form)
    return secret


SHORTEST_SECRET = 32  # characters
LEAST_KEY = 24  # bytes, as Standard Webhooks asks for


def kept_secret(folder: Path, name: str) -> str:
    """Read a secret of the embedded install, making it on the first start.

    It appears whole or not at all: one that was cut short by a full disk would be a secret
    that anybody could guess, and nothing encrypted with the right one could be read again.
    """
    file = folder / name
    if not file.exists():
        _make_secret(file)
    secret = file.read_text().strip()
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"{file} is empty or cut short. Put it back from a backup. Only if this install is "
            "new and nothing in it matters: delete the file, and a new one is made."
        )
    return secret


def _make_secret(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as unfinished:
        unfinished.write(secrets.token_urlsafe(48))
        unfinished.flush()
        os.fsync(unfinished.fileno())
        with suppress(FileExistsError):  # another first start was faster; its secret counts
            os.link(unfinished.name, file)


def env_int(name: str, *, default: int, at_least: int, at_most: int) -> int:
    return _number(name, int, default, at_least, at_most)


def env_float(name: str, *, default: float, at_least: float, at_most: float) -> float:
    return _number(name, float, default, at_least, at_most)


def _number(name: str, kind: Callable[[str], T], default: T, at_least: T, at_most: T) -> T:
    text = env_text(name)
    try:
        value = kind(text) if text else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {text}.") from None
    if not at_least <= value <= at_most:  # type: ignore[operator]
        raise ImproperlyConfigured(f"{name} must lie in [{at_least}, {at_most}], not {value}.")
    return value
