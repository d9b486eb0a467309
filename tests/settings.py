"""The real settings, made fast and strict."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A folder of each process's own, whatever the environment says: tests touch nobody's data.
_VAR = tempfile.mkdtemp(prefix="kla-tests-")
atexit.register(shutil.rmtree, _VAR, ignore_errors=True)
os.environ["VAR_DIR"] = _VAR
os.environ.setdefault("SECRET_KEY", "for-tests-only-and-nothing-else-0123456789-abcdefghij")

from kla_tracker.settings import *  # noqa: E402, F403
from kla_tracker.settings import DATABASES, MIDDLEWARE, STORAGES  # noqa: E402

SITE_URL = "https://kla.example.go.id"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECOND_FACTOR_FOR = []  # tests of it say so
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405
ZEAL_RAISE = True
ZEAL_SHOW_ALL_CALLERS = True
ZEAL_ALLOWLIST = [{"model": "sessions.Session"}]  # a dead session is looked up twice
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(_VAR) / "media"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
EVIDENCE_PICTURES = False  # drawn at once they would slow each upload; tests of them say so
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, since threads that share one in memory lock each other out; it need not survive.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_VAR) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;PRAGMA foreign_keys=ON"
    )
