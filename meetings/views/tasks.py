"""The lembar tugas of an office: page, PDF, XLSX, and that the office has read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.http import Request
from agencies.models import Agency
from agencies.views.directory import chosen_agency
from meetings.actions.calling import confirm_reading
from meetings.actions.exporting import leave_sheet
from meetings.models import Invited, Meeting
from meetings.views.papers import as_file
from reports.ledger import ledger_of
from reports.links import Links
from reports.paper import pdf_of
from reports.task_sheet import TaskSheet, as_paper, task_sheet_of, write_task_sheet
from submissions.models import Assessment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Place:
    """The office that was asked for, its newest year or the one that was named, and its sheet."""

    agency: Agency
    years: list[Assessment]
    sheet: TaskSheet | None


def place_of(request: Request, code: str) -> Place:
    """404 for an office that the user may not see."""
    agency = chosen_agency(request, code)
    seen = Assessment.objects.visible_to(request.user).filter(region=agency.region_id)
    years = list(seen.select_related("region", "instrument").order_by("-year"))
    named = [each for each in years if str(each.year) == request.GET.get("tahun")]
    chosen = next(iter(named or years), None)
    sheet = None
    if chosen is not None:
        ledger = ledger_of(chosen, request.user)
        sheet = task_sheet_of(chosen, ledger, agency, now=timezone.now())
    return Place(agency, years, sheet)


def open_invitations(agency: Agency, now: datetime) -> list[Invited]:
    """The meetings ahead that the office is invited to."""
    found = Invited.objects.filter(agency=agency, meeting__in=Meeting.objects.ahead(now))
    return list(found.select_related("meeting", "agency", "read_by").order_by("meeting__starts_at"))


@require_GET
def task_sheet(request: Request, code: str) -> HttpResponse:
    """What the office answers and proves, and what hangs on it."""
    place = place_of(request, code)
    invitations = open_invitations(place.agency, timezone.now())
    sheet = place.sheet
    context = {
        "agency": place.agency,
        "years": place.years,
        "sheet": sheet,
        "links": Links.of(sheet.assessment, request.user) if sheet else None,
        "invitations": invitations,
        "to_confirm": any(each.read_at is None for each in invitations)
        and request.user.has_perm("meetings.confirm_reading", place.agency),
        "may_answer": request.user.has_perm("submissions.answer_submission", place.agency),
        "is_example": bool(sheet and sheet.assessment.is_example),
        "today": timezone.localdate(),
    }
    return render(request, "meetings/task_sheet.html", context)


@require_POST
def read(request: Request, code: str) -> HttpResponse:
    """The office says that it has read its sheet, for the meetings ahead."""
    agency = chosen_agency(request, code)
    if not request.user.has_perm("meetings.confirm_reading", agency):
        raise PermissionDenied
    now = timezone.now()
    confirm_reading(open_invitations(agency, now), by=request.user, now=now)
    messages.success(request, "Terima kasih. Sekretariat melihat bahwa kantor Anda sudah membaca.")
    return redirect("task_sheet", code)


def _sheet(request: Request, code: str) -> TaskSheet:
    sheet = place_of(request, code).sheet
    if sheet is None:
        raise Http404
    return sheet


@require_GET
def task_sheet_pdf(request: Request, code: str) -> HttpResponse:
    sheet, now = _sheet(request, code), timezone.now()
    made = pdf_of("task_sheet", as_paper(sheet, now=now))
    name = f"lembar-tugas-{code}-{sheet.assessment.year}.pdf"
    leave_sheet(sheet.assessment, name, by=request.user, now=now)
    return as_file(made, name, "application/pdf")


@require_GET
def task_sheet_xlsx(request: Request, code: str) -> HttpResponse:
    sheet, target, now = _sheet(request, code), BytesIO(), timezone.now()
    write_task_sheet(sheet, target, now=now)
    name = f"lembar-tugas-{code}-{sheet.assessment.year}.xlsx"
    leave_sheet(sheet.assessment, name, by=request.user, now=now)
    return as_file(target.getvalue(), name, XLSX)
