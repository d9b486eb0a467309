"""Several people at the same moment, each on a connection of its own, as processes have."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from meetings.actions.record import StaleError as StaleMeetingError
from submissions.actions.record import RefusedError, StaleError

REFUSALS = (RefusedError, StaleError, StaleMeetingError)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do them at the same moment; what each gave back, in their order."""
    gate = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=10)
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def told_at_once(*deeds: Callable[[], Any]) -> list[type[Exception] | None]:
    """Do them at the same moment; which refusal each was told, or None where it went through."""

    def heard(deed: Callable[[], Any]) -> type[Exception] | None:
        try:
            deed()
        except REFUSALS as refused:
            return type(refused)
        return None

    return at_once(*[lambda deed=deed: heard(deed) for deed in deeds])
