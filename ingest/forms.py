"""What people may type about the intake, and what they read when it cannot be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.forms import NulInWords
from ingest.models import IntakeSettings
from ingest.redacting import BadPattern, compile_patterns
from ingest.signals import Rule, Threshold, Tuned, differences, rules_of

MOST_PATTERNS = 20  # each is looked for in every text that comes in
LONGEST_SILENCE = 60 * 24 * 30  # minutes
LONGEST_RETENTION = 36_500  # days


def _any_number() -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": "any"})


@dataclass(frozen=True)
class SignalRow:
    """One line of the table of signals."""

    rule: Rule
    weight: BoundField
    threshold: BoundField | None
    off: bool = False
    counted: bool = False
    count: int | None = None


class IntakeForm(NulInWords, forms.Form):
    """All that can be set of a bot's intake. Weights and thresholds are fields of each rule."""

    refused = ""  # the first sentence above what has to be mended; empty: the usual one

    silence_minutes = forms.IntegerField(
        label="Minutes of silence",
        min_value=1,
        max_value=LONGEST_SILENCE,
        help_text="An open conversation that is silent for so long was abandoned.",
    )
    audit_percent = forms.FloatField(
        label="Audit share in percent",
        min_value=0,
        max_value=50,
        widget=_any_number(),
        help_text="So many of the new conversations only test, and never train. With little "
        "traffic it is raised by itself, up to 50, so that 50 a week are drawn.",
    )
    retention_days = forms.IntegerField(
        label="Days to keep",
        min_value=1,
        max_value=LONGEST_RETENTION,
        required=False,
        help_text="Conversations that ended longer ago are deleted every night, for good. "
        "Without a number they are kept.",
    )
    own_ids = forms.CharField(
        label="Your own ids",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="How customer numbers and the like are written, one pattern a line, such as "
        r"<code>AB-\d{6}</code>. From then on they are taken out of what is said before it is "
        "stored; what is stored already stays as it is.",
    )

    def __init__(self, typed: Any = None, *, settings: IntakeSettings) -> None:
        super().__init__(typed, initial=_initial(settings))
        for tuned in rules_of(settings.signals):
            self._add_fields_of(tuned)

    def _add_fields_of(self, tuned: Tuned) -> None:
        name, title = tuned.name, tuned.rule.title.lower()
        self.fields[f"weight_{name}"] = forms.FloatField(
            label=f"Weight of {title}",
            min_value=0,
            max_value=1,
            initial=_plain(tuned.weight),
            widget=_any_number(),
        )
        if tuned.rule.threshold:
            self.fields[f"threshold_{name}"] = _threshold_field(
                tuned.rule.threshold, label=f"Threshold of {title}", initial=tuned.threshold
            )

    def clean_own_ids(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["own_ids"].splitlines()]
        patterns = [line for line in lines if line]
        if len(patterns) > MOST_PATTERNS:
            raise forms.ValidationError(
                f"These are {len(patterns)} patterns. Write at most {MOST_PATTERNS}: several can "
                "be one, with | between them."
            )
        try:
            compile_patterns(patterns)
        except BadPattern as sentence:
            raise forms.ValidationError(str(sentence)) from sentence
        return patterns

    def rules(self) -> tuple[Tuned, ...]:
        """The rules with what was typed; only for a form in order."""
        typed = self.cleaned_data
        return tuple(
            Tuned(
                each.rule,
                weight=typed[f"weight_{each.name}"],
                threshold=typed.get(f"threshold_{each.name}"),
            )
            for each in rules_of({})
        )

    def wanted(self) -> dict[str, Any]:
        """Fields of IntakeSettings; only for a form in order."""
        plain = ("silence_minutes", "audit_percent", "retention_days", "own_ids")
        return {name: self.cleaned_data[name] for name in plain} | {
            "signals": differences(self.rules())
        }

    def plain_fields(self) -> Iterator[BoundField]:
        for name in self.base_fields:
            yield self[name]

    def signal_rows(self, counts: Mapping[str, int | None] | None = None) -> list[SignalRow]:
        """The table of signals, with how many turns each would flag where that was counted."""
        off = {each.name for each in self.rules() if not each.weight} if counts else set()
        return [
            SignalRow(
                each.rule,
                weight=self[f"weight_{each.name}"],
                threshold=self[f"threshold_{each.name}"] if each.rule.threshold else None,
                off=each.name in off,
                counted=counts is not None,
                count=(counts or {}).get(each.name),
            )
            for each in rules_of({})
        ]


def _initial(settings: IntakeSettings) -> dict[str, Any]:
    return {
        "silence_minutes": settings.silence_minutes,
        "audit_percent": _plain(settings.audit_percent),
        "retention_days": settings.retention_days,
        "own_ids": "\n".join(settings.own_ids),
    }


def _plain(number: float) -> str:
    """Write a number as people type it: 2 and not 2.0."""
    return f"{number:.10g}"


def _threshold_field(
    threshold: Threshold, *, label: str, initial: float | None
) -> forms.IntegerField:
    """Django's FloatField is an IntegerField."""
    shown = _plain(threshold.default if initial is None else initial)
    if threshold.step >= 1:
        field = forms.IntegerField(
            min_value=int(threshold.least), max_value=int(threshold.most), label=label
        )
    else:
        field = forms.FloatField(
            min_value=threshold.least, max_value=threshold.most, label=label, widget=_any_number()
        )
    field.initial = shown
    return field
