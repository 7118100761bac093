"""Which settings fit these examples best, found on few rows first and on more for what is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.calibrating import log_loss, temperature_of
from ml.continuing import FROM_CLASSES, FROM_ROWS, continued
from ml.evaluating import accuracy, macro_f1
from ml.examples import Examples, about, coded, drawn_by_key, evened, folds_of
from ml.heads import WORD_ROWS, WORD_SAMPLE, Head, VectorHead, fit_vector_head, fit_word_head

# Parts that are held out in turn. With few rows the more parts the better: a head fitted on four
# fifths is less sure than one fitted on all, and the temperature would come out too low.
FEW_ROWS, FOLDS_OF_FEW, FOLDS, FOLDS_OF_A_ROUND = 2000, 10, 5, 3
# From here on one part is held out instead of each in turn: it is large enough to tell, and
# fitting is what takes the time.
HOLD_ONE_FROM = 10_000
HELD_OUT = 5000  # rows at most
# Rows of each round. Half of the settings stay for the next.
ROUNDS = (1000, 4000)
GRIDS = {"vectors": (20.0, 100.0, 5.0), "words": (0.5, 2.0)}


@dataclass(frozen=True)
class Setting:
    """One thing to try. kind: vectors or words. C: how far the weights may grow."""

    kind: str
    C: float

    def __str__(self) -> str:
        return f"{self.kind}, C {self.C:g}"


@dataclass(frozen=True)
class CandidateScore:
    """How one candidate did on rows that it was not fitted on.

    name : what it is, such as "vectors, C 20"
    rows : how many rows it answered
    accuracy, macro_f1 : in [0, 1]
    log_loss : mean of −ln p of the right intent, at its best temperature; smaller is better
    chosen : whether it is what the model version is made of
    """

    name: str
    rows: int
    accuracy: float
    macro_f1: float
    log_loss: float
    chosen: bool = False


@dataclass(frozen=True)
class HeldOut:
    """Logits of rows that were not fitted on.

    rows : ndarray of shape (n_held_out,), ascending row numbers of the examples
    codes : ndarray of shape (n_held_out,), the right class numbers
    logits : ndarray of shape (n_held_out, n_classes)
    """

    rows: NDArray[np.intp]
    codes: NDArray[np.intp]
    logits: NDArray[np.float32]


# Rows to fit on and rows to answer.
Split = tuple[NDArray[np.intp], NDArray[np.intp]]


def laid_out(examples: Examples) -> Examples:
    """Return all rows in single precision; of many, those that are held out for ever come last.

    What is fitted on is then a part of one array, which nobody copies: making an array of single
    precision for each fit took longer than the solver, where that began nearly at the end.
    """
    return examples.in_single_precision(np.argsort(_held_for_ever(examples), kind="stable"))


def _held_for_ever(examples: Examples) -> NDArray[np.bool_]:
    """Say which rows are never fitted on by what is to be measured; of few rows none are."""
    if len(examples) < HOLD_ONE_FROM:
        return np.zeros(len(examples), np.bool_)
    return drawn_by_key(examples.groups) < 1 / max(10, len(examples) / HELD_OUT)


def splits_of(examples: Examples, *, folds: int, random_state: int) -> list[Split]:
    """Part the conversations: each part is answered once, or with many rows one part alone.

    Which part that is goes by the keys of conversations, and its share only shrinks: what is held
    out of many rows was held out of fewer, too.
    """
    _, codes = coded(examples.intents)
    if len(examples) >= HOLD_ONE_FROM:
        part, asked = np.where(_held_for_ever(examples), 0, 1), range(1)
    else:
        part = folds_of(codes, examples.groups, n=folds, random_state=random_state)
        asked = range(folds)
    both = ((np.flatnonzero(part != n), np.flatnonzero(part == n)) for n in asked)
    return [(fit, ask) for fit, ask in both if len(ask) and len(np.unique(codes[fit])) > 1]


def fit_head(
    examples: Examples, setting: Setting, *, random_state: int, start: VectorHead | None = None
) -> Head:
    """Fit what `setting` names. Its classes are those of `examples`, in order."""
    classes, codes = coded(examples.intents)
    weights = evened(codes, examples.weights)
    if setting.kind == "vectors":
        if start and len(examples) >= FROM_ROWS and len(classes) >= FROM_CLASSES:
            return continued(
                examples.vectors, codes, C=setting.C, weights=weights, start=start,
                random_state=random_state,
            )  # fmt: skip
        return fit_vector_head(
            examples.vectors, codes, n_classes=len(classes), C=setting.C, weights=weights,
            start=start,
        )  # fmt: skip
    if len(examples) > WORD_ROWS:
        rows = about(codes, examples.groups, rows=WORD_SAMPLE, random_state=random_state)
        rows = np.union1d(rows, np.unique(codes, return_index=True)[1])  # no class is left out
        examples, codes, weights = examples.at(rows), codes[rows], weights[rows]
    return fit_word_head(
        examples.texts, codes, n_classes=len(classes), C=setting.C, weights=weights,
        random_state=random_state,
    )  # fmt: skip


def logits_of(head: Head, examples: Examples) -> NDArray[np.float32]:
    """Return an array of shape (n_rows, n_classes)."""
    if isinstance(head, VectorHead):
        return head.logits(examples.vectors)
    return head.logits(examples.texts)


def held_out(
    examples: Examples,
    setting: Setting,
    splits: Sequence[Split],
    *,
    random_state: int,
    start: VectorHead | None = None,
) -> tuple[HeldOut, Head | None]:
    """Answer each split's rows by a head that was fitted on its others.

    Rows whose class is nowhere else are left out: nobody could have learned it.

    Returns
    -------
    held_out : HeldOut
    head : Head or None
        The last that was fitted, if it knows all classes: a start for one on all rows.
    """
    classes, codes = coded(examples.intents)
    asked, answers, head = [], [], None
    for fit, ask in splits:
        known = np.unique(codes[fit])
        ask = ask[np.isin(codes[ask], known)]
        own_start = start if len(known) == len(classes) else None
        head = fit_head(examples.at(fit), setting, random_state=random_state, start=own_start)
        logits = logits_of(head, examples.at(ask))
        lowest = logits.min(axis=1, keepdims=True) if len(ask) else np.zeros((0, 1), np.float32)
        answers.append(np.repeat(lowest, len(classes), axis=1))
        answers[-1][:, known] = logits
        asked.append(ask)
        head = head if len(known) == len(classes) else None
    if not asked:
        return _nothing_held_out(len(classes)), None
    rows = np.concatenate(asked)
    order = np.argsort(rows, kind="stable")
    return HeldOut(rows[order], codes[rows[order]], np.concatenate(answers)[order]), head


def _nothing_held_out(n_classes: int) -> HeldOut:
    none = np.empty(0, np.intp)
    return HeldOut(none, none, np.empty((0, n_classes), np.float32))


def scored(name: str, logits: NDArray[np.float32], codes: NDArray[np.intp]) -> CandidateScore:
    """Say how good answers are, at the temperature that suits them."""
    if not len(codes):
        nan = float("nan")
        return CandidateScore(name, 0, nan, nan, nan)
    answers = logits.argmax(axis=1)
    return CandidateScore(
        name,
        len(codes),
        accuracy(codes, answers),
        macro_f1(codes, answers),
        log_loss(logits, codes, temperature_of(logits, codes)),
    )


def grid_of(kind: str, n_rows: int) -> list[Setting]:
    """Return what to try, the likeliest to be best first: it is what a hurried search takes."""
    settings = [Setting(kind, C) for C in GRIDS[kind]]
    if kind == "vectors" and n_rows < FEW_ROWS:
        settings.sort(key=lambda setting: -setting.C)
    return settings


def folds_for(n_rows: int) -> int:
    return FOLDS_OF_FEW if n_rows < FEW_ROWS else FOLDS


def search(
    examples: Examples,
    kinds: Sequence[str],
    *,
    in_time: Callable[[], bool],
    random_state: int,
    tried: Callable[[CandidateScore], None],
) -> dict[str, Setting]:
    """Find the best setting of each kind by successive halving.

    Parameters
    ----------
    examples : Examples
    kinds : sequence of str
        Of "vectors" and "words".
    in_time : callable
        Asked before each fit but the first of a kind. Once it says no, the best so far is taken.
    random_state : int
    tried : callable
        Told of each score.

    Returns
    -------
    settings : dict
        One of each kind.
    """
    _, codes = coded(examples.intents)
    left = {kind: grid_of(kind, len(examples)) for kind in kinds}
    for size in ROUNDS:
        rows = about(codes, examples.groups, rows=size, random_state=random_state)
        few = examples.at(rows)
        if len(np.unique(few.intents)) < 2:
            continue
        folds = splits_of(few, folds=FOLDS_OF_A_ROUND, random_state=random_state)
        if len(examples) >= HOLD_ONE_FROM:
            folds = folds[:1]
        for kind in kinds:
            left[kind] = _best_half(
                few, left[kind], folds, in_time=in_time, random_state=random_state, tried=tried
            )
        if len(rows) == len(examples):
            break
    return {kind: settings[0] for kind, settings in left.items()}


def _best_half(
    examples: Examples,
    settings: list[Setting],
    splits: Sequence[Split],
    *,
    in_time: Callable[[], bool],
    random_state: int,
    tried: Callable[[CandidateScore], None],
) -> list[Setting]:
    """Return the better half of the settings, the best first, those not tried in time left out."""
    if len(settings) == 1:
        return settings
    results: list[tuple[float, int]] = []
    for place, setting in enumerate(settings):
        if results and not in_time():
            break
        answers, _ = held_out(examples, setting, splits, random_state=random_state)
        score = scored(f"{setting}", answers.logits, answers.codes)
        tried(score)
        results.append((np.nan_to_num(score.log_loss, nan=np.inf), place))
    best = sorted(results)[: (len(results) + 1) // 2]
    return [settings[place] for _, place in best]
