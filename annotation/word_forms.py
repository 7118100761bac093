"""What people may type about intents and entity types, and what they read if it cannot be used."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NulInWords
from annotation import spelling, wording
from annotation.models import EntityType, Intent
from annotation.models.intents import Colour
from annotation.spelling import ARROW, Misspelt

Spelling = Callable[[str], str]

AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
NAME_IS_NEEDED = {"required": "Give it a name: the one that the bot uses."}


class SpeltField(forms.CharField):
    """A text as annotation/spelling.py wants it."""

    def __init__(self, spelling: Spelling, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spelling = spelling

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return self.spelling(text)
        except Misspelt as sentence:
            raise ValidationError(str(sentence)) from sentence


class LinesField(forms.CharField):
    """A list of what was typed, one a line. Lines with nothing in them do not count."""

    widget = forms.Textarea

    def read(self, line: str) -> Any:
        return spelling.good_example(line)

    def clean(self, value: Any) -> list[Any]:
        typed = super().clean(value).splitlines()
        numbered = [(number, line) for number, line in enumerate(typed, 1) if line.strip()]
        return [self._read(number, line) for number, line in numbered]

    def _read(self, number: int, line: str) -> Any:
        try:
            return self.read(line)
        except Misspelt as sentence:
            raise ValidationError(f"Line {number}: {sentence}") from sentence


class ReasonedLinesField(LinesField):
    def read(self, line: str) -> tuple[str, str]:
        text, _, reason = line.partition(ARROW)
        return spelling.bad_example(text, reason)


def _name_field() -> SpeltField:
    return SpeltField(
        spelling.name,
        label="Name",
        help_text="As the bot calls it, such as “card_lost”. Labels go by it.",
        error_messages=NAME_IS_NEEDED,
        widget=forms.TextInput(attrs=AS_TYPED),
    )


class WordForm(NulInWords, forms.Form):
    """What intents and entity types have in common."""

    title = SpeltField(
        spelling.title, required=False, help_text="As people call it, such as “Card lost”."
    )
    colour = forms.ChoiceField(choices=Colour.choices, widget=forms.RadioSelect)
    guideline = SpeltField(
        spelling.guideline,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="When to choose it, and when not. Markdown: <code>**bold**</code>, "
        "<code>- list</code>, <code>| table |</code>, <code>[link](https://…)</code>.",
    )
    # Stands for what was shown, so that nobody writes over what they have not seen.
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def fields_of_word(self) -> dict[str, Any]:
        """What was typed, for the verbs; only for a form in order."""
        return {name: typed for name, typed in self.cleaned_data.items() if name != "seen"}

    @property
    def seen_by_them(self) -> str | None:
        return self.cleaned_data["seen"] or None

    def show_again(self, word: Intent | EntityType) -> None:
        """Take what is stored for seen: who sends the form again means it."""
        self.data = dict(self.data.items()) | {"seen": wording.fingerprint(word)}


class IntentForm(WordForm):
    key = SpeltField(
        spelling.intent_key,
        required=False,
        help_text="A letter, or 0, that chooses it on the review screen.",
        widget=forms.TextInput(attrs=AS_TYPED | {"maxlength": 1}),
    )
    critical = forms.BooleanField(
        required=False,
        label="Critical",
        help_text="A new model version that is worse at it is not promoted. Five intents at most.",
    )
    good = LinesField(
        required=False,
        label="Texts that belong",
        help_text="One a line, as end users wrote them. They show what is meant at a glance.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    bad = ReasonedLinesField(
        required=False,
        label="Texts that do not",
        help_text=f"One a line, with the reason after an arrow: <code>text {ARROW} reason</code>. "
        "Take those that look as if they belonged: they teach more than rules do.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean(self) -> None:
        good, bad = self.cleaned_data.get("good"), self.cleaned_data.get("bad")
        if good is None or bad is None:
            return
        try:
            spelling.refuse_odd_examples(good, bad)
        except Misspelt as sentence:
            self.add_error("bad" if bad else "good", str(sentence))

    @classmethod
    def of(cls, intent: Intent) -> "IntentForm":
        rows = list(intent.examples.all())
        good = [row.text for row in rows if row.belongs]
        bad = [f"{row.text} {ARROW} {row.reason}".strip() for row in rows if not row.belongs]
        own = {"critical": intent.critical, "good": "\n".join(good), "bad": "\n".join(bad)}
        return cls(initial=_initial(intent) | own)


class NewIntentForm(IntentForm):
    name = _name_field()


class EntityTypeForm(WordForm):
    key = SpeltField(
        spelling.entity_type_key,
        required=False,
        help_text="A character that chooses it when a part of a text is marked.",
        widget=forms.TextInput(attrs=AS_TYPED | {"maxlength": 1}),
    )

    @classmethod
    def of(cls, entity_type: EntityType) -> "EntityTypeForm":
        return cls(initial=_initial(entity_type))


class NewEntityTypeForm(EntityTypeForm):
    name = _name_field()


class FindWordsForm(forms.Form):
    """What can be asked of the lists by their address."""

    q = forms.CharField(
        label="Search",
        max_length=200,
        required=False,
        error_messages={"max_length": "Search for less at once: up to 200 characters."},
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Name or title", "data-key": "/"}
        ),
    )
    state = forms.ChoiceField(
        label="State",
        choices=[("", "In use"), ("archived", "Archived")],
        required=False,
        error_messages={"invalid_choice": "There is no such state, so those in use are shown."},
    )

    refused = "Not all that you asked for was looked for:"

    @property
    def words(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))

    @property
    def archived(self) -> bool:
        self.is_valid()
        return self.cleaned_data.get("state") == "archived"

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.archived)


def _initial(word: Intent | EntityType) -> dict[str, Any]:
    plain = {name: getattr(word, name) for name in ("title", "colour", "guideline", "key")}
    return plain | {"seen": wording.fingerprint(word)}
