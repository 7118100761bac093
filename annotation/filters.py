"""What can be asked of the queue by its address."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.http import urlencode

from annotation.finding import Wanted
from annotation.models import ReviewItem
from annotation.queue_listing import Place
from ingest.filters import TurnFilterForm, choice, word
from ingest.models import Signal

NO_PLACE = "The link to what comes next was cut short. These are the most useful."
# Names in the address, and the fields of Wanted that they stand for.
NAMES = {
    "q": "words",
    "lane": "lane",
    "kind": "kind",
    "intent": "intent",
    "below": "confidence_below",
    "since": "first_day",
    "until": "last_day",
    "assigned": "assigned",
}


class QueueFilterForm(TurnFilterForm):
    """Every field stands for one field of Wanted."""

    field_order = ("q", "lane", "kind", "intent", "below", "since", "until")
    lane = choice("Lane", ReviewItem.Lane.choices)
    kind = choice("Reason", Signal.Kind.choices)
    intent = word("Guess", 120)
    assigned = forms.BooleanField(label="Only those for me", required=False)
    after = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def clean_after(self) -> Place | None:
        text = self.cleaned_data["after"]
        try:
            return Place.read(text) if text else None
        except ValueError as error:
            raise ValidationError(NO_PLACE) from error

    def wanted(self) -> Wanted:
        """The filters that make sense; what does not is shown with its field and left out."""
        self.is_valid()
        said = self.cleaned_data
        empty = Wanted()
        return Wanted(
            **{field: said.get(name, getattr(empty, field)) for name, field in NAMES.items()}
        )

    @property
    def place(self) -> Place | None:
        """Where the page begins; only after `wanted`."""
        place: Place | None = self.cleaned_data.get("after")
        return place

    def asked(self) -> list[tuple[str, str]]:
        """What was asked for and makes sense, as it stands in the address."""
        return [
            (name, str(self.data[name]))
            for name in NAMES
            if name in self.cleaned_data and self.data.get(name)
        ]

    def query(self) -> str:
        """The same as an address has it, from `?` on; empty without any."""
        asked = self.asked()
        return f"?{urlencode(asked)}" if asked else ""

    def offer(self, intents: list[str]) -> None:
        """Fill the list of guesses, and keep what was asked for among it."""
        asked = self.cleaned_data.get("intent", "")
        widget = self.fields["intent"].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  # for the types
        names = sorted({*intents, asked} - {""}, key=str.casefold)
        widget.choices = [("", "Any"), *((name, name) for name in names)]
