"""The web application for granian."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from amends.site.orphans import bind_to

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
application = get_wsgi_application()

if os.environ.get("AMENDS_SUPERVISED"):  # by `amends serve`: no web process is left when the one that made it is killed
    bind_to(os.getppid(), signal.SIGKILL)
