"""A version that somebody takes along as a workbook: that they did is an event."""

from __future__ import annotations

from django.db import transaction

from indicators.actions.record import Actor, leave, require
from indicators.models import Instrument, InstrumentVerb

PERMISSION = "indicators.view_instrument"


@transaction.atomic
def took_instrument(instrument: Instrument, *, sheet: str, by: Actor | None) -> None:
    """Somebody took a version along; `by` is None only from the server's shell."""
    require(by, PERMISSION)
    leave(InstrumentVerb.EXPORT, instrument, by=by, sheet=sheet)
