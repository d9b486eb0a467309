"""No more searches a minute from one person than the database can bear beside its other work.

Counted in each web process, since a GET writes nothing: several processes let so many more through.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

WORDS = frozenset({"kata", "pelaku", "apa"})  # what one types to search by, in addresses
PEOPLE = 2000  # remembered at once
MINUTE = 60.0

_lock = Lock()
_seen: OrderedDict[int, deque[float]] = OrderedDict()


def seconds_to_wait(user: int, now: float) -> int:
    """Count one search; how long to wait if it is one too many, otherwise 0."""
    with _lock:
        mine = _seen.setdefault(user, deque())
        _seen.move_to_end(user)
        while len(_seen) > PEOPLE:
            _seen.popitem(last=False)
        while mine and mine[0] <= now - MINUTE:
            mine.popleft()
        if len(mine) >= settings.SEARCHES_PER_MINUTE:
            return max(1, ceil(mine[0] + MINUTE - now))
        mine.append(now)
    return 0


def paced(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """429 with a sentence instead of a search too many."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asks = request.method == "GET" and any(request.GET.get(word) for word in WORDS)
        if not asks or not request.user.is_authenticated:
            return get_response(request)
        wait = seconds_to_wait(request.user.pk, time.monotonic())
        if not wait:
            return get_response(request)
        reply: HttpResponse = render(request, "429_searches.html", {"wait": wait}, status=429)
        reply.headers["Retry-After"] = str(wait)
        return reply

    return middleware
