"""A number for each request: in every line of the log, in the answer, on the error page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_number: ContextVar[str] = ContextVar("request", default="-")


def number() -> str:
    """The number of the request being answered: in every line of the log, and on an error page."""
    return _number.get()


def numbered(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Give each request a number of our own; what a caller sends as one is not believed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        token = _number.set(secrets.token_hex(4))
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = number()
            return response
        finally:
            _number.reset(token)

    return middleware


class Numbered(logging.Filter):
    """Adds `request` to what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_number = number()
        return True
