"""What one bot made of the rules: its own weights and thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ingest.signals.rules import RULES, Rule, Threshold


@dataclass(frozen=True, slots=True)
class Tuned:
    """A rule with the weight and threshold of one bot. Of weight 0 it is switched off."""

    rule: Rule
    weight: float
    threshold: float | None

    @property
    def name(self) -> str:
        return self.rule.name


def rules_of(stored: Mapping[str, Any]) -> tuple[Tuned, ...]:
    """Return every rule, with what `stored` (IntakeSettings.signals) says instead of the defaults.

    What it does not know, or cannot use, is left out: a setting may be older than the rules.
    """
    return tuple(_tuned(rule, stored.get(rule.name)) for rule in RULES)


def differences(rules: tuple[Tuned, ...]) -> dict[str, dict[str, float]]:
    """Return what IntakeSettings.signals has to hold for `rules_of` to give `rules`."""
    found: dict[str, dict[str, float]] = {}
    for tuned in rules:
        rule, kept = tuned.rule, found.setdefault(tuned.name, {})
        if tuned.weight != rule.weight:
            kept["weight"] = tuned.weight
        if rule.threshold and tuned.threshold not in (None, rule.threshold.default):
            kept["threshold"] = float(tuned.threshold or 0)
    return {name: kept for name, kept in found.items() if kept}


def _tuned(rule: Rule, stored: Any) -> Tuned:
    said = stored if isinstance(stored, Mapping) else {}
    weight, threshold = said.get("weight"), said.get("threshold")
    return Tuned(
        rule,
        weight=weight if _is_number(weight) and 0 <= weight <= 1 else rule.weight,
        threshold=_threshold(rule.threshold, threshold),
    )


def _threshold(threshold: Threshold | None, stored: Any) -> float | None:
    if threshold is None:
        return None
    usable = _is_number(stored) and threshold.holds(stored)
    return float(stored) if usable else threshold.default


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
