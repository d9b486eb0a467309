"""Reference data that somebody takes along as a sheet: that they did is an event."""

from __future__ import annotations

from django.db import transaction

from agencies.actions.record import record, require
from agencies.models import ChangeVerb, Region, User

PERMISSION = "agencies.use_admin"


@transaction.atomic
def took_reference(*, sheet: str, region: Region | None, by: User | None) -> None:
    """Somebody took the rows of a region along, or all of them; `by` is None only from the
    server's shell.
    """
    require(by, PERMISSION, region)
    record(ChangeVerb.EXPORT, by=by, region=region, sheet=sheet)
