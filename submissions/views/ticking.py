"""A question that draws on a register: the office's rows that fit, and the ticks on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import User
from submissions.actions import evidence as files
from submissions.actions import ticking as verbs
from submissions.actions.answering import PERMISSION
from submissions.actions.record import RefusedError
from submissions.forms.cells import columns_of
from submissions.models import Evidence, RegisterRow, Response, ResponseRow, RowEvidence
from submissions.views import register_page, work_page

PAGE = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A row to tick, and the other questions of the year for which it counts. Of another office's
    row `documents` (name, address) are open once it is ticked.
    """

    line: register_page.Line
    ticked: bool
    elsewhere: str
    giver: str
    documents: tuple[tuple[str, str], ...] = ()


@require_http_methods(["GET", "POST"])
def work_rows(request: Request, pk: int, response: int) -> HttpResponse:
    """GET the rows that fit; POST the ticks, and with `lampirkan` the evidence of those ticked."""
    answer = work_page.fetch_answer(request.user, pk, response)
    if answer.question.register is None:
        raise Http404
    if request.method == "GET":
        return _page(request, answer)
    work_page.require_answering(request.user, answer.submission)
    now = timezone.now()
    try:
        verbs.tick_rows(
            answer,
            wanted=_numbers(request, "baris"),
            shown=_numbers(request, "tampil"),
            by=request.user,
            now=now,
        )
        said = "Pilihan baris tersimpan."
        if "lampirkan" in request.POST:
            for each in _proofs_of_ticked(answer):
                files.attach_existing(answer, evidence=each, by=request.user, now=now)
            said = "Pilihan tersimpan; data dukung baris yang dicentang terlampir pada jawaban."
    except RefusedError as error:
        return _page(request, answer, [str(error)])
    messages.success(request, said)
    return redirect(request.get_full_path())


def _numbers(request: Request, name: str) -> set[int]:
    given = request.POST.getlist(name)
    return {int(each) for each in given if each.isascii() and each.isdecimal() and len(each) < 19}


def _proofs_of_ticked(answer: Response) -> list[Evidence]:
    """What proves the rows that count: the office's own, and of partners what is not restricted."""
    found = Evidence.objects.whole().of_rows(response=answer.pk)
    own = Q(agency=answer.submission.agency_id)
    return list(found.filter(own | Q(restricted=False)).distinct().order_by("pk"))


def _documents(user: User, rows: list[RegisterRow]) -> dict[int, list[tuple[str, str]]]:
    """By row, what the user may open of its evidence. One query."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    seen = Evidence.objects.visible_to(user).order_by().values("pk")
    live = RowEvidence.objects.filter(row__in=rows, removed_at__isnull=True, evidence__in=seen)
    for link in live.select_related("evidence").order_by("pk"):
        address = link.evidence.url or reverse("evidence", args=[link.evidence_id])
        found[link.row_id].append((link.evidence.name, address))
    return found


def _page(request: Request, answer: Response, refusals: list[str] | None = None) -> HttpResponse:
    register = answer.question.register
    if register is None:
        raise Http404
    columns = columns_of(register)
    fitting = register_page.with_proofs(verbs.fitting(answer))
    page = Paginator(fitting, PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    here, elsewhere = _counted(answer, rows)
    own = answer.submission.agency_id
    theirs = [each for each in rows if each.agency_id != own and each.pk in here]
    documents = _documents(request.user, theirs)
    counted = verbs.fitting(answer).filter(ticks__response=answer, ticks__removed_at__isnull=True)
    ticked = counted.count()
    proven = ticked - counted.without_evidence().count()
    scale = answer.question.rubric.scale
    level = verbs.suggested_level(scale, proven, ticked)
    context = {
        "answer": answer,
        "register": register,
        "columns": columns,
        "choices": [
            Choice(
                register_page.line_of(columns, each),
                each.pk in here,
                ", ".join(sorted(elsewhere[each.pk])),
                "" if each.agency_id == own else str(each.agency),
                tuple(documents[each.pk]),
            )
            for each in rows
        ],
        "page": page,
        "ticked": ticked,
        "proven": proven,
        "suggested": None if level is None else scale.levels[level].label,
        "editable": request.user.has_perm(PERMISSION, answer.submission)
        and answer.is_editable
        and answer.submission.assessment.closed_at is None,
        "own": own == request.user.agency_id,
        "refusals": refusals or [],
        "assessment": answer.submission.assessment,
        "is_example": answer.submission.assessment.is_example,
    }
    status = 422 if refusals else 200
    return render(request, "submissions/register_pick.html", context, status=status)


def _counted(
    answer: Response, rows: Sequence[RegisterRow]
) -> tuple[set[int], defaultdict[int, set[str]]]:
    """The rows that count for this answer, and the other questions of the year that each counts
    for. One query.
    """
    here: set[int] = set()
    elsewhere: defaultdict[int, set[str]] = defaultdict(set)
    for row, response, code in ResponseRow.objects.filter(
        row__in=[each.pk for each in rows],
        removed_at__isnull=True,
        response__assessment=answer.assessment_id,
    ).values_list("row", "response", "response__question__code"):
        if response == answer.pk:
            here.add(row)
        elif code != answer.question.code:
            elsewhere[row].add(code)
    return here, elsewhere
