"""When two texts are the same text."""

import re
import unicodedata

# White space, and what PostgreSQL or UTF-8 refuse: control characters and half surrogates.
GAP = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
# Nobody sees these, and programs that people copy from leave them behind.
# The two joiners are not among them: emoji and Persian are written with them.
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Punctuation that is part of a word at its end: ⟨email⟩, 5%, #7, @anna, /start.
PART_OF_A_WORD = frozenset("⟨⟩%#@/&")


def normalised(text: str) -> str:
    """Return what all spellings of the same text have in common; "" when nothing was said.

    Case, compatibility forms, white space and outer punctuation go; a text that is only
    punctuation keeps it. Normalising twice is normalising once.
    """
    if not text.isascii():
        text = _folded(_folded(INVISIBLE.sub("", text)))
    text = GAP.sub(" ", text.casefold()).strip()
    return _without_outer_punctuation(text) or text


def _folded(text: str) -> str:
    """One round of Unicode's caseless matching. Folding can ask for composing, and the reverse."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text).casefold())


def _without_outer_punctuation(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_outer(text[start]):
        start += 1
    while start < end and _is_outer(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_outer(character: str) -> bool:
    if character in PART_OF_A_WORD:
        return False
    return character == " " or unicodedata.category(character)[0] == "P"
