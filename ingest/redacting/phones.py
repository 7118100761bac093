"""Phone numbers."""

import re
from collections.abc import Iterator

from ingest.redacting.shadow import COVER, END, START, UUID, Span, accepted, before, cover, covered

GAP = r"[ ./()-]{0,4}"


def _digits(least: int, most: int) -> str:
    return rf"(?:{GAP}\d){{{least},{most}}}"


# How many digits follow the country's code.
ABROAD = (
    rf"(?:\(?\+ ?|00[ ./-]?|011[ -])\(?(?:1{_digits(10, 10)}|3[134]{GAP}(?:0\))?{_digits(9, 9)}"
    rf"|44{GAP}(?:0\))?{_digits(9, 10)}|91{GAP}(?:0\))?{_digits(10, 10)}"
    rf"|[34]9{GAP}(?:0\))?{_digits(6, 12)}"
    rf"|(?!1|3[1349]|44|49|91)[2-9]\d{{0,2}}{GAP}(?:0\))?{_digits(6, 12)})"
)
AT_HOME = "|".join(
    (
        rf"\(?0[1-9]{_digits(7, 10)}",  # with the 0 of most of Europe and India
        r"(?:1[ .-]{1,3})?(?:\([2-9]\d\d\) ?[ .-]?|[2-9]\d\d[ ./-]{1,3})[2-9]\d\d[ .-]{1,3}\d{4}",
        r"1?[2-9]\d\d[2-9]\d{6}",
        r"3[2-9]\d(?:[ ./-]?\d){7}",  # Italian mobiles
        r"[6-9]\d{4}[ -]?\d{5}|[6-9]\d\d[ -]\d{3}[ -]\d{4}",  # Indian mobiles
        r"[6-9]\d\d(?:[ -]\d{3}[ -]\d{3}|(?:[ .-]\d\d){3})(?![ -]\d)",  # Spanish
        r"[89]\d(?:[ .-]\d{3}[ .-]\d\d[ .-]\d\d)",
    )
)
EXTENSION = (
    r"(?:[ ,;]{0,2}(?:ext|extn|extension|x|durchwahl|dw|poste|interno|int|toestel|tst|anexo)"
    r"[ .:#]{0,3}\d{1,6})?"
)
NUMBER_ENDS = rf"{END}(?![.,]\d\d?(?!\d))(?!-\d)"
# Far quicker than what follows at finding that there is none.
PHONELIKE = re.compile(r"\d(?:[ ./()-]{0,4}\d){6}")
PHONE = re.compile(
    rf"(?<![\w+{COVER}])(?:(?P<abroad>{ABROAD})|{AT_HOME}){EXTENSION}{NUMBER_ENDS}",
    re.IGNORECASE,
)
# Where somebody says that it is a phone number, nearly any digits are.
CALLED = re.compile(
    rf"{START}(?:tel|telefon|telefono|teléfono|telefoon|telephone|téléphone|telefonnummer"
    r"|telefoonnummer|phone|mobile|mobil|handy|cell|whatsapp|fax|call|ring|text|sms|portable|móvil"
    r"|llámame|llame|llama|chiamami|chiama|cellulare|appelez|ruf|bel|bellen)"
    r"(?:[ .:=-]{1,3}(?:number|nummer|número|numero|numéro|no|nr|n|is|ist|est|es|è|me|mich|mij|moi"
    r"|back|us|at|on|al|au|an|op|unter|under|my|mi)){0,3}[ .:=-]{0,3}"
    rf"(?P<number>\(?\d{_digits(6, 11)}){NUMBER_ENDS}",
    re.IGNORECASE,
)
# Digits in groups that are something else.
ELSE = re.compile(
    r"(?<!\w)(?<!\d[./-])(?:"
    rf"{UUID}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:?\d\d(?::?\d\d)?)?"
    r"|\d\d?[./-]\d\d?[./-](?:\d{4}|\d\d)(?![./-]\d)(?:,? \d\d?[:.h]\d\d)?"
    r"|\d\d?:\d\d(?::\d\d)?"
    r"|\d{1,3}[.,]\d{5,17}"
    r"|97[89](?:[ -]?\d){10}"  # ISBN
    r"|\d{4}(?:[ -]\d{4}){3,8}+(?:[ -]\d{1,4})?|\d{4}[ -]\d{6}[ -]\d{5}"  # like cards
    r"|[A-Z]{2}\d\d[ -]?[0-9A-Z]{4}(?:[ -]?\d{4}){2,6}+(?:[ -]?\d{1,3})?"  # like IBANs
    r")(?!\w)"
)
NUMBERED = re.compile(
    r"(?:(?<!\w)(?:order|invoice|ref|reference|ticket|case|tracking|parcel|account|customer|policy|serial"
    r"|article|item|sku|isbn|ean|upc|imei|id|batch|booking|confirmation|contract|code|pin|po|rma"
    r"|timestamp|bestell|rechnung|auftrag|kunden|vertrag|sendung|artikel|commande|facture|colis"
    r"|client|pedido|factura|cliente|envío|ordine|fattura|spedizione|bestelling|factuur|zending"
    r"|klant|suivi|seguimiento)[\w-]{0,10}"
    r"(?:[ .:#°-]{1,3}(?:number|no|nr|num|nummer|id|code|is|ist|est|es|è|de|número|numero|numéro|n)"
    r"){0,3}[ .:#°=-]{0,3}|[#$€£₹§№] ?)$",
    re.IGNORECASE,
)
MEASURED = re.compile(
    r" ?(?:[€$£₹%°]|(?:eur|euros?|usd|dollars?|gbp|rs|inr|kg|g|km|m|mm|cm|[mgt]b|kb|bytes?|pcs"
    r"|pieces|units|stück|items?|records|rows|users|views|habitantes|habitants)\b)",
    re.IGNORECASE,
)


def phones(shadow: str) -> Iterator[Span]:
    if not PHONELIKE.search(shadow):
        return
    shadow = ELSE.sub(cover, shadow)
    called = [match.span("number") for match in CALLED.finditer(shadow)]
    yield from called
    yield from accepted(PHONE, covered(shadow, called), _phone_end)


def _phone_end(match: re.Match[str]) -> int:
    if match["abroad"] and "+" in match["abroad"]:
        return match.end()
    other = NUMBERED.search(before(match)) or MEASURED.match(match.string, match.end())
    return 0 if other else match.end()
