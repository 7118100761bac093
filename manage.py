"""Django's command line. `./loop` calls it with the right Python."""

import os
import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from learnloop import embedded

# They work without a database, or start one themselves.
ALONE = {"up", "check", "collectstatic", "help", "web", "worker", "schedule"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learnloop.settings")
    if {*sys.argv[1:2]} & {"web", "worker"}:
        # Jobs and requests share the cores; a pool of threads in each would fight over them.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        with embedded.disk_troubles_in_words(embedded.data_folder()):
            from django.conf import settings

            settings.DEBUG  # noqa: B018  reads them all, and writes the secrets of a new install
        with nullcontext() if {*sys.argv[1:2]} & ALONE else embedded.for_one_command():
            execute_from_command_line(sys.argv)
    except (embedded.Refused, ImproperlyConfigured) as reason:
        sys.exit(f"loop: {reason}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
