"""Who answers in a running year: the questions without anybody, and one question to arrange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from agencies.models import Agency, AssignmentRole
from indicators.models import AreaLevel, Question
from submissions.actions.arranging import add_to_year, move_in_year, take_from_year
from submissions.actions.record import RefusedError, StaleError
from submissions.forms.arranging import CHANGED, AddForm, MoveForm
from submissions.models import Assessment, Response, Submission
from submissions.workflow import STATE_LABELS, State

LEAD, SUPPORT, AREA = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.AREA
HANDED_IN = (State.SUBMITTED.value, State.ACCEPTED.value)


@dataclass(frozen=True, slots=True)
class Place:
    """The year that was asked for, and how its addresses are written for this user."""

    assessment: Assessment
    query: str

    def href(self, name: str, *args: object) -> str:
        return reverse(name, args=[*args]) + self.query

    def here(self, name: str, code: str) -> str:
        return self.href(name, self.assessment.year, code)


def _place(request: Request, year: int) -> Place:
    """The year of the user's region, or of `?wilayah=`; 404 for who does not see all agencies."""
    found = Assessment.objects.visible_to(request.user).filter(year=year)
    code = request.GET.get("wilayah", "")
    if code:
        found = found.filter(region__code=code)
    assessment = found.select_related("region", "instrument").order_by("region__name").first()
    if assessment is None or not request.user.has_perm("agencies.view_agency", assessment.region):
        raise Http404
    carried = {} if request.user.region_id else {"wilayah": assessment.region.code}
    return Place(assessment, f"?{urlencode(carried)}" if carried else "")


def _question(place: Place, code: str) -> Question:
    questions = place.assessment.instrument.questions.select_related("indicator")
    return get_object_or_404(questions, code=code)


def _may(request: Request, place: Place) -> bool:
    return request.user.has_perm("agencies.change_assignment", place.assessment.region)


def _demand(request: Request, place: Place) -> None:
    """Before a form tells what is wrong with it: may this user change anything here?"""
    if not _may(request, place):
        raise PermissionDenied


@require_GET
def arrange_list(request: Request, year: int) -> HttpResponse:
    """The questions of the year that nobody answers: no lead, or no area."""
    place = _place(request, year)
    given = Response.objects.filter(assessment=place.assessment)
    led = given.filter(role=LEAD).values("question")
    answered = given.filter(role=AREA).values("question")
    questions = (
        place.assessment.instrument.questions.exclude(
            Q(level=AreaLevel.KOTA, pk__in=led) | (~Q(level=AreaLevel.KOTA) & Q(pk__in=answered))
        )
        .select_related("indicator")
        .order_by("order")
    )
    context = {
        "assessment": place.assessment,
        "is_example": place.assessment.is_example,
        "rows": [(each, place.here("arrange", each.code)) for each in questions],
        "may": _may(request, place),
        "dashboard": place.href("dashboard", year),
        "matrix": place.href("matrix", year),
        "standing": place.href("assignments"),
    }
    return render(request, "submissions/arrange_list.html", context)


@dataclass(frozen=True, slots=True)
class Line:
    """One agency's part in the question."""

    response: Response
    state: str
    done: str
    tone: str
    key: str
    may_go: bool


def _line(response: Response) -> Line:
    given = bool(response.answered_at) or response.has_evidence  # type: ignore[attr-defined]
    done, tone = ("sudah mengisi", "info") if given else ("belum mengisi", "neutral")
    if response.verdict:
        done, tone = response.get_verdict_display().lower(), "info"
    free = not (given or response.note or response.value or response.last_review_id)
    return Line(
        response,
        STATE_LABELS[State(response.submission.state)],
        done,
        tone,
        f"{response.pk}-{response.submission_id}",
        free and response.role != AREA,
    )


def _lines(place: Place, question: Question) -> list[Line]:
    found = (
        Response.objects.filter(assessment=place.assessment, question=question)
        .with_evidence_flag()
        .select_related("submission__agency")
        .order_by("role", Lower("submission__agency__name"))
    )
    lines = [_line(each) for each in found]
    return sorted(lines, key=lambda line: line.response.role != LEAD)


class Page:
    """One question of the year with its two forms; the same page whichever of them was sent."""

    def __init__(self, request: Request, year: int, code: str, *, sent: str = "") -> None:
        self.request = request
        self.place = _place(request, year)
        self.question = _question(self.place, code)
        if sent:
            _demand(request, self.place)
        region = self.place.assessment.region
        self.lines = _lines(self.place, self.question)
        self.offices = {
            each.code: each
            for each in Agency.objects.filter(region=region).active().order_by(Lower("name"))
        }
        has_lead = any(line.response.role == LEAD for line in self.lines)
        first = AREA if self.question.is_area else LEAD
        parts = [SUPPORT.value] if has_lead else [first.value, SUPPORT.value]
        data = request.POST
        self.add = AddForm(
            data if sent == "add" else None, agencies=self.offices.values(), parts=parts
        )
        self.move = MoveForm(
            data if sent == "move" else None,
            agencies=self.offices.values(),
            held=[
                (line.key, f"{line.response.agency} ({line.response.get_role_display().lower()})")
                for line in self.lines
                if line.response.role != AREA
            ],
        )

    def back(self) -> HttpResponse:
        return redirect(self.place.here("arrange", self.question.code))

    def render(self) -> HttpResponse:
        place, code = self.place, self.question.code
        context: dict[str, Any] = {
            "assessment": place.assessment,
            "is_example": place.assessment.is_example,
            "question": self.question,
            "lines": self.lines,
            "unled": not any(line.response.role != SUPPORT for line in self.lines),
            "add": self.add,
            "move": self.move,
            "handed_in": self._handed_in(),
            "may": _may(self.request, place) and place.assessment.closed_at is None,
            "report": place.href("indicator_report", place.assessment.year, self._indicator),
            "list_href": place.href("arrange_list", place.assessment.year),
            "move_href": place.here("arrange_move", code),
            "take_href": place.here("arrange_take", code),
            "standing": place.href("assignments_question", code),
        }
        wrong = self.add.errors or self.move.errors
        return render(
            self.request, "submissions/arrange_question.html", context, status=422 if wrong else 200
        )

    @property
    def _indicator(self) -> str:
        return self.question.indicator.code

    def _handed_in(self) -> list[tuple[str, str]]:
        """Whose work on this indicator would open again, and how it stands."""
        found = Submission.objects.visible_to(self.request.user).filter(
            assessment=self.place.assessment,
            indicator=self.question.indicator_id,
            state__in=HANDED_IN,
        )
        if self.question.is_area:
            found = found.exclude(responses__question=self.question)
        return [
            (name, STATE_LABELS[State(state)].lower())
            for name, state in found.order_by(Lower("agency__name")).values_list(
                "agency__name", "state"
            )
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: Request, year: int, code: str) -> HttpResponse:
    """Who answers one question this year, and a form to add somebody."""
    page = Page(request, year, code, sent="add" if request.method == "POST" else "")
    if request.method == "POST" and page.add.is_valid():
        agency = page.offices[page.add.cleaned_data["perangkat"]]
        try:
            add_to_year(
                page.place.assessment,
                page.question,
                agency,
                AssignmentRole(page.add.cleaned_data["tugas"]),
                by=request.user,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except RefusedError as refused:
            page.add.add_error(None, str(refused))
        else:
            messages.success(request, f"{agency} kini ikut menjawab pertanyaan {code}.")
            return page.back()
    return page.render()


@require_POST
def arrange_move(request: Request, year: int, code: str) -> HttpResponse:
    """Give somebody's part in one question to another agency."""
    page = Page(request, year, code, sent="move")
    if page.move.is_valid():
        key = page.move.cleaned_data["dari"]
        response = next(line.response for line in page.lines if line.key == key)
        agency = page.offices[page.move.cleaned_data["ke"]]
        response.assessment, response.question = page.place.assessment, page.question
        try:
            move_in_year(
                response,
                agency,
                by=request.user,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except RefusedError as refused:
            page.move.add_error(None, str(refused))
        except StaleError:
            page.move.add_error(None, CHANGED)
        else:
            messages.success(request, f"Pertanyaan {code} dialihkan ke {agency}.")
            return page.back()
    return page.render()


@require_POST
def arrange_take(request: Request, year: int, code: str) -> HttpResponse:
    """Take somebody away who never gave anything."""
    page = Page(request, year, code, sent="take")
    line = next((each for each in page.lines if each.key == request.POST.get("dari")), None)
    if line is None:
        raise Http404
    response = line.response
    response.assessment, response.question = page.place.assessment, page.question
    try:
        take_from_year(response, by=request.user, now=timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.error(request, CHANGED)
    else:
        messages.success(request, f"{response.agency} dilepas dari pertanyaan {code}.")
    return page.back()
