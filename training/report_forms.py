"""What people may type about reports, decisions and golden cases."""

from typing import Any

from django import forms

from accounts.forms import NulInWords
from accounts.models import Bot
from annotation.models import Intent
from training.golden import MOST_TEXTS
from training.models import GoldenCase
from training.models.decisions import LONGEST_REASON
from training.reporting import SORTS

LONGEST_TEXT = 2000
OUTSIDE = "outside"  # expected to have no intent


class HashField(forms.CharField):
    """What the page had been about, which it sends back unseen."""

    def __init__(self) -> None:
        super().__init__(min_length=64, max_length=64, widget=forms.HiddenInput)


class DecisionForm(NulInWords, forms.Form):
    """Promote or reject, as the button says. The hashes are of what the page showed."""

    refused = "Nothing was decided. Mend this, then send it again."

    verdict = forms.ChoiceField(choices=[("promote", "Promote"), ("reject", "Reject")])
    report_sha256 = HashField()
    artifact_sha256 = HashField()
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In a sentence or two. It stays with the version for good.",
        error_messages={"required": "Say in a sentence why you decide so."},
    )
    override_reason = forms.CharField(
        label="Why it may go live although something blocks",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Only to promote what the report blocks. It is shown on the model card.",
    )


class RollBackForm(NulInWords, forms.Form):
    deployment = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        required=False,
        error_messages={"max_length": "A reason has at most %(limit_value)d characters."},
    )


class ReportForm(forms.Form):
    """Which report, and how its intents are sorted."""

    report = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    sort = forms.ChoiceField(choices=[(name, name) for name in SORTS], required=False)


class JudgedTurnsForm(forms.Form):
    """Which turns of a report."""

    kind = forms.CharField(max_length=7, required=False)
    intent = forms.CharField(max_length=120, required=False)


class DecisionSettingsForm(NulInWords, forms.Form):
    four_eyes = forms.BooleanField(
        label="Four eyes",
        required=False,
        help_text="Who started the training of a version cannot promote it. Somebody else has to.",
    )


class GoldenForm(NulInWords, forms.Form):
    """One case, as somebody writes it."""

    refused = "The case was not kept. Mend this, then send it again."

    kind = forms.ChoiceField(
        choices=GoldenCase.Kind,
        help_text="Exact answer: each text gets the intent. Same answer: each gets what the first "
        "gets. More or less sure: each moves the certainty of the intent away from the first.",
    )
    texts = forms.CharField(
        label="Texts",
        max_length=MOST_TEXTS * LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line. The first is the one that the others vary. No personal data.",
    )
    intent = forms.ChoiceField(
        label="Expected",
        required=False,
        help_text="An intent, or none at all. It says nothing for the same answer.",
    )
    rises = forms.ChoiceField(
        label="Which way",
        choices=[("up", "More sure than of the first"), ("down", "Less sure than of the first")],
        required=False,
        help_text="For more or less sure.",
    )
    must_pass = forms.BooleanField(
        required=False, help_text="A version that fails it does not go live."
    )
    why = forms.CharField(
        label="What it is kept for",
        max_length=500,
        required=False,
        help_text="Such as an incident.",
    )

    def __init__(self, typed: Any = None, *, bot: Bot) -> None:
        super().__init__(typed)
        self.intents = {str(each.pk): each for each in Intent.objects.of(bot).in_use().by_name()}
        named = [(key, each.name) for key, each in self.intents.items()]
        self.fields["intent"] = forms.ChoiceField(
            label=self.base_fields["intent"].label,
            required=False,
            # Nothing is chosen at first: a case must not expect what nobody meant.
            choices=[("", "Choose"), (OUTSIDE, "Out of scope"), *named],
            help_text=self.base_fields["intent"].help_text,
        )

    def clean_rises(self) -> bool:
        return bool(self.cleaned_data["rises"] != "down")

    def clean_texts(self) -> list[str]:
        texts = [line.strip() for line in self.cleaned_data["texts"].splitlines() if line.strip()]
        if len(texts) > MOST_TEXTS:
            raise forms.ValidationError(f"At most {MOST_TEXTS} texts go into one case.")
        if any(len(text) > LONGEST_TEXT for text in texts):
            raise forms.ValidationError(f"A text may have {LONGEST_TEXT:,} characters.")
        return texts

    def clean(self) -> None:
        kind, texts = self.cleaned_data.get("kind"), self.cleaned_data.get("texts") or []
        chosen = self.cleaned_data.get("intent", OUTSIDE)
        self.cleaned_data["intent"] = self.intents.get(chosen)
        if kind == GoldenCase.Kind.EXACT and not chosen:
            self.add_error("intent", "Choose what is expected: an intent, or out of scope.")
        if kind in (GoldenCase.Kind.INVARIANCE, GoldenCase.Kind.DIRECTION) and len(texts) == 1:
            self.add_error("texts", "It takes a second text, on a line of its own, to compare.")
        if kind == GoldenCase.Kind.DIRECTION and not self.cleaned_data.get("intent"):
            self.add_error("intent", "Choose the intent whose certainty moves.")
