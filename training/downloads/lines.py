"""JSON Lines: an object a line, many lines a piece."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

AT_ONCE = 500


def lines(objects: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    rest = iter(objects)
    while some := list(islice(rest, AT_ONCE)):
        yield "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in some).encode()
