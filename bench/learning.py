"""How well and how fast what is in ml/ learns, beside its targets.

    ./loop bench learning FOLDER [--only NAME …] [--seeds 3] [--cache FOLDER]

FOLDER holds banking77.jsonl.gz, clinc150.jsonl.gz and snips.jsonl.gz: one JSON object a line with
`text`, `intent`, `split` and perhaps `entities`. Vectors are made once and kept in the cache
folder, so that minilm can be measured where its extra is not installed.

Names: full, calibration, scope, entities, pool, warm, labels (minutes a seed), labels-minilm.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from functools import cached_property, partial
from pathlib import Path

import numpy as np

BATCH = 50
COLD = 100  # labels of the cold start
MOST = 6000  # labels, after which random drawing is given up
SPREAD = 0.6  # how far a perturbed vector lies from the one it was made of


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Raw)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), default=list(MEASURES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "learnloop-vectors"
    )
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # must be set before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.learning", *sys.argv[1:]])
    options.cache.mkdir(parents=True, exist_ok=True)
    print(f"{'':44} {'target':>10} {'median':>9} {'spread':>19}  verdict")
    for name in options.only:
        MEASURES[name](options)


Raw = argparse.RawDescriptionHelpFormatter


def report(what, target, values, *, unit="", digits=3):
    """Print one row. `target` is such as "≥ 0.9" or "≤ 900"."""
    values = sorted(values)
    middle = float(np.median(values))
    sign, bar = target.split()
    met = middle >= float(bar) if sign == "≥" else middle <= float(bar)
    spread = f"{values[0]:.{digits}f} … {values[-1]:.{digits}f}"
    apart = "" if met else f" by {abs(middle - float(bar)):.{digits}f}"
    verdict = "met" if met else f"missed{apart}"
    print(f"{what:44} {target:>10} {middle:9.{digits}f} {spread:>19}  {verdict} {unit}", flush=True)


# ── data ──────────────────────────────────────────────────────────────────────────────


class Data:
    """The rows of one file, with vectors of one encoder."""

    def __init__(self, options, name, encoder="use"):
        self.options, self.name, self.encoder = options, name, encoder
        with gzip.open(options.folder / f"{name}.jsonl.gz", "rt") as lines:
            self.rows = [json.loads(line) for line in lines]
        self.texts = [row["text"] for row in self.rows]
        self.intents = np.array([row["intent"] for row in self.rows])
        self.split = np.array([row["split"] for row in self.rows])

    @cached_property
    def vectors(self):
        from ml.encoders import encoder

        try:
            version = encoder(self.encoder).version
        except ValueError:
            kept = sorted(self.options.cache.glob(f"{self.encoder}-*-{self.name}.npy"))
            return np.load(kept[-1]) if kept else None
        path = self.options.cache / f"{version}-{self.name}.npy"
        if not path.exists():
            made = [
                encoder(self.encoder).encode(self.texts[at : at + 256])
                for at in range(0, len(self.texts), 256)
            ]
            np.save(path, np.concatenate(made).astype(np.float16))
        return np.load(path)

    def where(self, split, *, inside=True):
        return np.flatnonzero((self.split == split) & ((self.intents != "oos") == inside))

    def at(self, rows):
        from ml.examples import Examples

        texts = [self.texts[row] for row in rows]
        return Examples(texts, self.vectors[rows], self.intents[rows], np.asarray(rows))


def fit(examples, *, seed, budget=60.0, **more):
    from ml.pipelines import fit_intents

    began = time.perf_counter()
    return fit_intents(
        examples,
        budget=budget,
        elapsed=lambda: time.perf_counter() - began,
        random_state=seed,
        encoder_version="bench",
        **more,
    )


def accuracy_of(fitted, examples):
    from ml.evaluating import accuracy

    return accuracy(examples.intents, fitted.predict(examples.texts, examples.vectors))


class Timed:
    def __enter__(self):
        self.began, self.cpu_began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall = time.perf_counter() - self.began
        self.cpu = time.process_time() - self.cpu_began


# ── full training ─────────────────────────────────────────────────────────────────────


def full(options):
    for name, target in (("banking77", "≥ 0.935"), ("clinc150", "≥ 0.95")):
        data = Data(options, name)
        found, took = [], []
        for seed in range(options.seeds):
            with Timed() as timed:
                fitted = fit(data.at(data.where("train")), seed=seed)
            found.append(accuracy_of(fitted, data.at(data.where("test"))))
            took.append(timed.cpu)
        report(f"{name}, use, full training", target, found, digits=4)
        report("  fit, CPU seconds", "≤ 60", took, digits=1)


def calibration(options):
    from ml.evaluating import calibration_error, coverage

    for name in ("banking77", "clinc150"):
        data = Data(options, name)
        test = data.at(data.where("test"))
        for labels in (1000, 2000, 5000):
            errors, covered = [], []
            for seed in range(options.seeds):
                train = drawn(data.where("train"), labels, seed)
                proba = fit(data.at(train), seed=seed)
                proba = proba.classes_, proba.predict_proba(test.texts, test.vectors)
                right = proba[0][proba[1].argmax(axis=1)] == test.intents
                errors.append(calibration_error(proba[1].max(axis=1), right))
                covered.append(coverage(proba[1].max(axis=1), right))
            report(f"{name}, ECE at {labels} labels", "≤ 0.02", errors)
            print(f"{'  coverage at 95 % precision':44} {'':>10} {np.median(covered):9.3f}")


def drawn(rows, n, seed):
    return np.random.default_rng(seed).permutation(rows)[:n]


def scope(options):
    from ml.evaluating import auroc, found_at

    data = Data(options, "clinc150")
    inside = data.at(data.where("test"))
    outside = data.at(data.where("test", inside=False))
    areas, found = [], []
    for seed in range(options.seeds):
        fitted = fit(data.at(data.where("train")), seed=seed)
        low, high = (
            fitted.out_of_scope_score(some.texts, some.vectors) for some in (inside, outside)
        )
        areas.append(auroc(low, high))
        found.append(found_at(low, high))
    report("clinc150, out of scope, AUROC", "≥ 0.975", areas, digits=4)
    report("  found at 5 % false alarms", "≥ 0.89", found)


def entities(options):
    from ml.entities import fit_entities

    data = Data(options, "snips")
    spans = [
        [(span["start"], span["end"], span["label"]) for span in row.get("entities", ())]
        for row in data.rows
    ]
    test = data.where("test")
    found, took = [], []
    for seed in range(options.seeds):
        train = drawn(data.where("train"), 2000, seed)
        with Timed() as timed:
            tagger = fit_entities([data.texts[n] for n in train], [spans[n] for n in train])
        answers = tagger.predict([data.texts[n] for n in test])
        found.append(span_f1([spans[n] for n in test], answers))
        took.append(timed.cpu)
    report("snips, span F1 at 2000 rows", "≥ 0.88", found)
    print(f"{'  fit, CPU seconds':44} {'':>10} {np.median(took):9.1f}")


def span_f1(truth, answers):
    pairs = list(zip(map(set, truth), ({tuple(s) for s in some} for some in answers), strict=True))
    right = sum(len(true & given) for true, given in pairs)
    return 2 * right / sum(len(true) + len(given) for true, given in pairs)


# ── speed ─────────────────────────────────────────────────────────────────────────────


def perturbed(data, n, folder):
    """Map n distinct vectors from a file, each near one of a training row; say of which."""
    chance = np.random.default_rng(0)
    source = chance.choice(data.where("train"), n)
    path = Path(folder) / f"pool-{n}.npy"
    size = data.vectors.shape[1]
    pool = np.lib.format.open_memmap(path, "w+", np.float16, (n, size))
    for at in range(0, n, 20_000):
        near = data.vectors[source[at : at + 20_000]].astype(np.float32)
        near += chance.normal(size=near.shape).astype(np.float32) * SPREAD / np.sqrt(size)
        pool[at : at + 20_000] = near / np.linalg.norm(near, axis=1, keepdims=True)
    pool.flush()
    return source, np.load(path, mmap_mode="r")


def pool(options):
    import modAL.models  # noqa: F401  what a worker has imported long ago

    from ml.novelty import novelty_clusters
    from ml.sampling import draw_next

    data = Data(options, "banking77")
    fitted = fit(data.at(drawn(data.where("train"), 2000, 0)), seed=0, candidates=["both"])
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        for n, target in ((100_000, "≤ 1"), (1_000_000, "≤ 5")):
            source, vectors = perturbed(data, n, folder)
            read = partial(texts_of, data, source)
            draws, news, cpu = [], [], []
            for seed in range(options.seeds):
                with Timed() as timed:
                    draw_next(fitted, vectors, n=BATCH, random_state=seed, texts=read)
                draws.append(timed.wall)
                cpu.append(timed.cpu)
                with Timed() as timed:
                    novelty_clusters(fitted, vectors, n=20, random_state=seed)
                news.append(timed.wall)
            report(f"pool of {n}, re-score and draw, seconds", target, draws, digits=2)
            report("  CPU seconds", target, cpu, digits=2)
            report("  novelty clusters, seconds", target, news, digits=2)


def texts_of(data, source, rows):
    return [data.texts[row] for row in source[rows].tolist()]


def warm(options):
    from ml.examples import Examples

    data, n = Data(options, "banking77"), 100_000
    test = data.at(data.where("test"))
    with tempfile.TemporaryDirectory(dir=options.cache) as folder:
        source, vectors = perturbed(data, n, folder)
        everything = Examples(
            [f"{data.texts[row]} {place % 97}" for place, row in enumerate(source)],
            vectors,
            data.intents[source],
            np.arange(n) // 2,
        )
        names = np.unique(data.intents)
        for kinds in (["vectors"], ["vectors", "words", "both"]):
            for new in (0, 5):
                again(
                    options, data, test, everything, kinds=kinds, oldest=names[: len(names) - new]
                )


def again(options, data, test, everything, *, kinds, oldest):
    """Train on all rows from a live version that knows nine tenths of them and `oldest` intents."""
    from ml.evaluating import accuracy

    n, new = len(everything), len(np.unique(data.intents)) - len(oldest)
    early = np.flatnonzero(np.isin(everything.intents[: n * 9 // 10], oldest))
    old = test.at(np.flatnonzero(np.isin(test.intents, oldest)))
    wall, cpu, lost = [], [], []
    for seed in range(options.seeds):
        live = fit(everything.at(early), seed=seed, candidates=kinds)
        with Timed() as timed:
            fitted = fit(everything, seed=seed, candidates=kinds, warm=live)
        before, after = (
            accuracy(old.intents, only(each, oldest).predict(old.texts, old.vectors))
            for each in (live, fitted)
        )
        wall.append(timed.wall)
        cpu.append(timed.cpu)
        lost.append(100 * (before - after))
    print(f"warm retrain, {n} rows, a tenth and {new} intents new, of {', '.join(kinds)}")
    report("  seconds", "≤ 10", wall, digits=1)
    report("  CPU seconds", "≤ 10", cpu, digits=1)
    report("  oldest intents lose, points", "≤ 1.5", lost, digits=2)


class only:
    """A classifier that is asked about some of its intents."""

    def __init__(self, fitted, intents):
        self.fitted, self.known = fitted, np.isin(fitted.classes_, intents)

    def predict(self, texts, vectors):
        proba = self.fitted.predict_proba(texts, vectors)[:, self.known]
        return self.fitted.classes_[self.known][proba.argmax(axis=1)]


# ── labels ────────────────────────────────────────────────────────────────────────────


def labels(options, encoder="use", targets=("≤ 900", "≤ 1800")):
    data = Data(options, "banking77", encoder)
    if data.vectors is None:
        print(f"{encoder} is not installed, and the cache has no vectors of it: not measured.")
        return
    chosen = [curve(data, seed, clever=True) for seed in range(options.seeds)]
    report(f"banking77, {encoder}, accuracy at 100 labels", "≥ 0.5", [c[0][1] for c in chosen])
    for share, target in zip((0.85, 0.9), targets, strict=True):
        needed = [reached(c, share) for c in chosen]
        report(f"banking77, {encoder}, labels to {share:.0%}", target, needed, digits=0)
    chance = [curve(data, seed, clever=False) for seed in range(options.seeds)]
    for share, target in ((0.85, "≥ 1"), (0.9, "≥ 2.5")):
        pairs = zip(chosen, chance, strict=True)
        times = [reached(random, share) / reached(clever, share) for clever, random in pairs]
        report(f"  times fewer than random to {share:.0%}", target, times, digits=2)


def curve(data, seed, *, clever, until=0.905):
    """Label batch by batch. Return (labels, accuracy) of each version."""
    from ml.sampling import draw_next, typiclust

    train, test = data.where("train"), data.at(data.where("test"))
    vectors = data.vectors[train]
    if clever:
        labelled = typiclust(vectors, n=COLD, random_state=seed).rows
    else:
        order = np.random.default_rng(seed).permutation(len(train))
        labelled = order[:COLD]
    points = []
    while True:
        fitted = fit(data.at(train[labelled]), seed=seed, budget=0.0)
        points.append((len(labelled), accuracy_of(fitted, test)))
        print(f"    {data.encoder} {seed} {points[-1]}", file=sys.stderr, flush=True)
        if points[-1][1] >= until or len(labelled) >= MOST:
            return points
        if clever:
            free = np.setdiff1d(np.arange(len(train)), labelled)
            read = partial(texts_of, data, train)
            more = draw_next(
                fitted, vectors, n=BATCH, random_state=seed, among=free, texts=read
            ).rows
            labelled = np.concatenate([labelled, more])
        else:
            labelled = order[: int(len(labelled) * 1.1) + BATCH]


def reached(points, share):
    """Return how many labels it took, between two versions by a straight line."""
    for (fewer, low), (more, high) in zip(points, points[1:], strict=False):
        if high >= share:
            return fewer + (more - fewer) * max(0.0, share - low) / max(high - low, 1e-9)
    return float("inf")


MEASURES = {
    "full": full,
    "calibration": calibration,
    "scope": scope,
    "entities": entities,
    "pool": pool,
    "warm": warm,
    "labels": labels,
    "labels-minilm": lambda options: labels(options, "minilm", ("≤ 450", "≤ 1000")),
}


if __name__ == "__main__":
    main()
