"""Opening a year, and its due dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import Assignment, AssignmentRole, Region
from indicators.models import AreaLevel, Instrument, Question
from submissions.actions import arranging
from submissions.actions.record import RefusedError, StaleError
from submissions.actions.year import open_year as open_the_year
from submissions.forms.year import ExtendForm, OpenYearForm
from submissions.models import Assessment, SubmissionQuerySet
from submissions.workflow import EDITABLE

LATE = "terlambat"
ALL = "semua"


@dataclass(frozen=True, slots=True)
class Preview:
    """What opening would copy: figures of one instrument in one region, and who is missing."""

    instrument: Instrument
    agencies: int
    questions: int
    scoring: int
    supports: int
    without_lead: list[Question]


def _preview(region: Region, instrument: Instrument) -> Preview:
    """Four queries. A city question has no lead, an area question no area that answers."""
    standing = Assignment.objects.filter(
        region=region, question__instrument=instrument, agency__retired_at__isnull=True
    )
    figures = standing.aggregate(
        agencies=Count("agency", distinct=True),
        scoring=Count("pk", filter=~Q(role=AssignmentRole.SUPPORT)),
        supports=Count("pk", filter=Q(role=AssignmentRole.SUPPORT)),
    )
    led = standing.filter(role=AssignmentRole.LEAD).values("question")
    answered = standing.filter(role=AssignmentRole.AREA).values("question")
    missing = instrument.questions.exclude(
        Q(level=AreaLevel.KOTA, pk__in=led) | (~Q(level=AreaLevel.KOTA) & Q(pk__in=answered))
    ).order_by("order")
    return Preview(
        instrument,
        figures["agencies"],
        instrument.questions.count(),
        figures["scoring"],
        figures["supports"],
        list(missing),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def open_year(request: Request) -> HttpResponse:
    """Show what would be opened, and open it."""
    if not request.user.has_perm("submissions.open_year"):
        raise PermissionDenied
    regions = _regions(request)
    today = timezone.localdate()
    form = OpenYearForm(
        request.POST or None,
        regions=regions,
        today=today,
        initial={"tahun": today.year, "tahun_data": today.year - 1, "wilayah": regions.first()},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            assessment = open_the_year(
                given["wilayah"],
                given["instrumen"],
                year=given["tahun"],
                data_year=given["tahun_data"],
                closes_on=given["tenggat"],
                by=request.user,
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Penilaian {assessment.year} dibuka.")
            return redirect("dashboard", assessment.year)
    region = _shown_region(request, regions)
    instrument = Instrument.objects.published().first()
    return render(
        request,
        "submissions/year_open.html",
        {
            "form": form,
            "regions": regions,
            "region": region,
            "preview": _preview(region, instrument) if region and instrument else None,
            "opened": Assessment.objects.filter(region=region).order_by("-year")[:5],
        },
        status=422 if form.is_bound else 200,
    )


def _regions(request: Request) -> QuerySet[Region]:
    """The user's own region; every region for an administrator without one."""
    if request.user.region_id is None:
        return Region.objects.all()
    return Region.objects.filter(pk=request.user.region_id)


def _shown_region(request: Request, regions: QuerySet[Region]) -> Region | None:
    code = request.GET.get("wilayah", "")
    return (regions.filter(code=code).first() if code else None) or regions.first()


@require_http_methods(["GET", "HEAD", "POST"])
def due_dates(request: Request) -> HttpResponse:
    """Move the due date of one agency's open work, or of all that is late."""
    if not request.user.has_perm("submissions.extend_submission"):
        raise PermissionDenied
    today = timezone.localdate()
    years = list(
        Assessment.objects.visible_to(request.user)
        .filter(closed_at__isnull=True)
        .order_by("-year", "pk")
    )
    named = [year for year in years if str(year.year) == request.GET.get("tahun")]
    assessment = next(iter(named or years), None)
    if assessment is None:
        return render(request, "submissions/review_due.html", {"assessment": None})
    still_open = assessment.submissions.visible_to(request.user).filter(
        state__in=[state.value for state in EDITABLE]
    )
    rows = _owing(still_open, today)
    late = sum(row["late"] for row in rows)
    total = sum(row["open"] for row in rows)
    choices = [
        (LATE, f"Semua yang lewat tenggat ({late} isian)"),
        (ALL, f"Semua yang belum diajukan ({total} isian)"),
        *((row["agency__code"], f"{row['agency__name']} ({row['open']} isian)") for row in rows),
    ]
    form = ExtendForm(
        request.POST or None,
        choices=choices,
        today=today,
        initial={"untuk": request.GET.get("perangkat", LATE)},
    )
    if request.method == "POST" and form.is_valid():
        done = _extend(request, form, still_open, today)
        if done is not None:
            return done
    shown = {"assessment": assessment, "is_example": assessment.is_example, "form": form}
    shown |= {
        "open_years": [year.year for year in years],
        "rows": rows,
        "late": late,
        "total": total,
        "today": today,
    }
    return render(
        request, "submissions/review_due.html", shown, status=422 if form.is_bound else 200
    )


def _owing(submissions: SubmissionQuerySet, today: date) -> list[Any]:
    """Per agency: how many submissions are still with it, how many late, the next due date."""
    return list(
        submissions.order_by()
        .values("agency__code", "agency__name")
        .annotate(
            open=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)), nearest=Min("due_on")
        )
        .order_by("-late", "nearest", "agency__name")
    )


def _extend(
    request: Request, form: ExtendForm, submissions: SubmissionQuerySet, today: date
) -> HttpResponse | None:
    """Move the chosen due dates; None, with an error in the form, if it may not be."""
    whose = form.cleaned_data["untuk"]
    if whose == LATE:
        submissions = submissions.filter(due_on__lt=today)
    elif whose != ALL:
        submissions = submissions.filter(agency__code=whose)
    try:
        changed = arranging.extend(
            submissions.for_work(),
            due_on=form.cleaned_data["tenggat"],
            by=request.user,
            today=today,
        )
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return None
    except StaleError:
        messages.error(request, "Belum ada yang diubah: sebuah isian baru saja berpindah.")
        return redirect(request.get_full_path())
    messages.success(request, f"Tenggat {changed} isian diubah.")
    return redirect(request.get_full_path())
