"""What reports do: hand out workbooks, and leave a trace of each."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies.models import Agency, User
from reports.ledger import ledger_of
from reports.programmes import action_plan_of, budget_of
from reports.scores import score
from reports.workbook import write_workbook
from reports.workbook.programmes import write_programmes
from submissions.actions.record import record, require
from submissions.models import Assessment, Verb


def export_assessment(
    assessment: Assessment,
    target: IO[bytes],
    *,
    by: User | None,
    now: datetime,
    own: Agency | None = None,
) -> None:
    """Write the workbook into `target`, and only when it is whole leave the event.

    Of the whole region, or of the `own` agency. `by` is None only from the server's shell.
    Raises PermissionDenied before anything is written.
    """
    if by is not None:
        _may_export(by, assessment, own)
    ledger = ledger_of(assessment, by)
    if own is not None:
        ledger = ledger.of_agency(own.pk)
    write_workbook(assessment, ledger, target, by=by, now=now, own=own)
    with transaction.atomic():
        record(
            Verb.EXPORT,
            by=by,
            assessment=assessment,
            sheet="penilaian.xlsx",
            agency=own.name if own else "",
        )


def export_programmes(
    assessment: Assessment, target: IO[bytes], *, by: User, now: datetime
) -> None:
    """Write the programmes against the indicators, and the RAD KLA, and then leave the event."""
    require(by, "reports.export_assessment", assessment)
    ledger = ledger_of(assessment, by)
    budget = budget_of(assessment, ledger, score(ledger), by)
    write_programmes(assessment, budget, action_plan_of(assessment, by), target, now=now)
    with transaction.atomic():
        record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet="program.xlsx")


def _may_export(by: User, assessment: Assessment, own: Agency | None) -> None:
    """The whole needs the right over the region; the own part, over the agency in that region."""
    if own is None:
        require(by, "reports.export_assessment", assessment)
        return
    require(by, "reports.export_own", own)
    if own.region_id != assessment.region_id:
        raise PermissionDenied
