"""What meetings ask to be put into the RKPD and the RAD KLA: the list for the planners."""

from __future__ import annotations

from io import BytesIO

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from agencies.http import Request
from meetings import resources
from meetings.actions.exporting import leave_sheet
from meetings.views.papers import as_file
from reports.stamp import stamp_of
from reports.views.year import XLSX, in_one_region, whole_place
from reports.workbook.plain import write_csv

PER_PAGE = 50


@require_GET
@in_one_region
def proposals(request: Request, year: int) -> HttpResponse:
    """The list, with the points and the rupiah that stand beside each."""
    place = whole_place(request, year)
    found = resources.proposals_of(place.assessment, request.user)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    missing = [each for each in found if each.aimed and each.aimed.is_missing]
    context = {**place.context, "page": page, "missing": len(missing)}
    return render(request, "meetings/proposals.html", context)


@require_GET
@in_one_region
def proposals_xlsx(request: Request, year: int) -> HttpResponse:
    place = whole_place(request, year)
    found, target = resources.proposals_of(place.assessment, request.user), BytesIO()
    now = timezone.now()
    stamp = stamp_of(place.assessment, by=request.user, now=now)
    resources.write_proposals(found, target, stamp)
    name = f"usulan-{year}-{slugify(place.assessment.region.name)}.xlsx"
    leave_sheet(place.assessment, name, by=request.user, now=now)
    return as_file(target.getvalue(), name, XLSX)


@require_GET
@in_one_region
def proposals_csv(request: Request, year: int) -> HttpResponse:
    place = whole_place(request, year)
    found, target = resources.proposals_of(place.assessment, request.user), BytesIO()
    now = timezone.now()
    stamp = stamp_of(place.assessment, by=request.user, now=now)
    write_csv(resources.PROPOSALS, resources.proposal_cells(found), target, stamp)
    name = f"usulan-{year}-{slugify(place.assessment.region.name)}.csv"
    leave_sheet(place.assessment, name, by=request.user, now=now)
    return as_file(target.getvalue(), name, "text/csv; charset=utf-8")
