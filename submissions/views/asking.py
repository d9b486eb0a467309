"""Requests from the lead of a question to an office that supports it, and what they say to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import Agency, AssignmentRole
from submissions.actions import asking
from submissions.actions.answering import PERMISSION, for_answering
from submissions.actions.helping import take_over
from submissions.actions.record import RefusedError, StaleError
from submissions.forms.asking import AskForm, ReplyForm
from submissions.models import (
    Assessment,
    HelpRequest,
    RequestState,
    Response,
)
from submissions.views import work_page

TAKE = re.compile(r"([0-9]{1,18})-([0-9]{1,9})-([0-9]{1,9})")  # support, its version, the lead's


@require_http_methods(["GET", "POST"])
def work_requests(request: Request, pk: int, response: int) -> HttpResponse:
    """What the lead of this answer asked of its supports; POST asks for one thing more."""
    answer = work_page.fetch_answer(request.user, pk, response)
    if answer.role != AssignmentRole.LEAD:
        raise Http404
    may = request.user.has_perm(PERMISSION, answer.submission)
    supports = offices_of(answer)
    form = AskForm(request.POST if request.method == "POST" else None, supports=supports)
    told = ""
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
                told = f"Diminta dari {made.agency}."
                if not request.htmx:
                    messages.success(request, told)
                    return redirect("work_requests", pk, response)
                form = AskForm(None, supports=supports)
    open_year = answer.submission.assessment.closed_at is None
    context = {
        "answer": answer,
        "form": form if may and open_year and supports else None,
        "requests": HelpRequest.objects.for_reading().filter(response=answer),
        "may": may and open_year,
        "told": told,
    }
    template = "submissions/work_requests.html"
    if request.htmx:
        template += "#permintaan"
    return _page(request, template, answer, context, form)


@require_http_methods(["GET", "POST"])
def help_request(request: Request, pk: int) -> HttpResponse:
    """One request, as both offices see it; POST `jawaban` of who was asked, or of the lead
    `tarik` or `ambil`: what the support gave, with `versi` of the lead's answer.
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
        if request.POST.keys() & {"tarik", "ambil"}:
            return _lead_does(request, asked)
        try:
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
        "take": _takeable(request, asked),
        "version": asked.response.version,
        "seen_lead": request.user.agency_id == lead.agency_id
        or request.user.has_perm("agencies.view_agency", lead),
    }
    return _page(request, "submissions/help_request.html", asked.response, context, form)


def _lead_does(request: Request, asked: HelpRequest) -> HttpResponse:
    """Take the request back, or take over what came; on to where that is seen."""
    lead = asked.response.submission
    try:
        if "tarik" in request.POST:
            asking.take_back(asked, by=request.user, now=timezone.now())
            messages.success(request, "Permintaan ditarik kembali.")
            return redirect("work_requests", lead.pk, asked.response_id)
        _take(request, asked)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("help_request", asked.pk)
    return redirect(f"{reverse('work_form', args=[lead.pk])}#q-{asked.response_id}")


def _takeable(request: Request, asked: HelpRequest) -> str:
    """What the office that was asked gave and is not in the lead's answer yet, as `take_over` wants
    it: its answer and the version of it. Empty where there is nothing, or not for this reader.
    """
    lead = asked.response.submission
    if not request.user.has_perm(PERMISSION, lead):
        return ""
    lead_answer = Response.objects.filter(pk=asked.response_id)
    [answer] = for_answering(lead_answer.with_evidence_flag())
    [card] = work_page.cards_of(request.user, answer.submission, [answer])
    if not card.editable:
        return ""
    given = asking.supports_of(answer).filter(submission__agency=asked.agency_id)
    mine = {str(pk) for pk in given.values_list("pk", flat=True)}
    takes = [each.take for each in card.helps if each.take.partition("-")[0] in mine]
    return next(iter(takes), "")


def _take(request: Request, asked: HelpRequest) -> None:
    """Take over what the page showed; RefusedError, with a sentence, where it has moved on."""
    shown = TAKE.fullmatch(f"{request.POST['ambil']}-{request.POST.get('versi', '')}")
    if shown is None:
        raise RefusedError("Pilih dahulu yang diambil.")
    support, seen, version = (int(each) for each in shown.groups())
    [answer] = for_answering(Response.objects.filter(pk=asked.response_id))
    try:
        came = take_over(
            answer, support=support, seen=seen, version=version, by=request.user, now=timezone.now()
        )
    except StaleError as stale:
        raise RefusedError(
            "Jawaban Anda baru saja diubah, jadi belum ada yang diambil. Muat ulang, lalu ambil."
        ) from stale
    messages.success(
        request, f"Diambil dari {asked.agency}." if came else "Semuanya sudah ada pada jawaban ini."
    )


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
    today: date

    @property
    def said(self) -> str:
        """How many wait for this office, and how many of them are late."""
        waiting, late = len(self.to_us), sum(each.due_on < self.today for each in self.to_us)
        return f"{waiting} menunggu jawaban" + (f", {late} lewat tenggat" if late else "")


# What a line of the list says of a request.
TOLD = (
    *("response", "agency__name", "what", "due_on", "state", "reply"),
    *("response__question__code", "response__submission__agency__name"),
)


def standing(agency: Agency | None, assessment: Assessment | None, today: date) -> Standing:
    """One query."""
    if agency is None or assessment is None:
        return Standing([], [], [], today)
    every = HelpRequest.objects.filter(
        Q(agency=agency) | Q(response__submission__agency=agency), response__assessment=assessment
    )
    told = every.exclude(state=RequestState.WITHDRAWN).select_related(
        "agency", "response__question", "response__submission__agency"
    )
    found = sorted(told.only(*TOLD).order_by(), key=lambda each: (each.due_on, each.pk))
    mine = [each for each in found if each.agency_id == agency.pk]
    ours = [each for each in found if each.agency_id != agency.pk]
    return Standing(
        [each for each in mine if each.is_open],
        [each for each in mine if not each.is_open],
        sorted(ours, key=lambda each: (not each.is_open, each.due_on)),
        today,
    )
