"""The door the application server knocks on."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")

application = get_wsgi_application()
