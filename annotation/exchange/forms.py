"""Sending a file, then agreeing to what was shown of it."""

from base64 import b64decode, b64encode

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NulInWords
from annotation.exchange import reading
from annotation.exchange.entries import NotReadable, Pile
from annotation.exchange.formats import FORMATS, named_by
from annotation.exchange.planning import Plan

ENDINGS = ",".join(ending for each in FORMATS.values() for ending in each.endings)


class ImportForm(NulInWords, forms.Form):
    """A file of intents and entity types. In order, it has `raw` and what that says: `pile`."""

    refused = "Nothing was looked at yet. Mend these, then send the file again."

    file = forms.FileField(
        help_text="CSV, JSONL or the YAML of Rasa NLU, in UTF-8, at most 5 MB.",
        error_messages={"required": "Choose a file.", "empty": reading.EMPTY},
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
    )
    format = forms.ChoiceField(
        choices=[("", "As its name says"), *((each.name, each.label) for each in FORMATS.values())],
        required=False,
    )

    raw: bytes
    pile: Pile

    def clean(self) -> None:
        file = self.cleaned_data.get("file")
        if file is None or "format" in self.errors:
            return
        format = self.cleaned_data["format"] or named_by(file.name)
        if not format:
            self.add_error("format", "The name of the file does not tell. Choose the format.")
            return
        self.cleaned_data["format"] = format
        try:
            # What is larger than is taken need not be read to its end.
            self.raw = file.read(reading.LARGEST + 1)
            self.pile = reading.read(self.raw, format=format)
        except NotReadable as sentence:
            self.add_error("file", str(sentence))

    def agreeing_to(self, plan: Plan) -> "AgreedForm":
        content, format = b64encode(self.raw).decode(), self.cleaned_data["format"]
        return AgreedForm(initial={"content": content, "format": format, "plan": plan.fingerprint})


class AgreedForm(forms.Form):
    """The same file once more, and the plan that was shown: the server keeps nothing between."""

    # Base64, because browsers change how the lines of a text end.
    content = forms.CharField(widget=forms.HiddenInput)
    format = forms.ChoiceField(choices=[(name, name) for name in FORMATS], widget=forms.HiddenInput)
    plan = forms.CharField(max_length=64, widget=forms.HiddenInput)

    pile: Pile

    def clean(self) -> None:
        if self.errors:
            return
        try:
            raw = b64decode(self.cleaned_data["content"], validate=True)
            self.pile = reading.read(raw, format=self.cleaned_data["format"])
        except (NotReadable, ValueError) as error:
            raise ValidationError("The file did not arrive in full.") from error

    def agreeing_to(self, plan: Plan) -> "AgreedForm":
        said = {name: self.cleaned_data[name] for name in ("content", "format")}
        return AgreedForm(initial=said | {"plan": plan.fingerprint})
