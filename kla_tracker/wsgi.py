"""The door the application server knocks on."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")

application = get_wsgi_application()
# Every page's code is there before the first request: a process that begins while another still
# answers is not given one that it would keep waiting for that.
get_resolver().url_patterns  # noqa: B018  (asking for them loads them)
