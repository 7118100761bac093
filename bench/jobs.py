"""What carrying a job costs: empty jobs through real workers.

    ./loop bench jobs [--jobs 1000] [--processes 2]

CPU is that of worker, work horses, queue and database together, read from the kernel.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="learnloop-bench-") as folder:
        os.environ["LEARNLOOP_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["LEARNLOOP_LOG_LEVEL"] = "WARNING"
        from learnloop import embedded

        with embedded.Servers(Path(folder)) as servers:
            set_up()
            measure(servers, options.jobs, options.processes)


def set_up():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)


def measure(servers, count, processes):
    from django.db import connections

    from jobs import requesting
    from jobs.models import Job

    began = time.perf_counter()
    for _ in range(count):
        requesting.request("instant")
    asked = time.perf_counter() - began

    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--processes", str(processes)], cwd=CHECKOUT
    )
    done = Job.objects.filter(state="done")
    while done.count() < count // 10:  # the start is not what is measured
        time.sleep(0.02)
    first, cpu, began = done.count(), cpu_seconds(servers, worker), time.perf_counter()
    while done.count() < count:
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    ran, cpu = count - first, cpu_seconds(servers, worker) - cpu
    worker.terminate()
    worker.wait()
    connections.close_all()

    print(f"{count} empty jobs, {processes} worker processes")
    print(f"asking for one   {asked / count * 1000:8.2f} ms")
    print(f"jobs per second  {ran / seconds:8.1f}")
    print(f"CPU per job      {cpu / ran * 1000:8.2f} ms")


def cpu_seconds(servers, worker):
    """CPU so far of everything that carries jobs, processes that ended included."""
    pids = [worker.pid, *(process.pid for process in servers.running.values())]
    return sum(cpu_of_tree(pid) for pid in pids)


def cpu_of_tree(pid):
    import psutil

    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])  # own and of children that were waited for
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    main()
