"""Reads settings from the environment. A bad value stops the start with a sentence."""

import os
from collections.abc import Callable
from typing import TypeVar

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
