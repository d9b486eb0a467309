"""Slowing down the guessing of passwords, without a lockout that a stranger can cause.

A try counts before the password is looked at, so that many tries at once gain nothing; a sign-in
that succeeds takes its own failures back. Kept in the database: a restart forgets nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from agencies.models import SignInFailure

FREE = 10  # tries of one user from one address before the first pause
FREE_OF_ADDRESS = 300  # an office of 200 people may mistype on the same morning
PAUSES = (1, 2, 4, 8, 15)  # minutes, growing with each further failure
FORGET = timedelta(hours=24)
FORGET_ADDRESS = timedelta(minutes=15)
KNOWN = timedelta(days=90)  # who signed in from here lately is not held up by their neighbours


def pause_after(failures: int, free: int) -> timedelta:
    """How long to wait after so many failures; nothing while some are free."""
    beyond = failures - free
    return timedelta() if beyond < 0 else timedelta(minutes=PAUSES[min(beyond, len(PAUSES) - 1)])


@transaction.atomic
def begin(username: str, address: str, *, now: datetime) -> int:
    """Count one try; returns the seconds to wait if it is refused, otherwise 0."""
    pair, place = _rows(username, address, now)
    watched = [(pair, FREE, FORGET)]
    if pair.succeeded_at is None or now - pair.succeeded_at > KNOWN:
        watched.append((place, FREE_OF_ADDRESS, FORGET_ADDRESS))
    wait = max((row.paused_until or now) - now for row, _, _ in watched)
    if wait > timedelta():
        return ceil(wait.total_seconds())
    for row, free, forget in watched:
        row.failures = 1 if now - row.last_at > forget else row.failures + 1
        row.last_at = now
        pause = pause_after(row.failures, free)
        row.paused_until = now + pause if pause else None
        row.save(update_fields=["failures", "last_at", "paused_until"])
    return 0


@transaction.atomic
def succeed(username: str, address: str, *, now: datetime) -> None:
    """Take the failures of this user at this address back, also from those of the address."""
    pair, place = _rows(username, address, now)
    SignInFailure.objects.filter(pk=place.pk, failures__gte=pair.failures).update(
        failures=F("failures") - pair.failures, paused_until=None
    )
    pair.failures, pair.paused_until, pair.succeeded_at = 0, None, now
    pair.save(update_fields=["failures", "paused_until", "succeeded_at"])
    SignInFailure.objects.filter(succeeded_at=None, last_at__lt=now - 2 * FORGET).delete()


def _rows(username: str, address: str, now: datetime) -> tuple[SignInFailure, SignInFailure]:
    """The counters of the pair and of the address, locked in one order by everybody."""
    pair, place = _key("pair", username.casefold(), address), _key("address", address)
    SignInFailure.objects.bulk_create(
        [SignInFailure(key=key, last_at=now) for key in (pair, place)], ignore_conflicts=True
    )
    rows = SignInFailure.objects.select_for_update().filter(key__in=[pair, place])
    found = {row.key: row for row in rows.order_by("key")}
    return found[pair], found[place]


def _key(*parts: str) -> str:
    return salted_hmac("agencies.sign_in", "\0".join(parts), algorithm="sha256").hexdigest()
