"""What can be asked of the conversations page by its address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from ingest.finding import Place, Wanted
from ingest.listing import Choices
from ingest.models import Conversation, Signal

READABLE = re.compile(r"[^\W_]")
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)
NO_WORD = "Type a word to look for. These are signs, and no conversation is found by them."
NO_CHOICE = "There is no such choice, so it was left out. Pick one from the list."
NO_DAY = "Write a day like 2026-05-09. It was left out."
NO_SHARE = "Write a number from 0 to 1. It was left out."
TOO_LONG = "No word is as long as this, so it was left out."
NO_PLACE = "The link to older conversations was cut short. These are the newest."
DAYS_CROSSED = "The first day is after the last, so both were left out."


def choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "Any"), *choices],
        required=False,
        error_messages={"invalid_choice": NO_CHOICE},
    )


def word(label: str, longest: int) -> forms.CharField:
    """Any word is looked for: older conversations may have what the list does not offer."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=False,
        widget=forms.Select,
        strip=False,
        error_messages={"max_length": TOO_LONG},
    )


def day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST, NO_DAY), MaxValueValidator(LAST, NO_DAY)],
        error_messages={"invalid": NO_DAY},
    )


class TurnFilterForm(forms.Form):
    """What the lists of conversations and of the queue are both filtered by."""

    q = forms.CharField(
        label="Search",
        max_length=200,
        required=False,
        error_messages={"max_length": "Search for less at once: up to 200 characters."},
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Words that were said", "data-key": "/"}
        ),
    )
    below = forms.FloatField(
        label="Confidence below",
        min_value=0,
        max_value=1,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "decimal"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NO_SHARE),
    )
    since = day("From (UTC)")
    until = day("To (UTC)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused = "Not all that you asked for was looked for:"

    def clean_q(self) -> str:
        words: str = self.cleaned_data["q"]
        if words and not READABLE.search(words):
            raise ValidationError(NO_WORD)
        return words

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("since", DAYS_CROSSED)
            self.cleaned_data.pop("until")


class FilterForm(TurnFilterForm):
    """Every field stands for one field of Wanted."""

    field_order = (
        "q", "signal", "outcome", "channel", "language", "intent", "below", "since", "until",
    )  # fmt: skip
    signal = choice("Signal", Signal.Kind.choices)
    outcome = choice("Outcome", Conversation.Outcome.choices)
    channel = word("Channel", 40)
    language = word("Language", 20)
    intent = word("Intent", 120)
    before = forms.CharField(
        max_length=100,
        required=False,
        error_messages={"max_length": NO_PLACE},
        widget=forms.HiddenInput,
    )

    def clean_before(self) -> Place | None:
        text = self.cleaned_data["before"]
        try:
            return Place.read(text) if text else None
        except ValueError as error:
            raise ValidationError(NO_PLACE) from error

    def wanted(self) -> Wanted:
        """The filters that make sense; what does not is shown with its field and left out."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            words=said.get("q", ""),
            signal=said.get("signal", ""),
            outcome=said.get("outcome", ""),
            channel=said.get("channel", ""),
            language=said.get("language", ""),
            intent=said.get("intent", ""),
            confidence_below=said.get("below"),
            first_day=said.get("since"),
            last_day=said.get("until"),
            before=said.get("before"),
        )

    def offer(self, choices: Choices | None) -> None:
        """Fill the lists, and keep what was asked for among it."""
        offered = {
            "channel": choices.channels if choices else [],
            "language": choices.languages if choices else [],
            "intent": choices.intents if choices else [],
        }
        for name, words in offered.items():
            self._offer(name, words)

    def _offer(self, name: str, words: Iterable[str]) -> None:
        asked = self.cleaned_data.get(name, "")
        named = sorted({*words, asked} - {""}, key=str.casefold)
        widget = self.fields[name].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  # for the types
        widget.choices = [("", "Any"), *((word, word) for word in named)]
