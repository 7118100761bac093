"""A report's content as text: the same content has the same bytes, and so the same hash."""

import json
from hashlib import sha256
from typing import Any

from ml.plain import plain

DIGITS = 9  # of a figure that are kept: more of them differ from machine to machine


def canonical(found: Any) -> str:
    """Write what `ml.plain` takes as JSON with sorted keys and no spaces."""
    return json.dumps(
        _rounded(plain(found)),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    # + 0.0: of zero there is only one.
    return float(f"{value:.{DIGITS}g}") + 0.0 if isinstance(value, float) else value
