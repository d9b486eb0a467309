"""The browser's loop runs in the test's thread, which Django would otherwise take for async code."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
