"""Sentences for the next page ("Tersimpan."): in a signed cookie, as closed as that of the session,
and in the session where they are longer than a cookie may be.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class InCookie(CookieStorage):
    """Under a name of ours: by https one that no other host of the city can set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cookie_name = settings.MESSAGE_COOKIE_NAME


class Flashes(FallbackStorage):
    storage_classes = (InCookie, SessionStorage)
