"""What granian loads, once in each of its worker processes."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from jobs.leash import die_with_parent

# A killed granian leaves its workers holding the port.
die_with_parent(signal.SIGKILL)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learnloop.settings")
application = get_wsgi_application()
