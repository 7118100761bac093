"""Cases that people keep because a version once failed them, or must never fail them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["exact", "invariance", "direction"]
Why = Literal["", "other answer", "not the same", "wrong way", "unknown intent"]


@dataclass(frozen=True)
class GoldenCheck:
    """What one case asks of answers.

    key : str
        Whatever the caller knows it by.
    kind : {"exact", "invariance", "direction"}
        exact: every text is answered with `intent`. invariance: every text is answered like the
        first. direction: the probability of `intent` moves from the first text to each other.
    texts : tuple of int
        Rows of the arrays of answers; the original first.
    intent : str, default=""
        OUT_OF_SCOPE is an answer too. Not used by invariance.
    rises : bool, default=True
        Which way it moves.
    least : float, default=0.0
        By how much, at the least, in [0, 1]; it must always move.
    must_pass : bool, default=False
        Whether it blocks.

    References
    ----------
    Ribeiro, Wu, Guestrin, Singh (2020), Beyond accuracy: behavioral testing of NLP models with
    CheckList, for the three kinds.
    """

    key: str
    kind: Kind
    texts: tuple[int, ...]
    intent: str = ""
    rises: bool = True
    least: float = 0.0
    must_pass: bool = False

    def __post_init__(self) -> None:
        if len(self.texts) < (1 if self.kind == "exact" else 2):
            raise ValueError(f"A case of {self.kind} needs another text.")


@dataclass(frozen=True)
class GoldenResult:
    """What a version made of one case.

    key, kind, must_pass : as in the case
    passed : bool
    why : {"", "other answer", "not the same", "wrong way", "unknown intent"}
    text : int or None
        The row that failed first.
    said : str
        What it was answered with.
    moved : float
        By how much the probability moved there, in [-1, 1]; nan but for direction.
    """

    key: str
    kind: Kind
    must_pass: bool
    passed: bool
    why: Why
    text: int | None
    said: str
    moved: float


def check_golden(
    cases: Sequence[GoldenCheck],
    answers: NDArray[np.str_],
    proba: NDArray[np.floating],
    classes: NDArray[np.str_],
) -> tuple[GoldenResult, ...]:
    """Say of each case whether it passed, in the order of `cases`.

    Parameters
    ----------
    cases : sequence of GoldenCheck
    answers : ndarray of shape (n_texts,) of str
    proba : ndarray of shape (n_texts, n_classes)
    classes : ndarray of shape (n_classes,) of str
    """
    place = {str(name): at for at, name in enumerate(classes)}
    return tuple(_checked(case, answers, proba, place) for case in cases)


def _checked(
    case: GoldenCheck,
    answers: NDArray[np.str_],
    proba: NDArray[np.floating],
    place: dict[str, int],
) -> GoldenResult:
    if case.kind == "direction":
        return _direction(case, answers, proba, place)
    exact = case.kind == "exact"
    wanted = case.intent if exact else str(answers[case.texts[0]])
    for text in case.texts:
        if answers[text] != wanted:
            why: Why = "other answer" if exact else "not the same"
            if exact and case.intent and case.intent not in place:
                why = "unknown intent"
            return _failed(case, why, text, answers)
    return _passed(case, answers)


def _direction(
    case: GoldenCheck,
    answers: NDArray[np.str_],
    proba: NDArray[np.floating],
    place: dict[str, int],
) -> GoldenResult:
    if case.intent not in place:
        return _failed(case, "unknown intent", case.texts[0], answers)
    column = np.asarray(proba[:, place[case.intent]], np.float64)
    moved = float("nan")
    for text in case.texts[1:]:
        moved = float(column[text] - column[case.texts[0]])
        by = moved if case.rises else -moved
        if by <= 0 or by < case.least:
            return _failed(case, "wrong way", text, answers, moved)
    return _passed(case, answers, moved)


def _failed(
    case: GoldenCheck,
    why: Why,
    text: int,
    answers: NDArray[np.str_],
    moved: float = float("nan"),
) -> GoldenResult:
    said = str(answers[text])
    return GoldenResult(case.key, case.kind, case.must_pass, False, why, text, said, moved)


def _passed(
    case: GoldenCheck, answers: NDArray[np.str_], moved: float = float("nan")
) -> GoldenResult:
    said = str(answers[case.texts[-1]])
    return GoldenResult(case.key, case.kind, case.must_pass, True, "", None, said, moved)
