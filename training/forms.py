"""What people may type about datasets."""

from typing import Any

from django import forms

from accounts.forms import NulInWords
from accounts.models import Bot
from training.models import DatasetVersion
from training.models.datasets import LONGEST_REASON

BIGGEST = 2**31 - 1
MOST_OFFERED = 200  # versions


class LiftForm(NulInWords, forms.Form):
    refused = "Nothing was let in. Mend this, then send it again."

    reason = forms.CharField(
        label="What you looked at",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why these rows may be trained on. It is kept with the version.",
        error_messages={"required": "Say in a sentence why these rows may be trained on."},
    )


class ChangesForm(forms.Form):
    """Which version this one is compared with."""

    def __init__(self, typed: Any, *, bot: Bot, version: DatasetVersion) -> None:
        others = DatasetVersion.objects.of(bot).sealed().exclude(pk=version.pk).newest_first()
        numbers = others.values_list("number", flat=True)[:MOST_OFFERED]
        self.numbers = list(numbers)
        super().__init__(typed)
        self.fields["since"] = forms.TypedChoiceField(
            label="Compared with",
            coerce=int,
            required=False,
            choices=[(number, f"Version {number}") for number in self.numbers],
        )

    def number(self, *, default: int | None) -> int | None:
        """The number that was asked for, if there is such a version; else the `default`."""
        asked = self.cleaned_data.get("since") if self.is_valid() else None
        return asked or (default if default in self.numbers else next(iter(self.numbers), None))


class PlaceForm(forms.Form):
    """Where a page goes on."""

    after = forms.IntegerField(min_value=0, max_value=BIGGEST, required=False)

    def place(self) -> int:
        return (self.cleaned_data.get("after") if self.is_valid() else None) or 0
