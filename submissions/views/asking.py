"""Requests from the lead of a question to an office that supports it, and what they say to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import Agency, AssignmentRole
from submissions.actions import asking
from submissions.actions.answering import PERMISSION
from submissions.actions.record import RefusedError
from submissions.forms.asking import AskForm, ReplyForm
from submissions.models import (
    Assessment,
    HelpRequest,
    HelpRequestQuerySet,
    RequestState,
    Response,
)
from submissions.views import work_page


@require_http_methods(["GET", "POST"])
def work_requests(request: Request, pk: int, response: int) -> HttpResponse:
    """What the lead of this answer asked of its supports; POST asks for one thing more."""
    answer = work_page.fetch_answer(request.user, pk, response)
    if answer.role != AssignmentRole.LEAD:
        raise Http404
    may = request.user.has_perm(PERMISSION, answer.submission)
    supports = offices_of(answer)
    form = AskForm(request.POST if request.method == "POST" else None, supports=supports)
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        if form.is_valid():
            typed = form.cleaned_data
            try:
                made = asking.ask(
                    answer,
                    agency=next(each for each in supports if each.code == typed["dari"]),
                    what=typed["yang_diminta"],
                    due_on=typed["paling_lambat"],
                    by=request.user,
                    today=timezone.localdate(),
                    now=timezone.now(),
                )
            except RefusedError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"Diminta dari {made.agency}.")
                return redirect("work_requests", pk, response)
    open_year = answer.submission.assessment.closed_at is None
    context = {
        "answer": answer,
        "form": form if may and open_year and supports else None,
        "requests": HelpRequest.objects.for_reading().filter(response=answer),
        "may": may and open_year,
    }
    return _page(request, "submissions/work_requests.html", answer, context, form)


@require_http_methods(["GET", "POST"])
def help_request(request: Request, pk: int) -> HttpResponse:
    """One request, as both offices see it; POST `jawaban` of who was asked, or `tarik` of the
    lead.
    """
    asked = HelpRequest.objects.visible_to(request.user).for_reading().filter(pk=pk).first()
    if asked is None:
        raise Http404
    lead = asked.response.submission
    open_ = asked.is_open and lead.assessment.closed_at is None
    may_reply = open_ and request.user.has_perm(PERMISSION, asked)
    may_take_back = open_ and request.user.has_perm(PERMISSION, lead)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not any(request.user.has_perm(PERMISSION, each) for each in (asked, lead)):
            raise PermissionDenied
        try:
            if "tarik" in request.POST:
                asking.take_back(asked, by=request.user, now=timezone.now())
                messages.success(request, "Permintaan ditarik kembali.")
                return redirect("work_requests", lead.pk, asked.response_id)
            if form.is_valid():
                text = form.cleaned_data["jawaban"]
                asking.reply(asked, text=text, by=request.user, now=timezone.now())
                messages.success(request, f"Jawaban Anda sampai ke {lead.agency}.")
                return redirect("help_request", pk)
        except RefusedError as error:
            form.add_error(None, str(error))
    own = Response.objects.filter(
        assessment=lead.assessment_id,
        question=asked.response.question_id,
        submission__agency=asked.agency_id,
    )
    context = {
        "asked": asked,
        "form": form if may_reply or form.errors else None,
        "may_take_back": may_take_back,
        "own": own.visible_to(request.user).first(),
        "seen_lead": request.user.agency_id == lead.agency_id
        or request.user.has_perm("agencies.view_agency", lead),
    }
    return _page(request, "submissions/help_request.html", asked.response, context, form)


def _page(
    request: Request, template: str, answer: Response, context: dict[str, Any], form: Any
) -> HttpResponse:
    year = answer.submission.assessment
    context |= {"today": timezone.localdate(), "assessment": year, "is_example": year.is_example}
    return render(request, template, context, status=422 if form.errors else 200)


def offices_of(answer: Response) -> list[Agency]:
    """The offices that may be asked, by name. One query."""
    found = asking.supports_of(answer).select_related("submission__agency")
    return [each.submission.agency for each in found.order_by("submission__agency__name")]


@dataclass(frozen=True, slots=True)
class Standing:
    """The requests of one office in a year: to it, and its own to others. Open ones first, those
    that are late before; then what was answered.
    """

    to_us: list[HelpRequest]
    answered: list[HelpRequest]
    ours: list[HelpRequest]

    def late(self, today: date) -> int:
        return sum(each.due_on < today for each in self.to_us)


def standing(agency: Agency | None, assessment: Assessment | None) -> Standing:
    """One query."""
    if agency is None or assessment is None:
        return Standing([], [], [])
    every: HelpRequestQuerySet = HelpRequest.objects.for_reading().filter(
        response__assessment=assessment
    )
    of = every.filter(agency=agency) | every.filter(response__submission__agency=agency)
    found = list(of.exclude(state=RequestState.WITHDRAWN))
    mine = [each for each in found if each.agency_id == agency.pk]
    ours = [each for each in found if each.agency_id != agency.pk]
    return Standing(
        [each for each in mine if each.is_open],
        [each for each in mine if not each.is_open],
        sorted(ours, key=lambda each: (not each.is_open, each.due_on)),
    )
