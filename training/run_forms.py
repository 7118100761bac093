"""What people may type about training, and what they read when it cannot be used."""

from typing import Any

from django import forms

from accounts.forms import NulInWords
from accounts.models import Bot
from ingest.embedding import encoder_of
from ml.encoders import ENCODERS, encoder
from training.models import TrainingSettings
from training.models.runs import LARGEST_SEED, LONGEST_LIMIT, SHORTEST_LIMIT

BIGGEST_NUMBER = 2**31 - 1

NO_TIME = (
    "A run would be stopped before its {budget} seconds to search and fit in are over. Make the "
    "limit longer, or give it less time."
)
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class StartForm(NulInWords, forms.Form):
    """How a run begins. Left as it is: a drawn seed, and from the newest version."""

    refused = "Nothing was started. Mend this, then send it again."

    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="The same seed, labels and start give the same answers. Empty: one is drawn.",
    )
    afresh = forms.BooleanField(
        label="From nothing",
        required=False,
        help_text="Else it begins with the weights of the newest version, which is quicker.",
    )


class RunFilterForm(forms.Form):
    before = forms.IntegerField(
        min_value=1, max_value=BIGGEST_NUMBER, required=False, widget=forms.HiddenInput
    )

    def number(self) -> int | None:
        """The number that runs are older than; None for the newest."""
        return self.cleaned_data.get("before") if self.is_valid() else None


class TrainingForm(NulInWords, forms.Form):
    """When a bot is trained, how long that may take, and by which encoder."""

    schedule = forms.ChoiceField(
        label="By the clock",
        choices=TrainingSettings.Schedule,
        help_text="A run begins only if something was labelled since the last one.",
    )
    weekday = forms.TypedChoiceField(
        label="On", coerce=int, choices=list(enumerate(DAYS)), help_text="For once a week."
    )
    hour = forms.IntegerField(
        label="At the hour", min_value=0, max_value=23, help_text="From 0 to 23, in UTC."
    )
    after_labels = forms.IntegerField(
        label="After so many new labels",
        min_value=10,
        max_value=1_000_000,
        required=False,
        help_text="Counted once a minute since the last run was asked for. Empty: not for that.",
    )
    budget = forms.IntegerField(
        label="Seconds to search in",
        min_value=1,
        max_value=LONGEST_LIMIT,
        help_text="Half of them to look for the best settings; the rest to fit on all labels.",
    )
    time_limit = forms.IntegerField(
        label="Limit in seconds",
        min_value=SHORTEST_LIMIT,
        max_value=LONGEST_LIMIT,
        help_text="A run that takes longer is stopped, and nothing of it is kept.",
    )
    encoder = forms.ChoiceField(
        help_text="What turns texts into vectors. With another one all texts get new vectors; the "
        "old ones serve until these are all there.",
    )

    def __init__(self, typed: Any = None, *, settings: TrainingSettings, bot: Bot) -> None:
        stored = {name: getattr(settings, name) for name in self.base_fields if name != "encoder"}
        super().__init__(typed, initial=stored | {"encoder": encoder_of(bot).name})
        self.fields["encoder"] = forms.ChoiceField(
            choices=[(name, name) for name in ENCODERS],
            help_text=self.base_fields["encoder"].help_text,
        )

    def clean_encoder(self) -> str:
        """Only one that this install can read texts by."""
        name: str = self.cleaned_data["encoder"]
        try:
            encoder(name).version  # noqa: B018  # it is looked for
        except ValueError as reason:
            raise forms.ValidationError(str(reason)) from reason
        return name

    def clean(self) -> None:
        budget, limit = self.cleaned_data.get("budget"), self.cleaned_data.get("time_limit")
        if budget and limit and limit < budget:
            self.add_error("time_limit", NO_TIME.format(budget=budget))
