"""What happens around every request: addresses, browser rules, how long a session lives."""

import re
import time
from collections.abc import Callable
from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from agencies.actions import factors
from agencies.models import User
from agencies.roles import Role
from kla_tracker import metrics, outages, watching

Next = Callable[[HttpRequest], HttpResponseBase]

STARTED = "started_at"
SEEN = "seen_at"

# Nothing of a browser's machinery is needed here.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
)


def real_address(get_response: Next) -> Next:
    """Put the caller's address in REMOTE_ADDR when a proxy of ours stands in front.

    Each proxy appends whom it saw, so with one proxy the last entry is true and all before it
    are whatever the caller liked to write.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.TRUSTED_PROXIES:
            seen = request.headers.get("X-Forwarded-For", "").split(",")
            if len(seen) >= settings.TRUSTED_PROXIES:
                address = seen[-settings.TRUSTED_PROXIES].strip()
                request.META["REMOTE_ADDR"] = address or request.META.get("REMOTE_ADDR", "")
        return get_response(request)

    return middleware


QUIET = frozenset({"healthz", "readyz", "metrics", "statis"})


def measured(get_response: Next) -> Next:
    """Count every request and the time to its answer, and write a line of it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = get_response(request)
        seconds = time.monotonic() - began
        view = watching.view_of(request)
        metrics.count(view, response.status_code, seconds, posted=request.method == "POST")
        if view not in QUIET or response.status_code >= 400:
            watching.told(request, response.status_code, seconds)
        return response

    return middleware


def browser_policy(get_response: Next) -> Next:
    """Headers for which Django has no setting; personal pages are not kept by the browser."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def busy(get_response: Next) -> Next:
    """Say so when the database is away, full or too busy or a disk is, instead of an error page.

    What fails before a view is reached comes to `views.server_error`, which asks the same.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if outages.is_full(exception):
            return outages.no_room()
        return outages.later() if outages.will_pass(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


BEYOND = re.compile(r"/[0-9]{19,}(?:/|$)")


def sound_address(get_response: Next) -> Next:
    """What no address of ours has is nowhere: a NUL, which PostgreSQL takes in no text, and a
    number beyond what a database counts to.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "%00" in asked or BEYOND.search(request.path_info):
            raise Http404
        return get_response(request)

    return middleware


def session_limits(get_response: Next) -> Next:
    """End a session that is too old or was left alone, without a write for each request."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            started = request.session.get(STARTED)
            seen = request.session.get(SEEN, now)
            administrator = request.user.role == Role.ADMINISTRATOR
            idle = (
                settings.SESSION_IDLE_SECONDS_ADMINISTRATOR
                if administrator
                else settings.SESSION_IDLE_SECONDS
            )
            if started is None:
                request.session[STARTED] = request.session[SEEN] = now
            elif now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > idle:
                logout(request)
            elif now - seen >= settings.SESSION_STAMP_SECONDS:
                request.session[SEEN] = now
        return get_response(request)

    return middleware


FACTOR_PAGES = ("/akun/faktor/", "/akun/konfirmasi/", "/keluar/", "/static/")


def second_factor(get_response: Next) -> Next:
    """Who must have a second factor goes no further than the page that sets one up.

    A session that was opened with one is let through without a query.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        demanded = user.is_authenticated and user.role in settings.SECOND_FACTOR_FOR
        if demanded and not request.path.startswith(FACTOR_PAGES):
            used = get_authentication_records(request, user)
            without = all(each.get("method") != "mfa" for each in used)
            if without and factors.lacks(cast("User", user)):
                return redirect("mfa_index")
        return get_response(request)

    return middleware


class LoginRequired(LoginRequiredMiddleware):
    """A page sends one who is not signed in to the sign-in page; a part of a page says 401.

    Not HX-Redirect: what was typed stays on the page, where app.js tells how to go on.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
        return super().handle_no_permission(request, view_func)
