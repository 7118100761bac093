"""What can be asked of disputes by their address, and what a reviewer sends about one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.http import urlencode

from annotation.dispute_listing import STATES, Sought
from annotation.review_forms import LONGEST_NOTE, NOT_WHOLE, NOTHING_CHOSEN, AnswerForm
from ingest.filters import choice

OWN, BACK = "own", "back"
MOST_KEY = 2**63 - 1
NO_NUMBER = "There is no such choice, so it was left out. Pick one from the list."
NOTHING_DECIDED = "Choose one of the ways to settle it first."
SAY_WHY = "Say in a note what they should look at again. Without it they only see that you differ."


def _number(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST_KEY,
        required=False,
        widget=forms.Select,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), NO_NUMBER),
    )


class DisputeFilterForm(forms.Form):
    kind = choice("Kind", list(STATES))
    intent = _number("Intent")
    person = _number("Person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused = "Not all that you asked for was looked for:"

    def sought(self) -> Sought:
        """The filters that make sense; what does not is shown with its field and left out."""
        self.is_valid()
        return Sought(
            **{
                name: self.cleaned_data[name]
                for name in ("kind", "intent", "person")
                if self.cleaned_data.get(name) not in (None, "")
            }
        )

    def query(self) -> str:
        """What was asked for and makes sense, as an address has it behind its `?`."""
        sought = self.sought()
        asked = {name: getattr(sought, name) for name in ("kind", "intent", "person")}
        return urlencode({name: value for name, value in asked.items() if value not in (None, "")})

    def offer(self, offered: dict[str, list[tuple[int, str]]]) -> None:
        """Fill the lists, and keep what was asked for among them."""
        for name, choices in offered.items():
            widget, asked = self.fields[name].widget, self.cleaned_data.get(name)
            assert isinstance(widget, forms.Select)  # noqa: S101  # for the types
            missing = asked is not None and asked not in dict(choices)
            kept = [(asked, f"No. {asked}")] if missing else []
            widget.choices = [("", "Any"), *choices, *kept]


class DecisionForm(AnswerForm):
    """What a reviewer does: a: and an answer's number accepts it; own has fields of its own."""

    field_order = ("submission", "seen", "decision", "choice")

    seen = forms.CharField(max_length=80, error_messages={"required": NOT_WHOLE})
    decision = forms.CharField(max_length=30, error_messages={"required": NOTHING_DECIDED})
    choice = forms.CharField(max_length=200, required=False)
    note = forms.CharField(
        max_length=LONGEST_NOTE,
        required=False,
        error_messages={"max_length": "A note has at most 4,000 characters."},
    )

    def clean_decision(self) -> str:
        decision: str = self.cleaned_data["decision"]
        kind, _, number = decision.partition(":")
        is_answer = kind == "a" and number.isdecimal() and number.isascii() and len(number) < 19
        if decision not in (OWN, BACK) and not is_answer:
            raise ValidationError(NOTHING_DECIDED)
        return decision

    def clean_choice(self) -> str:
        if self.cleaned_data.get("decision") != OWN:
            return "v:unsure"  # not looked at
        if self.cleaned_data["choice"] == "v:skip":
            raise ValidationError(NOTHING_CHOSEN)
        return super().clean_choice()

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("decision") == BACK and not said.get("note", "").strip():
            self.add_error("note", SAY_WHY)

    @property
    def accepted(self) -> int | None:
        """The number of the answer that is accepted, if one is."""
        kind, _, number = self.cleaned_data["decision"].partition(":")
        return int(number) if kind == "a" else None

    @property
    def goes_back(self) -> bool:
        return bool(self.cleaned_data["decision"] == BACK)
