"""What every verb of this room shares: who acts, the check of the right, the line of history."""

from __future__ import annotations

from typing import Any, Protocol

from django.core.exceptions import PermissionDenied

from indicators.models import Instrument, InstrumentChange, InstrumentVerb


class Actor(Protocol):
    """Who acts, as far as this lowest room knows them: someone who may or may not."""

    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


def require(by: Actor | None, permission: str) -> None:
    """PermissionDenied unless they hold the right; None is the server's shell."""
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied


def leave(
    verb: InstrumentVerb, instrument: Instrument, *, by: Actor | None, **data: Any
) -> InstrumentChange:
    """Leave one line of history."""
    actor: Any = by
    return InstrumentChange.objects.create(instrument=instrument, verb=verb, by=actor, data=data)
