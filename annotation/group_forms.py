"""What the pages of groups send and ask for, and what people read when it cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.http import urlencode

from accounts.forms import NulInWords
from accounts.models import Bot, User
from annotation.answering_together import GroupSaid, Shown
from annotation.group_cards import MOST_SHOWN, Row
from annotation.group_listing import Asked, Place
from annotation.models import Annotation
from annotation.models.intents import LONGEST_NAME
from annotation.review_forms import NAME_TOO_LONG, NOT_WHOLE, seconds_of
from ingest.filters import word

Verdict = Annotation.Verdict

NOTHING_CHOSEN = "Choose an intent first, or say that all of them are out of scope or not usable."
ALL_PEELED = (
    "You have peeled off every turn that is shown, so there is nothing to save. Put some back, or "
    "go on with the next group: all of these stay in the queue."
)
NO_PLACE = "The link to what comes next was cut short. These are the biggest."
SALT = "annotation.group"
OFFERED = {str(Verdict.OUT_OF_SCOPE), str(Verdict.UNUSABLE)}


def shown_token(rows: Sequence[Row], *, group: int, user: User, bot: Bot, guess_shown: bool) -> str:
    """What was on screen, signed: only that is labelled by the form that brings it back."""
    items = [[shown.item, shown.turn.hex, shown.alike] for shown in (row.shown for row in rows)]
    told = {"of": [group, user.pk, bot.pk], "guess": guess_shown, "items": items}
    return signing.dumps(told, salt=SALT, compress=True)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


class ManyField(forms.Field):
    """All values of one name."""

    widget = forms.MultipleHiddenInput


class ShownForm(NulInWords, forms.Form):
    """What has been on screen of a group by now, and what of it was peeled off."""

    shown = ManyField(error_messages={"required": NOT_WHOLE})
    peeled = ManyField(required=False)

    def __init__(self, typed: Any, *, group: int, user: User, bot: Bot) -> None:
        super().__init__(typed)
        self._group = group
        self._of = [group, user.pk, bot.pk]
        self.guess_shown = False

    def clean_shown(self) -> list[Shown]:
        found: dict[int, Shown] = {}
        for token in self.cleaned_data["shown"][:MOST_SHOWN]:
            for shown in self._read(token):
                found[shown.item] = shown
        return list(found.values())

    def _read(self, token: str) -> list[Shown]:
        try:
            told = signing.loads(token, salt=SALT)
        except signing.BadSignature as error:
            raise ValidationError(NOT_WHOLE) from error
        if told["of"] != self._of:
            raise ValidationError(NOT_WHOLE)
        self.guess_shown |= told["guess"]
        return [Shown(item, UUID(turn), alike) for item, turn, alike in told["items"]]

    def clean_peeled(self) -> set[int]:
        """What was not shown cannot be peeled off either, and is left as it is."""
        given = self.cleaned_data["peeled"] or []
        return {int(each) for each in given if is_number(each)}

    @property
    def before(self) -> list[int]:
        """The items that were on screen, so far as the form has told."""
        return [each.item for each in getattr(self, "cleaned_data", {}).get("shown", ())]

    @property
    def put_aside(self) -> set[int]:
        found: set[int] = getattr(self, "cleaned_data", {}).get("peeled", set())
        return found


class GroupAnswerForm(ShownForm):
    """One answer to a group. `choice` is i: and an intent's number, n: and a name, or v: and a
    verdict."""

    refused = "Nothing was saved yet; what you chose and peeled off is still here."

    submission = forms.UUIDField(error_messages={"required": NOT_WHOLE, "invalid": NOT_WHOLE})
    choice = forms.CharField(
        max_length=LONGEST_NAME + 2,
        error_messages={"required": NOTHING_CHOSEN, "max_length": NAME_TOO_LONG},
    )
    seconds = forms.CharField(required=False)

    def __init__(self, typed: Any, *, group: int, user: User, bot: Bot) -> None:
        typed = typed.copy()
        # Without scripts there is a list beside the radio buttons; the last that says something.
        typed["choice"] = next(filter(None, reversed(typed.getlist("choice"))), "")
        super().__init__(typed, group=group, user=user, bot=bot)

    def clean_choice(self) -> str:
        choice: str = self.cleaned_data["choice"]
        kind, _, rest = choice.partition(":")
        if (kind == "i" and is_number(rest)) or (kind == "n" and rest.strip()):
            return choice
        if kind == "v" and rest in OFFERED:
            return choice
        raise ValidationError(NOTHING_CHOSEN)

    def clean_seconds(self) -> float | None:
        return seconds_of(self.cleaned_data["seconds"])

    def clean(self) -> None:
        shown = self.cleaned_data.get("shown")
        if shown and self.put_aside.issuperset(each.item for each in shown):
            raise ValidationError(ALL_PEELED)

    @property
    def name(self) -> str:
        """The intent that was named, where it was not chosen by its number."""
        kind, _, rest = self.cleaned_data["choice"].partition(":")
        return rest if kind == "n" else ""

    @property
    def said(self) -> GroupSaid:
        """What was answered. Its intent has no number yet if it was named."""
        answer = self.cleaned_data
        kind, _, rest = answer["choice"].partition(":")
        return GroupSaid(
            submission=answer["submission"],
            group=self._group,
            verdict=Verdict(rest) if kind == "v" else Verdict.INTENT,
            shown=answer["shown"],
            peeled=answer["peeled"],
            guess_shown=self.guess_shown,
            intent_id=int(rest) if kind == "i" else None,
            seconds=answer["seconds"],
        )

    @property
    def sent(self) -> UUID | None:
        """The form's own id, if it came; so that a page shown again stays the same form."""
        found: UUID | None = getattr(self, "cleaned_data", {}).get("submission")
        return found

    @property
    def chosen(self) -> str:
        return str(self.data.get("choice", ""))


class GroupFilterForm(forms.Form):
    """Every field stands for one field of Asked."""

    q = forms.CharField(
        label="Search",
        max_length=200,
        required=False,
        error_messages={"max_length": "Search for less at once: up to 200 characters."},
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Part of what was said", "data-key": "/"}
        ),
    )
    intent = word("Probably", 120)
    least = forms.IntegerField(
        label="Turns, at least",
        min_value=1,
        max_value=MOST_SHOWN,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    outliers = forms.BooleanField(label="Only with outliers", required=False)
    after = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    refused = "Not all that you asked for was looked for:"

    def clean_after(self) -> Place | None:
        text = self.cleaned_data["after"]
        try:
            return Place.read(text) if text else None
        except ValueError as error:
            raise ValidationError(NO_PLACE) from error

    def asked(self) -> Asked:
        """The filters that make sense; what does not is shown with its field and left out."""
        self.is_valid()
        said = self.cleaned_data
        return Asked(
            words=said.get("q", ""),
            intent=said.get("intent", ""),
            least=said.get("least"),
            with_outliers=said.get("outliers", False),
        )

    @property
    def place(self) -> Place | None:
        """Where the page begins; only after `asked`."""
        place: Place | None = self.cleaned_data.get("after")
        return place

    def query(self) -> str:
        """What was asked for, as an address has it, from `?` on; empty without any."""
        names = ("q", "intent", "least", "outliers")
        asked = [
            (name, str(self.data[name]))
            for name in names
            if name in self.cleaned_data and self.data.get(name)
        ]
        return f"?{urlencode(asked)}" if asked else ""

    def offer(self, intents: list[str]) -> None:
        """Fill the list of intents, and keep what was asked for among it."""
        asked = self.cleaned_data.get("intent", "")
        widget = self.fields["intent"].widget
        assert isinstance(widget, forms.Select)  # noqa: S101  # for the types
        names = sorted({*intents, asked} - {""}, key=str.casefold)
        widget.choices = [("", "Any"), *((name, name) for name in names)]
