"""What a retraining costs, from frozen labels to a queue that is drawn anew.

    ./loop bench retraining FILE [--sizes 1000,10000,100000] [--budget 120] [--pool N]

FILE holds BANKING77 as JSON lines of `text`, `intent`, `split`, gzipped. Its texts are repeated and
perturbed until there are as many gold labels as wanted, each with a vector of its own; as many
texts again (or --pool of them) wait without a label. Each step is a process of its own: CPU is
its own and that of PostgreSQL, memory its largest resident set (the mapped copy of vectors is
part of that). `bare` is the CPU inside scikit-learn's fit, of the same solvers on the same matrices
in the same run; what comes on top is reading, cutting texts into pieces, calibrating, measuring and
writing, as CPU of the same process. Where our own solver goes on from weights that fitted before,
`bare` has scikit-learn's fit from the same weights; it is done beside the run and taken off its
wall and CPU seconds, though not off its steps and memory. A line says what the two came to, and
what it took scikit-learn to come as low. The second training goes on from the version of the first;
what the first's fits of as many rows took stands beside its own, and decides nothing.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np

SPREAD = 0.6  # how far a perturbed vector lies from the one it was made of
OVERHEAD = 25  # percent that training may take longer than bare scikit-learn
FROM_ROWS = 10_000
MOST_MEMORY = 8 * 1024  # MiB
CLOSER = (3e-5, 1e-5)  # tolerances that scikit-learn is told besides its own


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Raw)
    parser.add_argument("file", type=Path)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--budget", type=int, default=120, help="Seconds to search and fit in.")
    parser.add_argument("--pool", type=int, help="Texts without a label; else as many as labels.")
    options = parser.parse_args()
    if "OMP_NUM_THREADS" not in os.environ:  # as in a worker, and before numpy counts the cores
        os.environ["OMP_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "bench.retraining", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "ERROR"
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            set_up()
            from django.core.management import call_command

            call_command("migrate", verbosity=0, run_syncdb=True)
            measure(options, servers.running["postgres"].pid)


Raw = argparse.RawDescriptionHelpFormatter


def set_up():
    import django

    django.setup()


def measure(options, database):
    base = Base(options.file)
    print(f"load of this machine before: {os.getloadavg()[0]:.1f}")
    print(f"{'labels':>9}  {'step':22} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}  note")
    for number, size in enumerate(int(each) for each in options.sizes.split(",")):
        bot = filled(base, number, size, pool=options.pool or size)
        peaks, cold = [], {}
        for step, arguments in (
            (freeze, ()),
            (train, (options.budget, cold)),
            (redraw, ("redraw, copy made",)),
            (redraw, ("redraw again",)),
            (train, (options.budget, cold)),
        ):
            taken = apart(step, bot, *arguments, database=database)
            peaks.append(taken.peak)
            cold.update(taken.fits if not cold else {})
            print_line(size, taken)
        verdict = "met" if max(peaks) < MOST_MEMORY else "missed"
        print(f"{size:9,}  most memory {max(peaks):,.0f} MiB, ≤ {MOST_MEMORY:,} {verdict}")


def print_line(size, taken):
    print(
        f"{size:9,}  {taken.name:22} {taken.wall:8.1f} {taken.cpu:8.1f} {taken.peak:9,.0f}  "
        f"{taken.note}",
        flush=True,
    )


# ── labels ────────────────────────────────────────────────────────────────────────────


class Base:
    """The rows that all others are made of."""

    def __init__(self, file):
        from ml.encoders import encoder

        with gzip.open(file, "rt") as lines:
            rows = [json.loads(line) for line in lines]
        rows = [row for row in rows if row["split"] == "train"]
        self.texts = [row["text"] for row in rows]
        self.intents = [row["intent"] for row in rows]
        use = encoder("use")
        self.vectors = np.concatenate(
            [use.encode(self.texts[at : at + 256]) for at in range(0, len(rows), 256)]
        )
        self.words = sorted({word for text in self.texts for word in text.lower().split()})

    def perturbed(self, rows, chance):
        """Other words in another order, and a vector not far away: nothing is near another."""
        words = chance.choice(self.words, (len(rows), 5))
        texts = [
            " ".join(chance.permutation([*self.texts[row].lower().split()[:8], *more]))
            for row, more in zip(rows, words, strict=True)
        ]
        noise = chance.normal(size=(len(rows), self.vectors.shape[1])).astype(np.float32)
        vectors = self.vectors[rows] + SPREAD * noise / np.sqrt(self.vectors.shape[1])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return texts, vectors.astype("<f2")


def filled(base, number, size, *, pool):
    """A bot with `size` gold labels, a fiftieth of them of the audit, and a `pool` besides."""
    from tests.factories import make_bot, make_intent, make_member
    from tests.training.filling import fill

    began, chance = time.perf_counter(), np.random.default_rng(number)
    bot = make_bot(f"Bench {number}")
    by = make_member(bot)
    keys = {name: make_intent(bot, name).pk for name in sorted(set(base.intents))}
    for total, labelled in ((size, True), (pool, False)):
        for at in range(0, total, 50_000):
            rows = np.arange(at, min(at + 50_000, total)) % len(base.texts)
            if total < len(base.texts):
                rows = chance.choice(len(base.texts), len(rows), replace=False)
            texts, vectors = base.perturbed(rows, chance)
            intents = [keys[base.intents[row]] for row in rows] if labelled else None
            sides = ["audit" if each % 50 == 7 else "train" for each in range(len(rows))]
            fill(bot, by, texts, vectors, intents=intents, sides=sides)
    print(f"{size:9,}  filled in {time.perf_counter() - began:.0f} s, {pool:,} without a label")
    return bot.pk


# ── steps, each in a process of its own ───────────────────────────────────────────────


class Taken:
    def __init__(self, name, wall, cpu, peak, note, fits):
        self.name, self.wall, self.cpu, self.peak, self.note = name, wall, cpu, peak, note
        self.fits = fits  # CPU seconds by what was fitted and of how many rows


def apart(step, *arguments, database):
    """Run a step in a fresh process; what it took, with what PostgreSQL did meanwhile."""
    before = cpu_of_tree(database)
    with get_context("spawn").Pool(1, initializer=set_up) as pool:
        name, wall, cpu, note, *fits = pool.apply(step, arguments)
        peak = pool.apply(peak_memory)
    cpu += cpu_of_tree(database) - before
    return Taken(name, wall, cpu, peak, note, fits[0] if fits else {})


def peak_memory():
    """In MiB. What getrusage says counts the process that started this one, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes / 1024


def cpu_of_tree(pid):
    import psutil

    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])  # own and of children that were waited for
        except psutil.NoSuchProcess:
            continue
    return total


class Clock:
    def __init__(self):
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self):
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def freeze(bot):
    from accounts.models import Bot
    from training import freezing

    clock = Clock()
    version = freezing.freeze(Bot.objects.get(pk=bot), by=None)
    note = f"{version.train_count:,} to train on, {version.audit_count:,} audit, "
    return "freeze", *clock.read(), note + f"{version.left_out_count:,} left out"


def train(bot, budget, cold):
    """One run as a worker does it, but with the dataset that was frozen before."""
    from uuid import uuid4

    from accounts.models import Bot
    from jobs import work
    from jobs.models import Job
    from training import starting
    from training.models import DatasetVersion, TrainingRun

    bot = Bot.objects.get(pk=bot)
    run = starting.start(bot, trigger=TrainingRun.Trigger.HAND, seed=7)
    dataset = DatasetVersion.objects.of(bot).newest_first().first()
    TrainingRun.objects.filter(pk=run.pk).update(dataset=dataset, budget=budget)
    work.Delivery.token = uuid4()
    with counted_fits() as fits:
        clock = Clock()
        work.run(run.job_id)
        wall, cpu = (took - beside for took, beside in zip(clock.read(), fits.beside, strict=True))
    run = TrainingRun.objects.get(pk=run.pk)
    assert run.job.state == Job.State.DONE, run.job.error
    name = "train, warm" if run.warm_start else "train, cold"
    return name, wall, cpu, said_of(run, cpu, fits, cold), dict(fits.took)


def said_of(run, cpu, fits, cold):
    bare = sum(seconds for _, seconds in fits.took)
    said = f"bare {bare:.1f} s in {len(fits.took)} fits"
    if cold:
        said += f" (in the cold run {sum(cold[what] for what, _ in fits.took):.1f} s)"
    above = 100 * (cpu - bare) / bare
    large = run.model_version.figures["rows"]["train"] >= FROM_ROWS * 0.9
    verdict = (" met" if above <= OVERHEAD else " missed") if large else ""
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in run.seconds.items())
    accuracy = run.model_version.held_out["accuracy"]
    said += f", {above:+.0f} % (≤ {OVERHEAD}{verdict}); {steps}; held out {accuracy:.3f}"
    return "".join([said, *(f"\n{'':11}{line}" for line in fits.lines)])


class Fits:
    """What scikit-learn's fits took, and what was measured beside the run."""

    def __init__(self):
        self.took = []  # what was fitted, of how many rows; CPU seconds
        self.beside = [0.0, 0.0]  # wall and CPU seconds that are not the run's
        self.lines = []


@contextmanager
def counted_fits():
    """Note of each of scikit-learn's fits what it fitted, of how many rows, and its CPU seconds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    from ml import searching

    fits, real = Fits(), {each: each.fit for each in (LogisticRegression, LinearSVC)}
    ours = searching.continued

    def timed(kind):
        def fit(self, rows, *args, **kwargs):
            began = time.process_time()
            try:
                return real[kind](self, rows, *args, **kwargs)
            finally:
                fits.took.append(((kind.__name__, rows.shape[0]), time.process_time() - began))

        return fit

    def continued(vectors, codes, **asked):
        began = time.process_time()
        head = ours(vectors, codes, **asked)
        took, clock = time.process_time() - began, Clock()
        line = compared(head, took, vectors, codes, asked, uncounted=real[LogisticRegression])
        fits.lines.append(line)
        fits.beside = [a + b for a, b in zip(fits.beside, clock.read(), strict=True)]
        return head

    for kind in real:
        kind.fit = timed(kind)
    searching.continued = continued
    try:
        yield fits
    finally:
        searching.continued = ours
        for kind, fit in real.items():
            kind.fit = fit


def compared(head, took, vectors, codes, asked, *, uncounted):
    """What ours and scikit-learn's fit from the same weights took, and what each came to."""
    from sklearn.linear_model import LogisticRegression

    from ml.continuing import cost_of

    def cost(of):
        return cost_of(of, vectors, codes, C=asked["C"], weights=asked["weights"])

    began = time.process_time()
    usual = {"tolerance": LogisticRegression().tol, "fit": LogisticRegression.fit}
    other = gone_on(vectors, codes, asked, **usual)
    bare, ours = time.process_time() - began, cost(head)
    said = (
        f"{len(codes):,} rows gone on from cost {cost(asked['start']):.5f}: ours {ours:.5f} in "
        f"{took:.1f} s, scikit-learn's {cost(other):.5f} in {bare:.1f} s"
    )
    for tolerance in CLOSER:
        began = time.process_time()
        other = gone_on(vectors, codes, asked, tolerance=tolerance, fit=uncounted)
        seconds, came_to = time.process_time() - began, cost(other)
        said += f"; told to look closer ({tolerance:g}), {came_to:.5f} in {seconds:.1f} s"
        if came_to <= ours:
            break
    return said


def gone_on(vectors, codes, asked, *, tolerance, fit):
    """The head that scikit-learn comes to from the same weights with another tolerance."""
    from sklearn.linear_model import LogisticRegression

    from ml.heads import VectorHead

    solver = LogisticRegression(C=asked["C"], max_iter=1000, warm_start=True, tol=tolerance)
    solver.coef_ = np.ascontiguousarray(asked["start"].coef.T)
    solver.intercept_ = asked["start"].intercept.copy()
    fit(solver, vectors, codes, sample_weight=asked["weights"])
    return VectorHead(np.float32(solver.coef_.T), np.float32(solver.intercept_))


def redraw(bot, name):
    from accounts.models import Bot
    from training import rescoring

    clock = Clock()
    drawn = rescoring.redraw(Bot.objects.get(pk=bot))
    return name, *clock.read(), f"{drawn.picked:,} of {drawn.pool:,} picked"


if __name__ == "__main__":
    main()
