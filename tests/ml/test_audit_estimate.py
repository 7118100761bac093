"""What may be measured on what: the audit is unbiased, and what learning asked for is not.

`./loop bench judging` shows the same on BANKING77.
"""

import numpy as np

from ml.evaluating import accuracy
from ml.sampling import draw_next
from tests.ml.bots import bot, fit

INTENTS = ("card", "rome", "money", "pizza")
RUNS, LABELS = 3, 80


def test_a_random_audit_says_how_accurate_it_is_and_what_learning_asked_for_does_not():
    asked_off, audit_off = [], []
    for seed in range(RUNS):
        rows = bot(2400, intents=INTENTS, blur=3.2, seed=seed)
        order = np.random.default_rng(seed).permutation(len(rows))
        known, pool = rows.at(order[:LABELS]), rows.at(order[LABELS:])
        fitted = fit(known, candidates=["vectors"], random_state=seed)
        right = fitted.predict(pool.texts, pool.vectors) == pool.intents

        asked = draw_next(fitted, pool.vectors, n=LABELS, random_state=seed).rows
        audit = np.random.default_rng(100 + seed).choice(len(pool), LABELS, replace=False)
        true = accuracy(right, np.ones(len(pool), bool))
        asked_off.append(right[asked].mean() - true)
        audit_off.append(right[audit].mean() - true)

    assert np.mean(asked_off) < -0.15
    # Within two and a half standard errors of none.
    assert abs(np.mean(audit_off)) < 2.5 * np.sqrt(0.8 * 0.2 / LABELS / RUNS)
