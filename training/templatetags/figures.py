"""Figures of a report as people read them. What was not measured is a dash."""

from typing import Any

from django import template

from ml import wording

register = template.Library()
DASH = "–"


@register.filter
def percent(share: float | None) -> str:
    """0.912 → 91.2 %"""
    return DASH if share is None else wording.percent(share)


@register.filter
def points(difference: float | None) -> str:
    """-0.012 → −1.2"""
    return DASH if difference is None else wording.points(difference)


@register.filter
def score(value: float | None) -> str:
    """0.9123 → 0.912"""
    return DASH if value is None else f"{value:.3f}"


@register.filter
def between(of: dict[str, Any] | None) -> str:
    """The interval of a difference, in points: −0.4 to +1.2"""
    if not of or of.get("lower") is None:
        return DASH
    return f"{wording.points(of['lower'])} to {wording.points(of['upper'])}"


@register.filter
def or_outside(intent: str) -> str:
    """An answer by its name."""
    return intent or "out of scope"
