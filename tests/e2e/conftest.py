"""The browser's loop runs in the test's thread, which Django would otherwise call async."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
