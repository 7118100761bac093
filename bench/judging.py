"""What the report's statistics are worth: how often they are wrong, what they find, what they cost.

    ./loop bench judging [--texts FILE] [--runs 40] [--candidates 200] [--only NAME,…]

FILE is a gzipped file of JSON lines with `text`, `intent` and `split` (BANKING77); without it what
needs real texts is left out. Names: cost, equals, coverage, power, forecast, noise, audit.
"""

import argparse
import gzip
import json
import os
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

CRITICAL = 5
NAMES = ("cost", "equals", "coverage", "power", "forecast", "noise", "audit")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--only", default=",".join(NAMES))
    options = parser.parse_args()
    # Must be set before numpy counts the cores.
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.judging", *sys.argv[1:]])
    # 200 labels of 77 intents look like numbers to scikit-learn.
    warnings.filterwarnings("ignore", message="The number of unique classes")
    wanted = options.only.split(",")
    for name, measure in (
        ("cost", measure_cost),
        ("equals", lambda: measure_equals(options.candidates)),
        ("coverage", lambda: measure_coverage(options.candidates)),
        ("power", lambda: measure_power(options.candidates)),
        ("forecast", lambda: measure_forecast(options.candidates)),
    ):
        if name in wanted:
            measure()
    if options.texts and {"noise", "audit"} & set(wanted):
        bank = Bank(options.texts)
        if "noise" in wanted:
            measure_noise(bank)
        if "audit" in wanted:
            measure_audit(bank, runs=options.runs)


def judged(paired, *, critical=(), draws=1000):
    """Judge on test rows as the report does, three slices included."""
    from ml.comparing import compare_accuracy
    from ml.evidence import Evidence
    from ml.gate import decide
    from ml.per_intent import compare_intents
    from ml.resampling import compare_macro_f1
    from ml.slicing import compare_slices

    place = np.arange(len(paired))
    slices = {
        "channel": np.array(["web", "phone", "app"])[place % 3],
        "language": np.array(["en", "pt"])[(place % 7) // 4],
        "returning": np.array(["yes", "no"])[place % 2],
    }
    return decide(
        Evidence(
            accuracy=compare_accuracy(paired),
            macro_f1=compare_macro_f1(paired, random_state=0, draws=draws),
            intents=compare_intents(paired, critical=critical),
            slices=compare_slices(paired, slices),
        )
    )


# ── made-up answers ───────────────────────────────────────────────────────────────────


def measure_cost(rows=50_000, intents=200):
    from tests.ml.pairs import equals

    print(f"cost, {rows:,} rows, {intents} intents, CPU s on one thread")
    chance = np.random.default_rng(0)
    for conversations in (15_000, rows):
        paired = equals(chance, rows=rows, intents=intents, conversations=conversations)
        for what, work in steps_of(paired, chance.random(rows)).items():
            began, cpu = time.perf_counter(), time.process_time()
            work()
            cpu, waited = time.process_time() - cpu, time.perf_counter() - began
            print(f"  {conversations:6,} conversations  {what:26} {cpu:6.2f}, waited {waited:.2f}")
    print()


def steps_of(paired, confidence):
    from ml.confusing import most_confused
    from ml.reliability import automation, reliability
    from ml.resampling import compare_macro_f1
    from tests.ml.pairs import names_of

    right = paired.candidate_right
    return {
        "macro-F1, 1,000 draws": lambda: compare_macro_f1(paired, random_state=0),
        "gate, macro-F1 included": lambda: judged(paired, critical=names_of(CRITICAL).tolist()),
        "confusion": lambda: most_confused(paired),
        "calibration, coverage": lambda: [
            judge(confidence, right) for judge in (reliability, automation)
        ],
    }


def measure_equals(candidates, *, rows=2500):
    from tests.ml.pairs import equals, names_of

    print(f"equal versions, 40 intents, {CRITICAL} critical, {candidates} candidates each")
    print(f"  {'rows':>6} {'conversations':>13}  worse  inconclusive  not worse  better")
    for n, conversations in ((300, None), (rows, None), (rows, 800), (10_000, 3000)):
        chance = np.random.default_rng(0)
        said = [
            judged(
                equals(chance, rows=n, conversations=conversations),
                critical=names_of(CRITICAL).tolist(),
            ).outcome
            for _ in range(candidates)
        ]
        shares = [said.count(one) / candidates for one in OUTCOMES]
        each = "  ".join(f"{share:9.1%}" for share in shares)
        print(f"  {n:6,} {conversations or n:13,}  {each}")
    print()


OUTCOMES = ("worse", "inconclusive", "not worse", "better")


def measure_coverage(runs):
    from ml.comparing import compare_accuracy
    from ml.evaluating import macro_f1
    from ml.resampling import compare_macro_f1
    from tests.ml.pairs import conversing

    chance = np.random.default_rng(0)
    many = conversing(chance, conversations=200_000)
    f1 = macro_f1(many.truth, many.candidate) - macro_f1(many.truth, many.live)
    held = {"macro-F1, conversations": 0, "macro-F1, rows": 0, "accuracy, conversations": 0}
    held["accuracy, rows"] = 0
    for run in range(runs):
        by_conversation = conversing(chance, conversations=150)
        by_row = replace(by_conversation, conversations=np.arange(len(by_conversation)))
        for name, paired in (("conversations", by_conversation), ("rows", by_row)):
            of = compare_macro_f1(paired, random_state=run)
            held[f"macro-F1, {name}"] += of.lower <= f1 <= of.upper
            of = compare_accuracy(paired)
            held[f"accuracy, {name}"] += of.lower <= many.difference.mean() <= of.upper
    print(f"90 % intervals of the difference, 150 conversations of 6 turns, {runs} runs, covered")
    for name, times in held.items():
        print(f"  by {name:26} {times / runs:6.1%}")
    print()


def measure_power(candidates, *, rows=2500):
    """Harm one critical intent by some share of its recall."""
    from ml.pairing import Paired
    from tests.ml.pairs import equals, names_of

    names = names_of(40)
    print(
        f"one of {CRITICAL} critical intents harmed, {rows:,} rows, 40 intents: named and blocked"
    )
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        chance, named = np.random.default_rng(0), 0
        for _ in range(candidates):
            paired = equals(chance, rows=rows)
            answers = paired.candidate.copy()
            hit = (paired.truth == names[0]) & (chance.random(rows) < share)
            answers[hit] = chance.choice(names[5:], hit.sum())
            verdict = judged(
                Paired(paired.truth, paired.live, answers, paired.conversations),
                critical=names[:CRITICAL].tolist(),
                draws=100,
            )
            named += any(block.row == f"intent: {names[0]}" for block in verdict.blocks)
        print(f"  {share:4.0%} of its turns lost  {named / candidates:6.1%}")
    print()


def measure_forecast(runs):
    from ml.forecasting import forecast

    labels, held, refused, widths = np.array([400, 700, 1000, 1500, 2000, 3000]), 0, 0, []
    for run in range(runs):
        chance = np.random.default_rng(run)
        accuracy = chance.binomial(3000, 0.98 - 6.0 * labels**-0.55) / 3000
        truth = (6.0 / (6.0 * 3000**-0.55 - 0.01)) ** (1 / 0.55)
        found = forecast(labels, accuracy, 3000, random_state=0)
        refused += bool(found.refused)
        if not found.refused:
            held += found.lower <= truth <= found.upper
            widths.append((found.lower, found.labels, found.upper))
    low, middle, high = np.median(widths, axis=0)
    print(f"forecast of the next point at 3,000 labels, truth {truth:,.0f}, {runs} runs")
    print(
        f"  {middle:,.0f} ({low:,.0f} to {high:,.0f}), covered {held / (runs - refused):.1%}, "
        f"refused {refused}\n"
    )


# ── real texts ────────────────────────────────────────────────────────────────────────


class Bank:
    """Texts with intents, encoded once."""

    def __init__(self, file):
        from ml.encoders import encoder
        from ml.examples import Examples

        with gzip.open(file, "rt") as lines:
            rows = [json.loads(line) for line in lines]
        texts = [row["text"] for row in rows]
        began = time.process_time()
        vectors = encoder("use").encode(texts)
        print(f"{len(texts):,} texts encoded in {time.process_time() - began:.0f} CPU s\n")
        self.encoder = encoder("use").version
        self.learning = np.array([row["split"] == "train" for row in rows])
        self.all = Examples(
            texts,
            vectors.astype(np.float16),
            np.array([row["intent"] for row in rows]),
            np.arange(len(rows)),
        )

    def train(self):
        return self.all.at(np.flatnonzero(self.learning))


def measure_noise(bank, *, seeds=3, share=0.05):
    from ml.noise import suspects_of

    examples = bank.train()
    names = np.unique(examples.intents)
    print(f"{share:.0%} of {len(examples):,} labels made wrong, found in as many of the list")
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        wrong = chance.choice(len(examples), round(share * len(examples)), replace=False)
        place = np.searchsorted(names, examples.intents)
        place[wrong] = (place[wrong] + chance.integers(1, len(names), len(wrong))) % len(names)
        began = time.process_time()
        found = suspects_of(replace(examples, intents=names[place]), random_state=seed)
        took = time.process_time() - began
        first = found.rows[: round(share * len(examples))]
        print(
            f"  seed {seed}: {np.isin(wrong, first).mean():.1%} found; "
            f"{found.plain / len(examples):.1%} of all look plainly wrong; {took:.0f} CPU s"
        )
    found = suspects_of(examples, random_state=0)
    print(f"  without any planted {found.plain / len(examples):.1%} do\n")


def measure_audit(bank, *, runs, labels=400):
    """Score versions on what active learning asked for, and on a random audit."""
    from ml.sampling import draw_next

    off = {"asked for": [], "audit": []}
    of_difference = {"asked for": [], "audit": []}
    rows = bank.train()
    began = time.process_time()
    for run in range(runs):
        chance = np.random.default_rng(run)
        order = chance.permutation(len(rows))
        known, pool = rows.at(order[:labels]), rows.at(order[labels:])
        live = fitted(known.at(np.arange(labels // 2)), bank, run)
        candidate = fitted(known, bank, run)
        before, now = (
            one.predict(pool.texts, pool.vectors) == pool.intents for one in (live, candidate)
        )
        drawn = {
            "asked for": draw_next(candidate, pool.vectors, n=labels, random_state=run).rows,
            "audit": chance.choice(len(pool), labels, replace=False),
        }
        for name, asked in drawn.items():
            off[name].append(now[asked].mean() - now.mean())
            gained = now[asked].mean() - before[asked].mean()
            of_difference[name].append(gained - (now.mean() - before.mean()))
    took = time.process_time() - began
    print(f"a version of {labels} labels, scored on {labels} others, {runs} runs: points off")
    print(f"  {'':10} {'accuracy':>15} {'against one of half as many':>30}")
    for name in off:
        parts = (off[name], of_difference[name])
        each = [f"{100 * np.mean(p):+6.1f} ± {100 * np.std(p) / runs**0.5:.1f}" for p in parts]
        print(f"  {name:10} {each[0]:>15} {each[1]:>30}")
    print(f"  {took:.0f} CPU s\n")


def fitted(examples, bank, seed):
    from ml.pipelines import fit_intents

    return fit_intents(
        examples,
        budget=60.0,
        elapsed=lambda: 0.0,
        random_state=seed,
        encoder_version=bank.encoder,
        candidates=["vectors"],
    )


if __name__ == "__main__":
    main()
