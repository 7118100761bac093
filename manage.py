"""Django's command line. `./loop` calls it with the right Python."""

import os
import sys
from contextlib import nullcontext

from django.core.management import execute_from_command_line

from learnloop import embedded

# They work without a database, or start one themselves.
ALONE = {"up", "check", "collectstatic", "help", "web", "worker", "schedule"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learnloop.settings")
    try:
        with nullcontext() if {*sys.argv[1:2]} & ALONE else embedded.for_one_command():
            execute_from_command_line(sys.argv)
    except embedded.Refused as reason:
        sys.exit(f"loop: {reason}")
