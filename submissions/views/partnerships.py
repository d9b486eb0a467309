"""Partners: what each brought, and which questions of the year count it for how many points."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agencies.http import Request
from agencies.models import Agency, AssignmentRole, User
from agencies.roles import OWN_AGENCY_ONLY
from indicators.models import Question, Register
from submissions.forms.cells import Column, columns_of
from submissions.models import (
    PARTNERSHIP,
    Assessment,
    RegisterRow,
    RegisterRowQuerySet,
    Response,
    ResponseRow,
)
from submissions.views import register_page
from submissions.views.register_page import Desk

PAGE = 50


@dataclass(frozen=True, slots=True)
class Help:
    """One partnership, by what the partner did, and the questions that count it."""

    line: register_page.Line
    name: str
    questions: list[Question]

    @property
    def points(self) -> Decimal:
        return sum((each.max_points for each in self.questions), Decimal(0))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that draws on partnerships, and how many of those shown it counts."""

    question: Question
    counted: int


@dataclass(frozen=True, slots=True)
class Own:
    """An answer of the office that counts partnerships, and how many rows it counts."""

    response: Response
    counted: int


@require_GET
def partnerships(request: Request) -> HttpResponse:
    """An operator sees what the own office brought; the others what all partners of the region
    did. Never an answer: only that a question counts a row. `?tahun=` is the year that counts.
    """
    desk = _desk(request)
    years = _choose(request, desk)
    register = desk.registers().filter(code=PARTNERSHIP).first()
    rows = _rows(desk) if register else RegisterRow.objects.none()
    questions = Question.objects.filter(register__isnull=False, register=register)
    asking = {each.pk: each for each in questions.order_by("order")}
    counts: dict[int, set[int]] = defaultdict(set)
    for row, question in _ticks(desk, rows).values_list("row", "response__question"):
        if question in asking:
            counts[row].add(question)
    page = Paginator(_ordered(rows), PAGE).get_page(request.GET.get("page"))
    columns = columns_of(register) if register else []
    used = set().union(*counts.values()) if counts else set()
    is_office = request.user.role in OWN_AGENCY_ONLY
    context = {
        "desk": desk,
        "years": years,
        "current": f"?tahun={desk.assessment.year}" if desk.assessment else "",
        "is_office": is_office,
        "register": register,
        "page": page,
        "helps": [
            Help(
                register_page.line_of(columns, each),
                _deed(columns, each),
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
        "own_questions": _own_questions(desk),
        "leads": _leads(desk, register) if is_office else [],
        "silent": [] if is_office or not register else _silent(request.user, rows),
        "is_example": desk.assessment is not None and desk.assessment.is_example,
    }
    return render(request, "submissions/partnerships.html", context)


def _desk(request: Request) -> Desk:
    desk = register_page.desk_of(request)
    if request.user.role not in OWN_AGENCY_ONLY:
        desk.agency = None
    return desk


def _choose(request: Request, desk: Desk) -> list[dict[str, str]]:
    """Turn the desk to the year that is asked for; else to the newest open one that counts any of
    these partnerships, so that a year just opened does not hide what the last one counts. Returns
    the years to choose from.
    """
    found: dict[int, Assessment] = {}
    seen = Assessment.objects.visible_to(request.user).select_related("instrument")
    for each in seen.order_by("-year", "pk"):
        found.setdefault(each.year, each)
    asked = request.GET.get("tahun", "")
    chosen = found.get(int(asked)) if re.fullmatch(r"[0-9]{4}", asked) else None
    if chosen is None and len(found) > 1:
        ticks = ResponseRow.objects.filter(
            row__in=_of_all_years(desk).order_by().values("pk"),
            removed_at__isnull=True,
            response__assessment__closed_at__isnull=True,
        )
        counting = set(ticks.order_by().values_list("response__assessment__year", flat=True))
        chosen = next((found[year] for year in found if year in counting), None)
    desk.assessment = chosen or desk.assessment or next(iter(found.values()), None)
    if desk.assessment is not None:
        desk.instrument = desk.assessment.instrument
    if len(found) < 2:
        return []
    return [{"label": str(year), "href": f"?tahun={year}"} for year in found]


def _of_all_years(desk: Desk) -> RegisterRowQuerySet:
    rows = desk.rows().live().filter(code=PARTNERSHIP)
    if desk.agency is None:
        rows = rows.filter(agency__in=Agency.objects.partners().order_by().values("pk"))
    return rows


def _rows(desk: Desk) -> RegisterRowQuerySet:
    rows = _of_all_years(desk)
    return rows if desk.data_year is None else rows.valid_in(desk.data_year)


def _ticks(desk: Desk, rows: RegisterRowQuerySet) -> QuerySet[ResponseRow]:
    return ResponseRow.objects.filter(
        row__in=rows.order_by().values("pk"),
        removed_at__isnull=True,
        response__assessment=desk.assessment,
    )


def _ordered(rows: RegisterRowQuerySet) -> RegisterRowQuerySet:
    return register_page.with_proofs(rows).order_by("agency__name", "pk")


def _deed(columns: Sequence[Column], row: RegisterRow) -> str:
    """What tells a row from the others of its partner: its words, without the partner's own name
    and what is chosen from a list.
    """
    said = (str(row.data.get(each.key) or "") for each in columns if each.type == "text")
    found = [each for each in said if each and each != row.agency.name]
    return " · ".join(found[:2])[:120] or "tanpa isi"


def _own_questions(desk: Desk) -> int:
    """How many answers of this year the partner owes itself."""
    agency = desk.agency
    if agency is None or not agency.is_partner or desk.assessment is None:
        return 0
    found = Response.objects.filter(assessment=desk.assessment, submission__agency=agency)
    return int(found.aggregate(count=Count("pk"))["count"])


def _leads(desk: Desk, register: Register | None) -> list[Own]:
    """The answers for which the office chooses among its own and the partners' rows, each with how
    many it counts.
    """
    if desk.agency is None or desk.assessment is None or register is None:
        return []
    live = Count("row_ticks", filter=Q(row_ticks__removed_at__isnull=True))
    mine = Response.objects.filter(
        assessment=desk.assessment,
        submission__agency=desk.agency,
        role=AssignmentRole.LEAD,
        question__register=register,
    ).select_related("question")
    found = mine.annotate(counted=live).order_by("question__order")
    return [Own(each, getattr(each, "counted", 0)) for each in found]


def _silent(user: User, rows: RegisterRowQuerySet) -> list[str]:
    """Partners of the region that have not recorded anything that holds in this year."""
    theirs = rows.order_by().values("agency")
    quiet = Agency.objects.visible_to(user).active().partners().exclude(pk__in=theirs)
    return list(quiet.order_by("name").values_list("name", flat=True))
