"""Sheets that people take along: that they did is an event, as with every export."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from agencies.actions.record import record as record_change
from agencies.models import Agency, ChangeVerb, User
from submissions.actions.answering import PERMISSION
from submissions.actions.record import record, require
from submissions.models import Assessment, Verb


@transaction.atomic
def took_work(
    assessment: Assessment, agency: Agency, *, sheet: str, by: User, now: datetime
) -> None:
    """Somebody took an office's workbook along."""
    require(by, PERMISSION, agency)
    record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet=sheet, agency=agency.code)


@transaction.atomic
def took_register(agency: Agency | None, *, sheet: str, by: User) -> None:
    """Somebody took the rows of a register along: an office's, or all that they see."""
    region = agency.region if agency is not None else by.region
    told = {"agency": agency.code} if agency is not None else {}
    record_change(ChangeVerb.EXPORT, by=by, region=region, sheet=sheet, **told)
