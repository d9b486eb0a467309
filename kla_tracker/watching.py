"""A number for each request, and lines of the log that tell of work and never of people.

What may stand in a line: numbers of ours, names of views, places in our code, kinds of errors. Not:
what was typed or searched, names of people and files, addresses with a link's token in them.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_number: ContextVar[str] = ContextVar("request", default="-")

REQUESTS = logging.getLogger("kla_tracker.requests")
DOORS = logging.getLogger("kla_tracker.doors")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
FIELDS = ("view", "status", "ms", "user", "method")


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


def view_of(request: HttpRequest) -> str:
    """The name of the view that a request went to; a bounded set, whatever is asked for."""
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return str(match.view_name or "tanpa-nama")
    return "statis" if request.path.startswith("/static/") else "tidak-ada"


def place_of(request: HttpRequest) -> str:
    """Where a request went, with the numbers of things and without a word from outside."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return view_of(request)
    numbers = {name: each for name, each in match.kwargs.items() if isinstance(each, int)}
    told = " ".join(f"{name}={each}" for name, each in numbers.items())
    return f"{view_of(request)} {told}".strip()


def told(request: HttpRequest, status: int, seconds: float) -> None:
    """One line for a request that was answered."""
    user = getattr(request, "_cached_user", None)
    REQUESTS.info(
        "%s",
        place_of(request),
        extra={
            "view": view_of(request),
            "status": status,
            "ms": round(seconds * 1000),
            "user": getattr(user, "pk", None),
            "method": request.method if request.method in METHODS else "lain",
        },
    )


def signed_in(request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Django's signal: somebody is in, and by what."""
    from allauth.account.authentication import (  # noqa: PLC0415  (models must be ready)
        get_authentication_records,
    )

    used = get_authentication_records(request, user) if hasattr(request, "session") else []
    ways = [each["method"] for each in used if each.get("method") != "password"]
    DOORS.info("signed in: user %s by %s", user.pk, " and ".join(ways) or "password")


def not_let_in(**_: Any) -> None:
    """Django's signal: a name and a password that do not belong together. Whose, nobody writes."""
    DOORS.warning("not let in: wrong name or password")


def wrong_code(user: Any, **_: Any) -> None:
    """django-allauth's signal: the password was right, the second factor was not."""
    DOORS.warning("not let in: wrong second factor of user %s", user.pk)


def signed_out(user: Any, **_: Any) -> None:
    """Django's signal: a session ended, by its owner or of age."""
    if user is not None:
        DOORS.info("signed out: user %s", user.pk)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Numbered(logging.Filter):
    """Adds `request_number` to what is logged, and takes the address out of Django's lines about
    requests: a link's token or a search may stand in it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_number = number()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            status = getattr(record, "status_code", 0)
            record.view = view_of(request)
            record.status = status
            record.msg, record.args = "%s %s", (status, place_of(request))
        return True


def frames(error: BaseException) -> list[str]:
    """Kinds of errors and places in the code, the cause first; no message, which may hold what was
    typed, except where only the machine speaks in it.
    """
    lines: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        places = [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(at.__traceback__)
        ]
        lines = [kind(at), *places, *lines]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return lines


def kind(error: BaseException) -> str:
    """The class of an error; of an error of the machine, its number too."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    number_of = getattr(error, "errno", None)
    return f"{name} (errno {number_of})" if isinstance(number_of, int) else name


class Line(logging.Formatter):
    """For people: one line, and what went wrong below it."""

    def __init__(self) -> None:
        form = "{asctime} {levelname} {request_number} {name} {message}"
        super().__init__(form, "%Y-%m-%dT%H:%M:%S%z", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's own name)
        """One line, whatever stands in it: nothing looks like a line that we did not write."""
        line = super().formatMessage(record)
        return CONTROL.sub(lambda at: at.group().encode("unicode_escape").decode(), line)

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's own name)
        """Places and kinds only; see `frames`."""
        return "\n".join(frames(ei[1])) if ei[1] is not None else ""


class Json(logging.Formatter):
    """For programs: one JSON object a line, each with the same names."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC)
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "request": getattr(record, "request_number", "-"),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = value
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = kind(record.exc_info[1])
            line["frames"] = frames(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)
