"""What the training rows say of themselves: labels that look wrong, habits, the learning curve.

It takes fits of its own, so of very many rows some conversations are looked at.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from ml.calibrating import probabilities, temperature_of
from ml.evidence import Doubt
from ml.examples import Examples, TooLittle
from ml.forecasting import Forecast, forecast
from ml.noise import USUAL, Suspects, doubted, out_of_fold
from ml.pairing import OUT_OF_SCOPE
from ml.relearning import learned_from_fewer
from ml.searching import Setting
from ml.shares import Habit, habits
from training.asking import Asked
from training.models import DatasetVersion
from training.surveying import Survey, survey

MOST_ROWS = 12_000  # training rows that are looked at
MOST_TEST_ROWS = 5_000  # of a learning curve


@dataclass(frozen=True)
class Doubts:
    """What was found. `suspects` counts rows of `rows`, which has an intent in each."""

    rows: Survey
    suspects: Suspects | None
    doubt: Doubt | None
    habits: tuple[Habit, ...]
    curve: Forecast | None


def doubts(asked: Asked, dataset: DatasetVersion, test: Survey) -> Doubts:
    """Look at what `asked` learned from. Nothing is found where too little was learned from."""
    rows = survey(dataset, side="train", share=MOST_ROWS / max(dataset.train_count, 1))
    examples, inside = _examples(asked, rows)
    none = Doubts(rows, None, None, (), None)
    try:
        classes, held = out_of_fold(examples, USUAL, random_state=asked.version.run.seed)
    except TooLittle:
        return none
    proba = probabilities(held.logits, temperature_of(held.logits, held.codes))
    suspects = doubted(proba, held.codes, classes, rows=held.rows)
    who = np.array([str(rows.annotators[row]) for row in inside[held.rows].tolist()], np.str_)
    found = habits(who, classes[held.codes], classes[proba.argmax(axis=1)])
    return Doubts(
        rows,
        replace(suspects, rows=inside[suspects.rows]),
        Doubt(len(held.rows), suspects.plain),
        _named(found),
        _curve(asked, examples, test),
    )


def _examples(asked: Asked, rows: Survey) -> tuple[Examples, NDArray[np.intp]]:
    """Those that have an intent, and which rows they are."""
    truth = rows.truth
    inside = np.flatnonzero(truth != OUT_OF_SCOPE)
    return _at(asked, rows, inside), inside


def _at(asked: Asked, rows: Survey, at: NDArray[np.intp]) -> Examples:
    texts = [rows.texts[row] for row in at.tolist()]
    ids = [rows.text_ids[row] for row in at.tolist()]
    return Examples(texts, asked.vectors(ids, texts), rows.truth[at], rows.groups[at])


def _named(found: tuple[Habit, ...]) -> tuple[Habit, ...]:
    people = dict(
        User.objects.filter(pk__in=[int(one.name) for one in found]).values_list("pk", "username")
    )
    return tuple(replace(one, name=people[int(one.name)]) for one in found)


def _curve(asked: Asked, examples: Examples, test: Survey) -> Forecast | None:
    """How accuracy on the test grew with labels, of vectors alone; None without test rows."""
    inside = np.flatnonzero(test.truth != OUT_OF_SCOPE)[:: max(1, len(test) // MOST_TEST_ROWS)]
    if not len(inside):
        return None
    seed = asked.version.run.seed
    strength = asked.intents.settings_.get("vectors", USUAL.C)
    points = learned_from_fewer(
        examples,
        _at(asked, test, inside),
        setting=Setting("vectors", strength),
        random_state=seed,
    )
    if not points:
        return None
    return forecast(
        [one.labels for one in points],
        [one.accuracy for one in points],
        [one.rows for one in points],
        random_state=seed,
    )
