"""What reports do: hand out workbooks, and figures for everybody, and leave a trace of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agencies.models import Agency, User
from indicators.wording import local
from reports.ledger import ledger_of
from reports.paper import pdf_of
from reports.programmes import action_plan_of, budget_of, plan_paper
from reports.public import figures_of
from reports.rakor import table_of
from reports.scores import score
from reports.stamp import stamp_of
from reports.workbook import write_workbook
from reports.workbook.programmes import write_programmes
from reports.workbook.rakor import write_rakor
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Release, Verb

ABOUT = 400  # letters of what the city says of a cluster


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
    stamp = stamp_of(assessment, by=by, now=now)
    write_programmes(budget, action_plan_of(assessment, by), target, stamp)
    with transaction.atomic():
        record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet="program.xlsx")


def export_action_plan(assessment: Assessment, *, by: User, now: datetime) -> bytes:
    """The matrix of the RAD KLA as a PDF, and when it is whole leave the event."""
    require(by, "reports.export_assessment", assessment)
    plan = action_plan_of(assessment, by)
    made = pdf_of("action_plan", plan_paper(plan, stamp_of(assessment, by=by, now=now)))
    with transaction.atomic():
        record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet="rad.pdf")
    return made


def export_rakor(
    assessment: Assessment, target: IO[bytes], *, by: User | None, now: datetime
) -> None:
    """Write the rakor's table into `target`, and only when it is whole leave the event."""
    if by is not None:
        require(by, "reports.export_assessment", assessment)
    ledger = ledger_of(assessment, by)
    table = table_of(ledger, today=local(now).date(), now=now)
    write_rakor(assessment, table, target, by=by, now=now)
    with transaction.atomic():
        record(Verb.EXPORT, by=by, assessment=assessment, at=now, sheet="rakor.xlsx")


@transaction.atomic
def release_figures(
    assessment: Assessment, *, by: User, now: datetime, about: Mapping[str, str] | None = None
) -> Release:
    """Let everybody see total, category and clusters as they stand now; what was shown before is
    replaced, and stays stored. `about` is what the city says of a cluster, by its code. Without
    this verb nothing of a year is public.
    """
    require(by, "submissions.release_figures", assessment)
    said = {code: " ".join(text.split()) for code, text in (about or {}).items()}
    if any(len(text) > ABOUT for text in said.values()):
        raise RefusedError(f"Kalimat tentang klaster paling panjang {ABOUT} huruf.")
    figures = figures_of(assessment, ledger_of(assessment, None), now=now, about=said)
    _end_release(assessment, by=by, now=now)
    try:
        with transaction.atomic():
            made = Release.objects.create(
                assessment=assessment, figures=figures, released_at=now, released_by=by
            )
    except IntegrityError:
        raise RefusedError("Orang lain baru saja menerbitkan angka tahun ini.") from None
    record(Verb.RELEASE, by=by, assessment=assessment, at=now, total=figures["terbukti"])
    return made


@transaction.atomic
def end_release(assessment: Assessment, *, by: User, now: datetime) -> None:
    """Take the public page of a year away again; twice is once."""
    require(by, "submissions.release_figures", assessment)
    if _end_release(assessment, by=by, now=now):
        record(Verb.UNRELEASE, by=by, assessment=assessment, at=now)


def _end_release(assessment: Assessment, *, by: User, now: datetime) -> int:
    shown = Release.objects.filter(assessment=assessment, ended_at__isnull=True)
    return shown.update(ended_at=now, ended_by=by)


def _may_export(by: User, assessment: Assessment, own: Agency | None) -> None:
    """The whole needs the right over the region; the own part, over the agency in that region."""
    if own is None:
        require(by, "reports.export_assessment", assessment)
        return
    require(by, "reports.export_own", own)
    if own.region_id != assessment.region_id:
        raise PermissionDenied
