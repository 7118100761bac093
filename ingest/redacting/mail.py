"""E-mail addresses."""

import re
from collections.abc import Iterator

from ingest.redacting.shadow import COVER, END, Span

# From the @ on, so that a million letters without one cost nothing.
DOMAIN = re.compile(
    r"@(?!\d+x\.)"  # icon@2x.png
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})"
    rf"(?![\w@{COVER}])"
)
LONGEST_LOCAL = 64
# Read from the @ backwards. It begins with a letter or digit, unless it is quoted.
LOCAL = re.compile(rf'(?:"[^"\n{COVER}]{{1,62}}"|[\w.+\'~-]{{0,63}}\w){END}')


def emails(shadow: str) -> Iterator[Span]:
    before = 0
    for domain in DOMAIN.finditer(shadow):
        at = domain.start()
        local = LOCAL.match(shadow[max(before, at - LONGEST_LOCAL - 1) : at][::-1])
        if local:
            yield at - local.end(), domain.end()
            before = domain.end()
