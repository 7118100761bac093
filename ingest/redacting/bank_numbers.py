"""Bank accounts and payment cards, which carry check digits."""

import re
from collections.abc import Iterable, Iterator

from ingest.redacting.shadow import END, INSIDE, START, UUID, Span, accepted

# One in 97 of anything passes for an account.
IBAN = re.compile(
    rf"{START}(?<!-)(?!{UUID})([A-Za-z]{{2}})[ -]?\d{{2}}(?:[ .-]?[A-Za-z0-9]){{11,30}}"
)
IBAN_LENGTHS = {
    country: int(length)
    for length, countries in {
        *((15, "NO"), (16, "BE"), (18, "DK FI FK FO GL NL SD"), (19, "MK SI")),
        *(
            (20, "AT BA EE KZ LT LU MN XK"),
            (21, "CH HR LI LV"),
            (22, "BG BH CR DE GB GE IE ME RS VA"),
        ),
        *((23, "AE GI IL IQ OM SO TL"), (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "LY PT ST")),
        *(
            (26, "IS TR"),
            (27, "BI DJ FR GR IT MC MR SM"),
            (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
        ),
        *((29, "BR EG PS QA UA"), (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU")),
    }
    for country in countries.split()
}


SEPARATORS = str.maketrans("", "", " .-")
AS_DIGITS = {ord(sign): str(int(sign, 36)) for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def ibans(shadow: str) -> Iterator[Span]:
    return accepted(IBAN, shadow, _iban_end)


def _iban_end(match: re.Match[str]) -> int:
    """The country says how long it is: words that follow are not part of it."""
    length = IBAN_LENGTHS.get(match[1].upper(), 99)
    signs = match[0].translate(SEPARATORS)[:length].upper()
    if len(signs) < length or int((signs[4:] + signs[:4]).translate(AS_DIGITS)) % 97 != 1:
        return 0
    return _end_after(length, match)


def _end_after(count: int, match: re.Match[str]) -> int:
    """Where the first `count` letters and digits of the match end; 0 if inside a word."""
    signs = [at for at in range(*match.span()) if match.string[at].isalnum()]
    end = signs[count - 1] + 1
    return 0 if INSIDE.match(match.string, end) else end


CARD = re.compile(rf"{START}[2-9]\d{{2,18}}(?:[ .-]{{1,3}}\d{{3,19}}){{0,5}}(?:[ -]\d\d?)?{END}")
# Far quicker than CARD at finding that there is none.
CARDLIKE = re.compile(r"\d(?:[ .-]{0,3}\d){12}")
# Whose numbers they are. A tenth of all numbers pass Luhn: ISBN, IMEI and times in
# milliseconds must not, whatever their check digit.
ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|5[1-5]\d{14}"
    r"|2[2-7]\d{14}|(?:5[06-8]|6\d)\d{14,17}|8[12]\d{14}|9792\d{12}"
)
DIGITS = re.compile(r"\d+")
DOUBLED = bytes.maketrans(b"0123456789", bytes([0, 2, 4, 6, 8, 1, 3, 5, 7, 9]))


def cards(shadow: str) -> Iterable[Span]:
    return accepted(CARD, shadow, _card_end) if CARDLIKE.search(shadow) else ()


def _card_end(match: re.Match[str]) -> int:
    """The longest that ends where a group of digits does: a check code or a date may follow."""
    digits = ""
    found = 0
    for group in DIGITS.finditer(match.string, *match.span()):
        digits += group[0]
        if 13 <= len(digits) <= 19 and ISSUED.fullmatch(digits) and _luhn(digits):
            found = group.end()
    return found


def _luhn(digits: str) -> bool:
    signs = digits.encode()
    plain = sum(signs[-1::-2]) - 48 * len(signs[-1::-2])
    return (plain + sum(signs[-2::-2].translate(DOUBLED))) % 10 == 0
