"""Internet addresses."""

import re
from collections.abc import Iterable
from socket import AF_INET6, inet_pton

from ingest.redacting.shadow import END, START, TELLTALE, Span, accepted, before

IPV6 = re.compile(
    rf"{START}(?<!:)[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f:]{{0,36}}+"
    rf"(?:(?:\.\d{{1,3}}){{3}})?(?:%\w{{1,16}})?{END}"
)
# Times, ratios and `std::` have colons too. An address says something longer somewhere.
LONG_GROUP = re.compile(r"[0-9A-Fa-f]{3}")
OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
IPV4 = re.compile(
    rf"{START}(?<!\d\.)(?!0)(?:{OCTET}\.){{3}}{OCTET}{END}(?!\.\d)(?!-[A-Za-z])", re.ASCII
)
VERSIONED = re.compile(
    r"(?<!\w)(?:versions?|versión|versione|versie|ver|v|release|rel|build|firmware|fw|software|update|patch"
    r"|revision|rev|driver|sdk|bios|plugin|chapter|section|sec|clause|paragraph|kapitel|abschnitt"
    r"|ziffer|chapitre|paragraphe|apartado|sección|capitolo|paragrafo|paragraaf|hoofdstuk|oid|§)"
    r"[ .:#=]{0,3}$",
    re.IGNORECASE,
)


def ipv6(shadow: str) -> Iterable[Span]:
    return accepted(IPV6, shadow, _ipv6_end) if shadow.count(":") >= 2 else ()


def _ipv6_end(match: re.Match[str]) -> int:
    address, _, zone = match[0].partition("%")
    # The colon of a sentence: "from 2001:db8::1: no answer".
    colon = not zone and address[-1:] == ":" and address[-2:] != "::"
    address = address[:-1] if colon else address
    if not (LONG_GROUP.search(address) and TELLTALE.search(address)):
        return 0
    try:
        inet_pton(AF_INET6, address)
    except OSError:
        return 0
    return match.end() - colon


def ipv4(shadow: str) -> Iterable[Span]:
    return accepted(IPV4, shadow, _ipv4_end) if shadow.count(".") >= 3 else ()


def _ipv4_end(match: re.Match[str]) -> int:
    return 0 if VERSIONED.search(before(match)) else match.end()
