"""What people may type to rename, merge or split an intent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NulInWords
from accounts.models import User
from annotation import aliases, spelling
from annotation.clashes import NotStored
from annotation.models import Intent, IntentChange
from annotation.refactoring import beginning, previewing
from annotation.refactoring.previewing import Preview
from annotation.word_forms import AS_TYPED, SpeltField

ITS_NAME = {"required": "Give it a name: the one that the bot uses."}
ANOTHER = {"required": "Name the intent that it becomes part of."}


@contextmanager
def told() -> Iterator[None]:
    """Make the refusal of a verb one of its field."""
    try:
        yield
    except NotStored as refusal:
        raise ValidationError(str(refusal)) from refusal


class ChangeForm(NulInWords, forms.Form):
    """What both forms have that show what would change before they do it."""

    refused = "Nothing was changed. Mend these, then look at what would change once more."
    # The fingerprint of what was shown; empty until it was.
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, intent: Intent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intent = intent

    def preview(self) -> Preview:
        raise NotImplementedError

    def carry_out(self, *, by: User) -> IntentChange:
        raise NotImplementedError

    @property
    def agreed(self) -> bool:
        return bool(self.cleaned_data["seen"])


class RenameForm(ChangeForm):
    kind = "rename"
    name = SpeltField(
        spelling.name,
        label="New name",
        help_text="As the bot calls it from now on. The old name goes on meaning the same.",
        error_messages=ITS_NAME,
        widget=forms.TextInput(attrs=AS_TYPED | {"autofocus": True}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        with told():
            aliases.refuse_merged(self.intent)
            beginning.check_name(self.intent, name)
        return name

    def preview(self) -> Preview:
        return previewing.of_rename(self.intent, self.cleaned_data["name"])

    def carry_out(self, *, by: User) -> IntentChange:
        said = self.cleaned_data
        return beginning.rename(self.intent, said["name"], by=by, seen=said["seen"])


class MergeForm(ChangeForm):
    kind = "merge"
    into = forms.CharField(
        label="Into",
        max_length=200,
        help_text="An intent in use. It keeps its name, its guideline and its key.",
        error_messages=ANOTHER,
        widget=forms.TextInput(attrs=AS_TYPED | {"list": "intent-names", "autofocus": True}),
    )

    def clean_into(self) -> Intent:
        with told():
            aliases.refuse_merged(self.intent)
            into = beginning.target_called(self.intent.bot, self.cleaned_data["into"])
            beginning.check_target(self.intent, into)
        return into

    def preview(self) -> Preview:
        return previewing.of_merge(self.intent, self.cleaned_data["into"])

    def carry_out(self, *, by: User) -> IntentChange:
        said = self.cleaned_data
        return beginning.merge(self.intent, said["into"], by=by, seen=said["seen"])


class SplitForm(NulInWords, forms.Form):
    kind = "split"
    name = SpeltField(
        spelling.name,
        label="Name of the other intent",
        help_text="A new one, or one that is there: the labels that you pick next go to it.",
        error_messages=ITS_NAME,
        widget=forms.TextInput(attrs=AS_TYPED | {"list": "intent-names", "autofocus": True}),
    )


class KeysField(forms.Field):
    """Keys of rows, as many as one page has."""

    widget = forms.MultipleHiddenInput
    MOST = 200

    def clean(self, value: Any) -> list[int]:
        keys = [str(each) for each in value or []]
        if len(keys) > self.MOST or not all(key.isdecimal() and len(key) < 19 for key in keys):
            raise ValidationError("These are no labels of this page. Load it again.")
        return [int(key) for key in keys]


class PicksForm(NulInWords, forms.Form):
    """The labels of one page of the list, and which of them are picked."""

    shown = KeysField(required=False)
    label = KeysField(required=False)
    q = forms.CharField(max_length=200, required=False)
    what = forms.ChoiceField(
        choices=[("page", ""), ("all", ""), ("none", "")], required=False, initial="page"
    )

    @property
    def refused(self) -> str:
        """The first sentence that says why; empty if it is in order."""
        return next((str(each) for errors in self.errors.values() for each in errors), "")


class FindLabelsForm(NulInWords, forms.Form):
    """What can be asked of the labels of a draft by its address."""

    q = forms.CharField(
        label="Search",
        max_length=200,
        required=False,
        error_messages={"max_length": "Search for less at once: up to 200 characters."},
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Words that were said", "data-key": "/"}
        ),
    )
    show = forms.ChoiceField(
        label="Show",
        choices=[("", "All"), ("picked", "Picked"), ("left", "Not picked")],
        required=False,
        error_messages={"invalid_choice": "There is no such choice, so all are shown."},
    )

    refused = "Not all that you asked for was looked for:"

    def said(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class RestForm(forms.Form):
    """What becomes of the labels that stay."""

    rest = forms.ChoiceField(
        label="Labels that stay",
        choices=[("stay", "Stay as they are"), ("again", "Stay, and are asked again")],
        initial="stay",
        widget=forms.RadioSelect(attrs={"form": "picks"}),
        help_text="Asked again: the turns wait under Review with their old answer, and keep it "
        "until somebody answers.",
    )

    @property
    def ask_again(self) -> bool:
        return bool(self.cleaned_data["rest"] == "again")
