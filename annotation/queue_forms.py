"""What people may type about the queue, and what they read when it cannot be used."""

from typing import Any

from django import forms

from accounts.forms import NulInWords
from accounts.models import Bot, User
from annotation.assigning import MOST
from annotation.models import ReviewSettings

MIX_TOO_FULL = (
    "New topics and audit together take {taken:g} percent. Leave some of a hundred for selection: "
    "lower one of them."
)


class PeopleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # only when checked
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_name)


class AssignForm(NulInWords, forms.Form):
    """Whom the items of the filters go to, and how many of them."""

    refused = "Nothing was assigned. Mend these, then send it again."

    person = PeopleField(
        queryset=User.objects.none(),
        label="To",
        empty_label="Choose somebody",
        error_messages={"invalid_choice": "This person works on this bot no more. Pick another."},
    )
    most = forms.IntegerField(
        label="At most",
        min_value=1,
        max_value=MOST,
        initial=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, typed: Any = None, *, bot: Bot) -> None:
        super().__init__(typed, auto_id="id_assign_%s")
        people = self.fields["person"]
        assert isinstance(people, PeopleField)  # noqa: S101  # for the types
        people.queryset = User.objects.active().filter(memberships__bot=bot).by_username()


def _percent(label: str, help_text: str, *, most: float = 100) -> forms.IntegerField:
    """Django's FloatField is an IntegerField."""
    return forms.FloatField(
        label=label,
        min_value=0,
        max_value=most,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=help_text,
    )


class ReviewForm(NulInWords, forms.Form):
    """All that can be set of a bot's queue."""

    novelty_percent = _percent(
        "New topics, in percent",
        "Of what is handed out, so much is taken from turns that the bot had no intent for.",
    )
    audit_percent = _percent(
        "Audit, in percent",
        "So much comes from the conversations that only test. What is left of a hundred is "
        "selection: turns with signals, the most useful first.",
    )
    second_opinion_percent = _percent(
        "Second opinions, in percent",
        "Of so many items two people answer, and neither sees the other's. Where they differ a "
        "reviewer decides. It holds for what is queued from now on.",
    )
    hidden_percent = _percent(
        "Hidden guesses, in percent",
        "Of so many items the bot's guess is not shown, to measure how it draws people along. It "
        "holds for what is queued from now on.",
    )
    question_percent = _percent(
        "Known turns, in percent",
        "Of what an annotator is handed out, so much is known already: they answer it like any "
        "other, and see no difference. It shows how well they know the intents, and becomes no "
        "label. 0 asks nobody; 2 is plenty.",
        most=50,
    )
    pause_below = _percent(
        "Pause below, in percent",
        "Whoever has fewer of their newest 20 known turns right (10 at least) gets no more turns "
        "until a reviewer lets them go on. 0 pauses nobody.",
    )
    least_weight = forms.FloatField(
        label="Least weight",
        min_value=0,
        max_value=10,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text="Turns whose signals weigh less together are not queued. What is queued stays.",
    )
    random_stock = forms.IntegerField(
        label="Random stock",
        min_value=0,
        max_value=100_000,
        help_text="Fewer free items than this in selection are filled up with texts drawn at "
        "random, as long as no model version chooses.",
    )
    daily_goal = forms.IntegerField(
        label="Daily goal",
        min_value=1,
        max_value=10_000,
        help_text="Answers that each person sees as the goal of their day.",
    )

    def __init__(self, typed: Any = None, *, settings: ReviewSettings) -> None:
        stored = {name: getattr(settings, name) for name in self.base_fields}
        super().__init__(typed, initial={name: f"{value:.10g}" for name, value in stored.items()})

    def clean(self) -> None:
        novelty = self.cleaned_data.get("novelty_percent")
        audit = self.cleaned_data.get("audit_percent")
        if novelty is not None and audit is not None and novelty + audit > 100:
            self.add_error("novelty_percent", MIX_TOO_FULL.format(taken=novelty + audit))
