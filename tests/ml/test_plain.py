"""What was found out, as JSON can hold it."""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from ml.plain import plain


@dataclass(frozen=True)
class Inner:
    figure: float


@dataclass(frozen=True)
class Outer:
    name: str
    inner: tuple[Inner, ...]
    rows: np.ndarray


def test_all_of_it_is_kept():
    value = Outer("a", (Inner(0.5), Inner(float("nan"))), np.arange(3))

    assert plain(value) == {
        **{"name": "a", "inner": [{"figure": 0.5}, {"figure": None}], "rows": [0, 1, 2]}
    }


def test_json_takes_it():
    value = {"a": np.float32(0.5), "b": np.array([np.nan, 1]), "c": np.bool_(True), 1: np.inf}

    kept = json.loads(json.dumps(plain(value), allow_nan=False))

    assert kept == {"a": 0.5, "b": [None, 1], "c": True, "1": None}


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(TypeError, match="date"):
        plain({"when": date(2026, 1, 1)})
