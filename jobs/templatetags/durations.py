"""Lengths of time as people say them."""

from datetime import timedelta

from django import template

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds


@register.filter
def in_words(length: timedelta) -> str:
    """0.4 s · 12 s · 3 min 20 s · 2 h 05 min · 3 d 4 h"""
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"
