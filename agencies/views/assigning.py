"""Who answers what, seen from the instrument: all indicators, one indicator, one question."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.actions import (
    RefusedError,
    assign,
    assign_indicator,
    assign_standing,
    name_offices,
    strange_names,
    unassign,
)
from agencies.forms import AssignForm, NamesForm
from agencies.http import Request
from agencies.models import Agency, AgencyQuerySet, Assignment, AssignmentRole, Kind, Region
from agencies.views.directory import chosen_region, newest_instrument, stay
from indicators.models import Indicator, Instrument, Question


@dataclass
class Line:
    """A question, or a whole indicator, and who answers it."""

    what: Question | Indicator
    href: str
    lead: list[Agency] = field(default_factory=list)
    support: list[Agency] = field(default_factory=list)
    areas: int = 0
    open: int = 0


def _place(request: Request) -> tuple[Region, Instrument]:
    """Region and instrument of these pages; they do not exist for who may not see all agencies."""
    region, instrument = chosen_region(request), newest_instrument()
    if instrument is None or not request.user.has_perm("agencies.view_agency", region):
        raise Http404
    return region, instrument


def _offices(region: Region) -> AgencyQuerySet:
    return Agency.objects.filter(region=region).active().order_by(Lower("name"))


def _count(line: Line, assignment: Assignment) -> None:
    if assignment.role == AssignmentRole.AREA:
        line.areas += 1
        return
    held = line.lead if assignment.role == AssignmentRole.LEAD else line.support
    if assignment.agency not in held:
        held.append(assignment.agency)


@require_GET
def assignments(request: Request) -> HttpResponse:
    """All indicators with their leads, and how many questions have none."""
    region, instrument = _place(request)
    lines = {
        each.pk: Line(each, stay(request, region, "assignments_indicator", each.code))
        for each in instrument.indicators.order_by("order")
    }
    standing = Assignment.objects.standing(region, instrument)
    for each in standing.select_related("agency", "question").order_by(Lower("agency__name")):
        _count(lines[each.question.indicator_id], each)
    led = standing.filter(role=AssignmentRole.LEAD).values("question_id")
    for indicator in (
        instrument.questions.filter(level="kota")
        .exclude(pk__in=led)
        .values_list("indicator_id", flat=True)
    ):
        lines[indicator].open += 1
    context = {
        "region": region,
        "instrument": instrument,
        "lines": list(lines.values()),
        "open": sum(line.open for line in lines.values()),
        "may_assign": request.user.has_perm("agencies.change_assignment", region),
        "back": stay(request, region, "agencies"),
        "standing_href": stay(request, region, "assignments_standing"),
        "strange": len(strange_names(region, instrument)),
        "names_href": stay(request, region, "assignments_names"),
    }
    return render(request, "agencies/assignments.html", context)


@require_POST
def assignments_standing(request: Request) -> HttpResponse:
    """Give what has no lead yet to the agencies that the instrument names."""
    region, instrument = _place(request)
    unknown = assign_standing(region, instrument, by=request.user)
    if unknown:
        messages.warning(
            request,
            f"Sudah dibagi, kecuali {len(unknown)} nama yang tidak dipakai di sini. Pilih di bawah "
            "perangkat daerah mana yang dimaksud.",
        )
        return redirect(stay(request, region, "assignments_names"))
    messages.success(request, "Pertanyaan sudah dibagi menurut instrumen.")
    return redirect(stay(request, region, "assignments"))


@require_http_methods(["GET", "HEAD", "POST"])
def assignments_names(request: Request) -> HttpResponse:
    """Names of the instrument that no office here bears, and which office is meant by each."""
    region, instrument = _place(request)
    _demand(request, region)
    areas = [Kind.KECAMATAN.value, Kind.KELURAHAN.value]
    form = NamesForm(
        _posted(request),
        names=strange_names(region, instrument),
        agencies=_offices(region).exclude(kind__in=areas),
    )
    if request.method == "POST" and form.is_valid():
        meant = form.meant()
        try:
            given = name_offices(region, instrument, meant, by=request.user)
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{len(meant)} nama tersimpan, {given} tugas dibagi.")
            return redirect(stay(request, region, "assignments_names"))
    context = {
        "region": region,
        "instrument": instrument,
        "form": form,
        "back": stay(request, region, "assignments"),
    }
    return render(request, "agencies/names.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def assignments_indicator(request: Request, code: str) -> HttpResponse:
    """One indicator: its questions with who answers, and one form for all of them."""
    region, instrument = _place(request)
    indicator = get_object_or_404(instrument.indicators.select_related("cluster"), code=code)
    questions = list(indicator.questions.order_by("order"))
    city = any(not each.is_area for each in questions)
    form = AssignForm(_posted(request), agencies=_offices(region), whole=True, lead=city)
    if request.method == "POST":
        _demand(request, region)
        if form.is_valid():
            data = form.cleaned_data
            try:
                done = assign_indicator(
                    indicator,
                    data["agency"],
                    data["part"],
                    by=request.user,
                    keep=data.get("keep", True),
                )
            except RefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{done} pertanyaan berubah untuk {data['agency']}.")
                return redirect(stay(request, region, "assignments_indicator", code))
    lines = {
        each.pk: Line(each, stay(request, region, "assignments_question", each.code))
        for each in questions
    }
    for each in (
        Assignment.objects.filter(region=region, question__indicator=indicator)
        .select_related("agency")
        .order_by(Lower("agency__name"))
    ):
        _count(lines[each.question_id], each)
    context = {
        "region": region,
        "indicator": indicator,
        "lines": list(lines.values()),
        "form": form,
        "may_assign": request.user.has_perm("agencies.change_assignment", region),
        "back": stay(request, region, "assignments"),
    }
    return render(request, "agencies/indicator.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def assignments_question(request: Request, code: str) -> HttpResponse:
    """One question: who leads, who supports, and a form to change it."""
    region, instrument = _place(request)
    question = get_object_or_404(instrument.questions.select_related("indicator"), code=code)
    form = AssignForm(_posted(request), agencies=_offices(region), lead=not question.is_area)
    if request.method == "POST":
        _demand(request, region)
        if form.is_valid():
            data = form.cleaned_data
            try:
                assign(
                    question,
                    data["agency"],
                    data["part"],
                    by=request.user,
                    keep=data.get("keep", True),
                )
            except RefusedError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"Tersimpan: {data['agency']}.")
                return redirect(stay(request, region, "assignments_question", code))
    standing = (
        Assignment.objects.filter(region=region, question=question)
        .select_related("agency")
        .order_by("role", Lower("agency__name"))
    )
    context = {
        "region": region,
        "question": question,
        "standing": standing,
        "form": form,
        "may_assign": request.user.has_perm("agencies.change_assignment", region),
        "back": stay(request, region, "assignments_indicator", question.indicator.code),
        "unassign_href": stay(request, region, "assignments_unassign", code),
    }
    return render(request, "agencies/question.html", context, status=422 if form.errors else 200)


@require_POST
def assignments_unassign(request: Request, code: str) -> HttpResponse:
    """Take a supporting agency away from one question."""
    region, instrument = _place(request)
    question = get_object_or_404(instrument.questions, code=code)
    _demand(request, region)
    office = get_object_or_404(
        Agency.objects.visible_to(request.user), region=region, code=request.POST.get("agency", "")
    )
    try:
        unassign(question, office, by=request.user)
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{office} tidak lagi mendukung pertanyaan {code}.")
    return redirect(stay(request, region, "assignments_question", code))


def _posted(request: Request) -> QueryDict | None:
    """What was sent: an empty POST is wrong, not a look at the page."""
    return request.POST if request.method == "POST" else None


def _demand(request: Request, region: Region) -> None:
    """Before a form tells what is wrong with it: may this user change anything here?"""
    if not request.user.has_perm("agencies.change_assignment", region):
        raise PermissionDenied
