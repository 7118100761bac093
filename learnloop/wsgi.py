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
# A batch makes some thousand objects that live until it is stored. To look through them after each
# 700 took 5 to 9 % of the time it takes to prepare one.
gc.set_threshold(20_000, 20, 20)
