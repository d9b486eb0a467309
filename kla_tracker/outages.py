"""When database or disk cannot do their part for a while: a page that says what to do."""

import errno
import sqlite3

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

RETRY_AFTER = 2  # seconds; a restart of PostgreSQL takes one


def will_pass(exception: BaseException | None) -> bool:
    """Whether the same request may well work a little later: the database restarts, its disk is
    full, others hold what was needed. SQLite calls wrong SQL by the same name: that stays an error.
    """
    if isinstance(exception, InterfaceError):
        return True  # "connection already closed": it broke while we were at work
    cause = getattr(exception, "__cause__", None)
    wrong = isinstance(cause, sqlite3.Error) and _code(cause) == sqlite3.SQLITE_ERROR
    return isinstance(exception, OperationalError) and not wrong


def _code(error: sqlite3.Error) -> int | None:
    """The kind of an error, without what SQLite adds to it in the higher bits."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def later() -> HttpResponse:
    """The page, with the header that browsers' scripts and proxies go by."""
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


def is_full(exception: BaseException | None) -> bool:
    """Whether a disk has no room for what was sent: no fault of who sent it."""
    return isinstance(exception, OSError) and exception.errno in {errno.ENOSPC, errno.EDQUOT}


def no_room() -> HttpResponse:
    """The page for what could not be kept."""
    return HttpResponse(render_to_string("507.html"), status=507)
