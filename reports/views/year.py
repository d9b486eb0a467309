"""Where the year stands, and the rows behind each figure. Nothing here writes but the export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import IO, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http import Request
from agencies.models import Agency, Region
from reports.actions import export_assessment
from reports.forms import CONDITIONS
from reports.indicator import report_of
from reports.ledger import Ledger, ledger_of
from reports.links import Links
from reports.listing import filter_of, shown
from reports.matrix import LEGEND, matrix_of
from reports.overview import page_of
from reports.progress import Row
from reports.views.handing import TYPES, hand_over
from submissions.actions.year import CLOSING
from submissions.models import Assessment

PER_PAGE = 100
XLSX = TYPES["xlsx"]
Answer = TypeVar("Answer", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Place:
    """The year that was asked for, the ways in it, and what the user sees of it."""

    assessment: Assessment
    links: Links
    whole: bool

    @property
    def context(self) -> dict[str, Any]:
        """What every page of a year needs."""
        return {
            "assessment": self.assessment,
            "label": f"Penilaian {self.assessment.year}",
            "links": self.links,
            "whole": self.whole,
            "is_example": self.assessment.is_example,
            "today": timezone.localdate(),
        }


class ChooseRegion(Exception):  # noqa: N818  (a fork in the way, not an error)
    """Somebody of no region asked for a year that several regions have."""


def place_of(request: Request, year: int) -> Place:
    """The year of the user's region, or of the `?wilayah=` that a user without one names.

    404 for what the user may not see; ChooseRegion where the region must still be said.
    """
    found = Assessment.objects.visible_to(request.user).filter(year=year)
    code = request.GET.get("wilayah", "")
    if code:
        found = found.filter(region__code=code)
    years = list(found.select_related("region", "instrument").order_by("region__name")[:2])
    if not years:
        raise Http404
    if len(years) > 1:
        raise ChooseRegion
    assessment = years[0]
    return Place(
        assessment,
        Links.of(assessment, request.user),
        request.user.has_perm("reports.view_assessment", assessment),
    )


def whole_place(request: Request, year: int) -> Place:
    """The year for someone who may see all of the region's; for others it does not exist."""
    place = place_of(request, year)
    if not place.whole:
        raise Http404
    return place


def choose_region(request: Request, year: int) -> HttpResponse:
    """Which region's year, for someone who sees several."""
    seen = Assessment.objects.visible_to(request.user).filter(year=year)
    regions = Region.objects.filter(assessments__in=seen).order_by("province", "name")
    page = Paginator(regions, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/regions.html", {"page": page, "year": year})


def in_one_region(view: Callable[..., Answer]) -> Callable[..., Answer | HttpResponse]:
    """A view of a year; who sees it of several regions is asked first which one is meant."""

    @wraps(view)
    def asked(request: Request, year: int, **more: Any) -> Answer | HttpResponse:
        try:
            return view(request, year, **more)
        except ChooseRegion:
            return choose_region(request, year)

    return asked


def ledger_seen(request: Request, place: Place, *, indicator: str = "") -> Ledger:
    """What the user sees of the year; without any right over the region or an agency, nothing."""
    if not place.whole and not request.user.has_perm("reports.export_own", request.user.agency):
        raise Http404
    return ledger_of(place.assessment, request.user, indicator=indicator)


@require_GET
def assessments(request: Request) -> HttpResponse:
    """The newest year that the user sees; before there is one, what to do."""
    newest = (
        Assessment.objects.visible_to(request.user)
        .order_by("-year")
        .values_list("year", flat=True)
        .first()
    )
    if newest is not None:
        return redirect("dashboard", newest)
    region = request.user.region
    may_open = request.user.has_perm("submissions.open_year", region)
    return render(request, "reports/no_year.html", {"region": region, "may_open": may_open})


@require_GET
@in_one_region
def dashboard(request: Request, year: int) -> HttpResponse:
    place = place_of(request, year)
    ledger = ledger_seen(request, place)
    page = page_of(place.assessment, ledger, place.links, now=timezone.now())
    years = [
        {"year": each.year, "url": Links.of(each, request.user).dashboard}
        for each in place.assessment.region.assessments.select_related("region")
    ]
    may_open = request.user.has_perm("submissions.open_year", place.assessment.region)
    may_close = request.user.has_perm(CLOSING, place.assessment)
    context = {"page": page, "years": years, "may_open": may_open, "may_close": may_close}
    return render(request, "reports/dashboard.html", {**place.context, **context})


def report_way(links: Links, row: Row) -> str:
    """Where a question stands among the answers to its indicator."""
    return f"{links.to('indicator_report', row.question.indicator)}#p-{row.question.code}"


@require_GET
@in_one_region
def question_list(request: Request, year: int) -> HttpResponse:
    """Every question of the year, by filters from a fixed list."""
    place = place_of(request, year)
    ledger = ledger_seen(request, place)
    form = filter_of(request.GET, ledger)
    chosen = form.chosen()
    found = shown(ledger, chosen, today=timezone.localdate(), now=timezone.now())
    page = Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **place.context,
        "form": form,
        "found": found,
        "page": page,
        "rows": [(row, report_way(place.links, row)) for row in page],
        "clear": place.links.questions(),
        "condition": CONDITIONS.get(chosen["keadaan"], ""),
        "is_filtered": any(chosen.values()),
    }
    return render(request, "reports/question_list.html", context)


@require_GET
@in_one_region
def matrix(request: Request, year: int) -> HttpResponse:
    place = place_of(request, year)
    ledger = ledger_seen(request, place)
    by_risk = request.GET.get("urut") == "risiko"
    drawn = matrix_of(ledger, place.links, today=timezone.localdate(), by_risk=by_risk)
    ways = [
        {"label": "Menurut nama", "href": place.links.matrix},
        {"label": "Poin berisiko dulu", "href": place.links.to("matrix", urut="risiko")},
    ]
    context = {
        **place.context,
        "matrix": drawn,
        "legend": LEGEND,
        "ways": ways,
        "way": ways[by_risk]["href"],
    }
    return render(request, "reports/matrix.html", context)


@require_GET
@in_one_region
def indicator_report(request: Request, year: int, code: str) -> HttpResponse:
    place = place_of(request, year)
    ledger = ledger_seen(request, place, indicator=code)
    report = report_of(place.assessment, ledger, code, user=request.user, now=timezone.now())
    if report is None:
        raise Http404
    return render(request, "reports/indicator.html", {**place.context, "report": report})


@require_GET
def exports(request: Request) -> HttpResponse:
    """What each workbook holds, for the years that the user sees."""
    seen = Assessment.objects.visible_to(request.user).select_related("region", "instrument")
    code = request.GET.get("wilayah", "")
    if code:
        seen = seen.filter(region__code=code)
    page = Paginator(seen.order_by("-year", "region__name"), 20).get_page(request.GET.get("page"))
    rows = [
        {
            "assessment": assessment,
            "href": Links.of(assessment, request.user).to("export_assessment"),
            "entry": Links.of(assessment, request.user).entry,
            "stages": Links.of(assessment, request.user).stages,
            "rakor": Links.of(assessment, request.user).to("export_rakor"),
            "year": Links.of(assessment, request.user).to("exports_year"),
        }
        for assessment in page
    ]
    whole = request.user.has_perm("reports.export_assessment")
    context = {
        "page": page,
        "rows": rows,
        "whole": whole,
        "is_example": any(assessment.is_example for assessment in page),
    }
    return render(request, "reports/exports.html", context)


@require_http_methods(["GET", "POST"])
@in_one_region
def export(request: Request, year: int) -> HttpResponseBase:
    """The workbook, by POST since it leaves an event; someone who follows the bare address is
    shown the page with the button.
    """
    if request.method == "GET":
        return redirect("exports")
    place = place_of(request, year)
    assessment = place.assessment
    own: Agency | None = None
    if not request.user.has_perm("reports.export_assessment", assessment):
        own = request.user.agency
        if own is None:
            raise PermissionDenied

    def write(target: IO[bytes], now: datetime) -> None:
        export_assessment(assessment, target, by=request.user, now=now, own=own)

    part = f"-{own.code}" if own else ""
    name = f"penilaian-{year}-{slugify(assessment.region.name)}{part}.xlsx"
    return hand_over(request, place.links, name, write)
