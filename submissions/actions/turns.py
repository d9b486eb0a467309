"""Whose turn it is to make an export: two at once for each person, so that one cannot hold up all.

A row each, since several processes serve; a turn whose process died is free again after a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from agencies.models import User
from submissions.actions.record import RefusedError
from submissions.models import ExportTurn

AT_ONCE = 2
FORGOTTEN = timedelta(minutes=2)
WAIT = "Dua ekspor Anda masih dibuat. Tunggu sampai selesai, lalu coba lagi."


@contextmanager
def turn(*, by: User, now: datetime) -> Iterator[None]:
    """Hold one of the person's two places meanwhile; RefusedError where both are taken."""
    taken = _take(by, now)
    try:
        yield
    finally:
        ExportTurn.objects.filter(pk=taken, taken_at=now).delete()


def _take(by: User, now: datetime) -> int:
    for place in range(1, AT_ONCE + 1):
        try:
            with transaction.atomic():
                return ExportTurn.objects.create(by=by, place=place, taken_at=now).pk
        except IntegrityError:
            mine = ExportTurn.objects.filter(by=by, place=place, taken_at__lt=now - FORGOTTEN)
            found = mine.values_list("pk", flat=True).first()
            if found is not None and mine.filter(pk=found).update(taken_at=now):
                return found
    raise RefusedError(WAIT)
