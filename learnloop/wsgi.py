"""Django, once in each of granian's worker processes. front.py stands before it."""

import gc
import os
import signal

from django.core.wsgi import get_wsgi_application

from jobs.leash import die_with_parent

# A killed granian leaves its workers holding the port.
die_with_parent(signal.SIGKILL)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learnloop.settings")
application = get_wsgi_application()
# What is there by now stays; to look through it again and again for rubbish takes its time.
gc.collect()
gc.freeze()
