"""Writes what is stored: texts, names and states without personal data."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from accounts.pseudonyms import pseudonym
from ingest.redacting import Redaction, redact

LONG_NUMBER = 10**6  # from here on a number may be a card or a telephone

# Messengers call a conversation, and bots keep in their state, a telephone number in its bare
# form: digits that could be anything, were it not for the place where they stand.
BARE = re.compile(r"\+?\d{10,19}")
SEVEN_DIGITS = re.compile(r"(?:\D*\d){7}")
OF_A_PHONE = re.compile(
    r"phone|mobile|msisdn|whatsapp|celular|m[oó]vil|handy|(?:^|_)tel(?:$|_)", re.I
)


class Pen:
    """Writes for one event, and counts what it left out."""

    def __init__(self, own_ids: Sequence[re.Pattern[str]], *, salt: bytes) -> None:
        self._own_ids = own_ids
        self._salt = salt
        self.counts: Counter[str] = Counter()

    def redaction(self, text: str) -> Redaction:
        redaction = redact(text, patterns=self._own_ids)
        if redaction.found:
            self.counts.update(redaction.counts)
        return redaction

    def text(self, text: str | None) -> str:
        return self.redaction(text).text if text else ""

    def name(self, name: str | None) -> str:
        """The same for names, of which there are few: most were looked at before."""
        if not name or self._own_ids:
            return self.text(name)
        redaction = _looked_at(name)
        if redaction.found:
            self.counts.update(redaction.counts)
        return redaction.text

    def reference(self, name: str) -> str:
        """A name that is personal data gets another one that is as good to tell it apart."""
        written = self._token("id") if BARE.fullmatch(name) else self.name(name)
        if written == name:
            return name
        return f"{written[:120]} {pseudonym(name, salt=self._salt).hex[:12]}"

    def anything(self, value: Any, *, key: str = "") -> Any:
        """The same for JSON: keys, texts, and numbers long enough to be somebody's."""
        if isinstance(value, dict):
            return {
                self.text(name): self.anything(inner, key=_key(name, under=key))
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.anything(inner, key=key) for inner in value]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        if OF_A_PHONE.search(key) and SEVEN_DIGITS.match(str(value)):
            return self._token("phone")
        return self.text(value) if isinstance(value, str) else self._number(value)

    def _number(self, value: float) -> Any:
        if abs(value) < LONG_NUMBER and not self._own_ids:
            return value
        digits = f"{abs(value):.0f}" if isinstance(value, float) else str(abs(value))
        redaction = self.redaction(digits)
        return redaction.text if redaction.found else value

    def _token(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"⟨{kind}⟩"


def _key(name: str, *, under: str) -> str:
    """The name that says what a value is: what lies under a telephone is one too."""
    return under if OF_A_PHONE.search(under) else name


@lru_cache(maxsize=4096)
def _looked_at(name: str) -> Redaction:
    return redact(name)
