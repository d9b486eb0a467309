"""The plan: programmes and budget against the indicators, and the RAD KLA as a matrix."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http import Request
from reports.actions import export_action_plan, export_programmes
from reports.ledger import ledger_of
from reports.programmes import action_plan_of, budget_of
from reports.scores import score
from reports.views.handing import hand_over
from reports.views.year import PER_PAGE, in_one_region, whole_place


@require_GET
@in_one_region
def programmes(request: Request, year: int) -> HttpResponse:
    """Which indicator has programmes and rupiah, and which has none."""
    place = whole_place(request, year)
    ledger = ledger_of(place.assessment, request.user)
    budget = budget_of(place.assessment, ledger, score(ledger), request.user)
    rows = [(row, place.links.to("indicator_report", row.indicator.code)) for row in budget.rows]
    loose = Paginator(budget.loose, PER_PAGE).get_page(request.GET.get("page"))
    context = {**place.context, "budget": budget, "rows": rows, "loose": loose}
    return render(request, "reports/programmes.html", context)


@require_GET
@in_one_region
def action_plan(request: Request, year: int) -> HttpResponse:
    """Programme by office by year, as the RAD KLA lays it out."""
    place = whole_place(request, year)
    plan = action_plan_of(place.assessment, request.user)
    page = Paginator(plan.rows, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(row, plan.cells(row)) for row in page]
    context = {**place.context, "plan": plan, "page": page, "rows": rows}
    return render(request, "reports/action_plan.html", context)


@require_http_methods(["GET", "POST"])
@in_one_region
def export(request: Request, year: int) -> HttpResponseBase:
    """The same as a workbook, by POST since it leaves an event."""
    if request.method == "GET":
        return redirect("exports")
    place = whole_place(request, year)

    def write(target: IO[bytes], now: datetime) -> None:
        export_programmes(place.assessment, target, by=request.user, now=now)

    name = f"program-{year}-{slugify(place.assessment.region.name)}.xlsx"
    return hand_over(request, place.links, name, write)


@require_http_methods(["GET", "POST"])
@in_one_region
def export_plan(request: Request, year: int) -> HttpResponseBase:
    """The matrix of the RAD KLA on paper, by POST since it leaves an event."""
    if request.method == "GET":
        return redirect("exports")
    place = whole_place(request, year)

    def write(target: IO[bytes], now: datetime) -> None:
        target.write(export_action_plan(place.assessment, by=request.user, now=now))

    name = f"rad-kla-{year}-{slugify(place.assessment.region.name)}.pdf"
    return hand_over(request, place.links, name, write)
