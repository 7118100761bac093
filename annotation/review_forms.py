"""What the review screen sends, and what people read when it cannot be used."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NulInWords
from annotation.answering import Answer, Span
from annotation.models import Annotation
from annotation.models.intents import LONGEST_NAME

LONGEST_ANSWER = 20_000  # characters, as a bot's own may be
LONGEST_NOTE = 4_000
MOST_SPANS = 200
LONGEST_SHOWN = 24 * 60 * 60.0  # seconds that somebody can have looked at one turn
NOT_WHOLE = "The form did not arrive whole. Reload the page; what you typed is there again."
NAME_TOO_LONG = f"An intent's name has at most {LONGEST_NAME} characters. Take a shorter one."
NOTHING_CHOSEN = "Choose an intent first, or say that it is out of scope, unsure or not usable."
CUT_SHORT = "What was marked in the text did not arrive whole. Mark it again and save."


class AnswerForm(NulInWords, forms.Form):
    """One answer. `choice` is i: and an intent's number, n: and a name, or v: and a verdict."""

    refused = "Nothing was saved yet; all that you chose and typed is still here."

    submission = forms.UUIDField(error_messages={"required": NOT_WHOLE, "invalid": NOT_WHOLE})
    choice = forms.CharField(
        max_length=LONGEST_NAME + 2,
        error_messages={"required": NOTHING_CHOSEN, "max_length": NAME_TOO_LONG},
    )
    better_answer = forms.CharField(
        max_length=LONGEST_ANSWER,
        required=False,
        error_messages={"max_length": "A better answer has at most 20,000 characters."},
    )
    note = forms.CharField(
        max_length=LONGEST_NOTE,
        required=False,
        error_messages={"max_length": "A note has at most 4,000 characters."},
    )
    for_alike = forms.BooleanField(required=False)
    spans = forms.CharField(required=False, strip=False)
    seconds = forms.CharField(required=False)
    ahead = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def clean_choice(self) -> str:
        choice: str = self.cleaned_data["choice"]
        kind, _, rest = choice.partition(":")
        if kind == "i" and rest.isdecimal() and rest.isascii() and len(rest) < 19:
            return choice
        if kind == "n" and rest.strip():
            return choice
        if kind == "v" and rest in {*Annotation.Verdict.values} - {Annotation.Verdict.INTENT}:
            return choice
        raise ValidationError(NOTHING_CHOSEN)

    def clean_spans(self) -> list[Span]:
        text = self.cleaned_data["spans"]
        try:
            return list(_spans(json.loads(text))) if text else []
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ValidationError(CUT_SHORT) from error

    def clean_seconds(self) -> float | None:
        return seconds_of(self.cleaned_data["seconds"])

    @property
    def name(self) -> str:
        """The intent that was named, where it was not chosen by its number."""
        kind, _, rest = self.cleaned_data["choice"].partition(":")
        return rest if kind == "n" else ""

    @property
    def answer(self) -> Answer:
        """What was answered. Its intent has no number yet if it was named."""
        said = self.cleaned_data
        kind, _, rest = said["choice"].partition(":")
        return Answer(
            submission=said["submission"],
            verdict=Annotation.Verdict(rest) if kind == "v" else Annotation.Verdict.INTENT,
            intent_id=int(rest) if kind == "i" else None,
            spans=said["spans"],
            better_answer=said["better_answer"],
            note=said["note"],
            for_alike=said["for_alike"],
            seconds=said["seconds"],
        )

    @property
    def sent(self) -> UUID | None:
        """The form's own id, if it came; so that a page shown again stays the same form."""
        found: UUID | None = getattr(self, "cleaned_data", {}).get("submission")
        return found


def seconds_of(text: str) -> float | None:
    """Nobody sees or types it. A clock that was set in between tells nothing."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds <= LONGEST_SHOWN else None


def _spans(marked: Any) -> Iterator[Span]:
    if not isinstance(marked, list) or len(marked) > MOST_SPANS:
        raise ValueError
    for each in marked:
        numbers = (each["type"], each["start"], each["end"])
        if not all(type(number) is int and 0 <= number < 2**31 for number in numbers):
            raise ValueError
        if not isinstance(each["text"], str) or "\0" in each["text"]:
            raise ValueError
        yield Span(*numbers, each["text"])


class AheadForm(forms.Form):
    """Which items somebody has on their page already."""

    item = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    @property
    def besides(self) -> list[int]:
        item = self.cleaned_data["item"] if self.is_valid() else None
        return [item] if item else []
