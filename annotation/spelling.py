"""What names, keys, guidelines and examples may look like, wherever they come from.

Each function returns what is stored, or raises Misspelt with a sentence that says what to do.
"""

import re
import unicodedata

from annotation.models.intents import LONGEST_NAME

LONGEST_GUIDELINE = 20_000
LONGEST_EXAMPLE = 1000
LONGEST_REASON = 300
MOST_EXAMPLES = 2000

# Parts a text from the reason why it does not belong, where both are typed in one line.
ARROW = "=>"

# What the review screen does at these keys is written on its buttons.
RESERVED_KEYS = frozenset("123456789/suoxzebngajk?")

# Control characters, line separators, and halves of surrogate pairs, which no text can hold.
UNSTORABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
UNSTORABLE_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Categories of characters that show nothing by themselves.
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"}

NEEDS_A_NAME = "Give it a name of at least one visible character."
ODD = "This holds a control character that cannot be stored. Delete it and send it again."
NO_KEY = "A key is one letter or digit. Take one, or leave it out."
NO_TYPE_KEY = "A key is one visible character. Take one, or leave it out."
KEY_RESERVED = "The review screen has this key for itself. Take another letter, or 0."
NEEDS_A_TEXT = "An example needs a text before the arrow."
ARROW_IN_TEXT = (
    f"A text that does not belong cannot hold {ARROW}, which parts it from its reason. "
    "Write it in other words."
)
TWICE = "“{text}” stands twice among the examples. Leave it once: it belongs, or it does not."
TOO_MANY = (
    f"These are {{number:,}} examples. Leave at most {MOST_EXAMPLES:,}: they explain the word, "
    "and nothing is trained on them."
)


class Misspelt(Exception):
    """It cannot be stored so. `str()` of it tells people what to do."""


def name(text: str) -> str:
    stripped = _storable(text.strip())
    if all(unicodedata.category(character) in UNSEEN for character in stripped):
        raise Misspelt(NEEDS_A_NAME)
    return _at_most(LONGEST_NAME, stripped)


def title(text: str) -> str:
    return _at_most(LONGEST_NAME, _in_one_line(text))


def guideline(text: str) -> str:
    """Lines end as everywhere in the house: browsers and files have other ideas."""
    lines = "\n".join(text.splitlines()).strip()
    return _at_most(LONGEST_GUIDELINE, _storable(lines, odd=UNSTORABLE_IN_LINES))


def intent_key(text: str) -> str:
    key = text.strip().lower()
    if key and not (len(key) == 1 and unicodedata.category(key) in {"Ll", "Lo", "Nd"}):
        raise Misspelt(KEY_RESERVED if key in RESERVED_KEYS else NO_KEY)
    if key in RESERVED_KEYS:
        raise Misspelt(KEY_RESERVED)
    return key


def entity_type_key(text: str) -> str:
    key = text.strip().lower()
    if key and not (len(key) == 1 and unicodedata.category(key) not in UNSEEN):
        raise Misspelt(NO_TYPE_KEY)
    return key


def good_example(text: str) -> str:
    one_line = _in_one_line(text)
    if not one_line:
        raise Misspelt(NEEDS_A_TEXT)
    return _at_most(LONGEST_EXAMPLE, one_line)


def bad_example(text: str, reason: str) -> tuple[str, str]:
    """A text that looks as if it belonged, and why it does not."""
    spelt = good_example(text)
    if ARROW in spelt:
        raise Misspelt(ARROW_IN_TEXT)
    return spelt, _at_most(LONGEST_REASON, _in_one_line(reason))


def refuse_odd_examples(good: list[str], bad: list[tuple[str, str]]) -> None:
    """Raise Misspelt if there are too many, or one stands twice."""
    texts = [*good, *(text for text, _ in bad)]
    if len(texts) > MOST_EXAMPLES:
        raise Misspelt(TOO_MANY.format(number=len(texts)))
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise Misspelt(TWICE.format(text=text))
        seen.add(text)


def _in_one_line(text: str) -> str:
    """Every run of white space is one space: what is typed a line each stays a line each."""
    return _storable(" ".join(text.split()))


def _storable(text: str, *, odd: re.Pattern[str] = UNSTORABLE) -> str:
    if odd.search(text):
        raise Misspelt(ODD)
    return text


def _at_most(longest: int, text: str) -> str:
    if len(text) > longest:
        raise Misspelt(f"This has {len(text):,} characters. Leave at most {longest:,}.")
    return text
