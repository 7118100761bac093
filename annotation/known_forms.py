"""What people may say of known turns and second opinions."""

from typing import Any

from django import forms

from accounts.forms import NulInWords
from accounts.models import Bot
from annotation.models import Intent, KnownTurn


class KnownForm(NulInWords, forms.Form):
    """A button beside a turn."""

    source = forms.ChoiceField(
        choices=[
            (each.value, each.label) for each in (KnownTurn.Source.MARKED, KnownTurn.Source.BARRED)
        ]
    )
    shown = forms.ChoiceField(choices=KnownTurn.Source.choices, required=False)


class SecondOpinionForm(NulInWords, forms.Form):
    """An intent, and its own share of second opinions."""

    refused = "Nothing was saved yet. Mend these, then send it again."

    intent = forms.ModelChoiceField(
        queryset=Intent.objects.none(),
        label="Intent",
        empty_label="Choose an intent",
        error_messages={"invalid_choice": "This intent is not in use any more. Choose another."},
    )
    percent = forms.FloatField(
        label="Second opinions, in percent",
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def __init__(self, typed: Any = None, *, bot: Bot) -> None:
        super().__init__(typed)
        intents = self.fields["intent"]
        assert isinstance(intents, forms.ModelChoiceField)  # noqa: S101  # for the types
        intents.queryset = Intent.objects.of(bot).in_use().by_name()
