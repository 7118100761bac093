"""What people may type, and what they read when it cannot be used."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator

from accounts.models import Scope, User
from accounts.roles import Role
from accounts.second_factors import ALPHABET, DIGITS, RECOVERY_LENGTH

NUL = "This holds a character (NUL) that cannot be stored. Delete it and send the form again."


class NulInWords(forms.BaseForm):
    """Text that holds a NUL brings the form again with a sentence that says what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["null_characters_not_allowed"] = NUL


class LoginForm(NulInWords, AuthenticationForm):
    # A closed account reads the same, so that nobody learns which accounts there are.
    error_messages = {
        "invalid_login": (
            "No account has this username and password. Check both; capitals count. "
            "If you forgot your password, ask an operator for a new one."
        )
    }


class NewPasswordForm(NulInWords, PasswordChangeForm):
    error_messages = {
        "password_incorrect": "This is not your present password. Type it again.",
        "password_mismatch": "The two new passwords differ. Type the new one twice.",
    }


class NotShownAgain(forms.TextInput):
    """A field that a refused form brings back empty: no code is right twice."""

    def format_value(self, value: Any) -> None:
        return None


class AppCodeForm(NulInWords, forms.Form):
    """The six digits that an app shows. `answer` is what was typed, without gaps."""

    refused = "No code was looked at yet. Type it again."

    code = forms.CharField(
        max_length=20,
        label="Code",
        help_text="The six digits that your app shows now.",
        error_messages={"required": "Type the six digits that your app shows now."},
        widget=NotShownAgain(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if code and not (len(code) == DIGITS and code.isascii() and code.isdigit()):
            raise forms.ValidationError("A code has six digits. Type those your app shows now.")
        return code

    @property
    def answer(self) -> str:
        code: str = self.cleaned_data["code"]
        return code


class CodeForm(AppCodeForm):
    """The six digits, or a recovery code."""

    recovery_code = forms.CharField(
        max_length=40,
        required=False,
        help_text="One of the ten that you were shown when you set this up. Each works once.",
        widget=NotShownAgain(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False

    def clean_recovery_code(self) -> str:
        typed = self.cleaned_data["recovery_code"].lower()
        code = "".join(typed.replace("-", " ").split())
        if code and (len(code) != RECOVERY_LENGTH or set(code) - set(ALPHABET)):
            raise forms.ValidationError(
                "A recovery code has sixteen letters and digits. Compare it with your list."
            )
        return code

    def clean(self) -> dict[str, Any]:
        typed = {name for name in ("code", "recovery_code") if self.data.get(name, "").strip()}
        if not typed:
            self.add_error("code", "Type the six digits that your app shows, or a recovery code.")
        return self.cleaned_data

    @property
    def answer(self) -> str:
        return super().answer or self.cleaned_data["recovery_code"]


class DetailsForm(NulInWords, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]


class BotForm(NulInWords, forms.Form):
    name = forms.CharField(max_length=80, help_text="As people call it, such as “Bank bot”.")


def username_field() -> UsernameField:
    return UsernameField(
        max_length=150,
        validators=[
            UnicodeUsernameValidator(
                message="Use only letters, digits and the characters @ . + - _ , without spaces."
            )
        ],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class MemberForm(NulInWords, forms.Form):
    username = username_field()
    role = forms.ChoiceField(choices=Role.choices, initial=Role.ANNOTATOR)


class RoleForm(NulInWords, forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class PersonForm(NulInWords, forms.Form):
    username = username_field()
    operator = forms.BooleanField(
        required=False,
        label="Operator of this install",
        help_text="Sees every bot, makes bots and people.",
    )


class KeyForm(NulInWords, forms.Form):
    name = forms.CharField(max_length=60, help_text="Where it is used, such as “web channel”.")
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.label} ({scope.value})") for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=3650,
        required=False,
        label="Days until it expires",
        help_text="Without a number it works until it is revoked.",
    )
