"""Partners: what each brought, and which questions of the year count it for how many points."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agencies.http import Request
from agencies.models import Agency
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Question
from submissions.forms.cells import columns_of
from submissions.models import PARTNERSHIP, RegisterRow, RegisterRowQuerySet, Response, ResponseRow
from submissions.views import register_page
from submissions.views.register_page import Desk

PAGE = 50


@dataclass(frozen=True, slots=True)
class Help:
    """One partnership and the questions that count it."""

    line: register_page.Line
    questions: list[Question]

    @property
    def points(self) -> Decimal:
        return sum((each.max_points for each in self.questions), Decimal(0))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that draws on partnerships, and how many of those shown it counts."""

    question: Question
    counted: int


@require_GET
def partnerships(request: Request) -> HttpResponse:
    """An operator sees what the own office brought; the others what all partners of the region
    did. Never an answer: only that a question counts a row.
    """
    desk = _desk(request)
    register = desk.registers().filter(code=PARTNERSHIP).first()
    rows = _rows(request, desk) if register else RegisterRow.objects.none()
    ticks = ResponseRow.objects.filter(
        row__in=rows.order_by().values("pk"),
        removed_at__isnull=True,
        response__assessment=desk.assessment,
    )
    questions = Question.objects.filter(register__isnull=False, register=register)
    asking = {each.pk: each for each in questions.order_by("order")}
    counts: dict[int, set[int]] = defaultdict(set)
    for row, question in ticks.values_list("row", "response__question"):
        if question in asking:
            counts[row].add(question)
    page = Paginator(_ordered(rows), PAGE).get_page(request.GET.get("page"))
    columns = columns_of(register) if register else []
    used = set().union(*counts.values()) if counts else set()
    context = {
        "desk": desk,
        "is_office": request.user.role in OWN_AGENCY_ONLY,
        "register": register,
        "page": page,
        "helps": [
            Help(
                register_page.line_of(columns, each),
                [question for pk, question in asking.items() if pk in counts[each.pk]],
            )
            for each in page
        ],
        "asked": [
            Asked(question, sum(pk in mine for mine in counts.values()))
            for pk, question in asking.items()
        ],
        "counted": len([mine for mine in counts.values() if mine]),
        "points": sum((asking[pk].max_points for pk in used), Decimal(0)),
        "own_questions": _own_questions(request, desk),
        "is_example": desk.assessment is not None and desk.assessment.is_example,
    }
    return render(request, "submissions/partnerships.html", context)


def _desk(request: Request) -> Desk:
    desk = register_page.desk_of(request)
    if request.user.role not in OWN_AGENCY_ONLY:
        desk.agency = None
    return desk


def _rows(request: Request, desk: Desk) -> RegisterRowQuerySet:
    rows = desk.rows().live().filter(code=PARTNERSHIP)
    if desk.agency is None:
        rows = rows.filter(agency__in=Agency.objects.partners().order_by().values("pk"))
    if desk.data_year is not None:
        rows = rows.valid_in(desk.data_year)
    return rows


def _ordered(rows: RegisterRowQuerySet) -> RegisterRowQuerySet:
    return register_page.with_proofs(rows).order_by("agency__name", "pk")


def _own_questions(request: Request, desk: Desk) -> int:
    """How many answers of this year the partner owes itself."""
    agency = desk.agency
    if agency is None or not agency.is_partner or desk.assessment is None:
        return 0
    found = Response.objects.filter(assessment=desk.assessment, submission__agency=agency)
    return int(found.aggregate(count=Count("pk"))["count"])
