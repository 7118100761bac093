"""What was found out, as JSON can hold it."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return dicts, lists, strings, numbers, truth values and None that say the same.

    Parameters
    ----------
    value : dataclass, mapping, tuple, list, ndarray, NumPy or Python scalar
        And whatever of these is in it. Properties are left out: only fields are kept.

    Returns
    -------
    plain : dict, list, str, int, float, bool or None
        A figure that does not exist (nan, or infinite) is None: neither JSON nor PostgreSQL's
        jsonb has a word for it.

    Raises
    ------
    TypeError
        Of anything else, so that nothing is stored as a string by accident.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    return _scalar(value)


def _scalar(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"JSON cannot hold a {type(value).__name__}.")
