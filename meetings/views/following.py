"""What was decided and what becomes of it: writing a decision, the list, one follow-up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.http import Request
from agencies.roles import OWN_AGENCY_ONLY
from meetings.actions import deciding
from meetings.actions.record import RefusedError, StaleError
from meetings.forms import LATE, PENDING_ONLY, AnswerForm, DueForm, FollowUpFilter, NoteForm
from meetings.models import FollowUp, FollowUpQuerySet
from meetings.views.calling import STALE, decision_form, led_meeting
from meetings.workflow import ANSWER, CONFIRM, PENDING, TRANSITIONS, State, available
from submissions.models import Evidence, Response

PER_PAGE = 50
CHOSEN = 200


@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """Write a decision beside the others of its meeting."""
    meeting = led_meeting(request, pk)
    form = decision_form(meeting, request.POST)
    if not form.is_valid():
        context = {"form": form, "meeting": meeting, "is_example": meeting.assessment.is_example}
        return render(request, "meetings/decision.html", context, status=422)
    given = form.cleaned_data
    decision = deciding.Decision(
        given["keputusan"],
        given["kantor"],
        given["orang"],
        given["tenggat"],
        given["indikator"],
        given["soal"],
        given["jenis"],
    )
    try:
        made = deciding.decide(
            meeting, decision, token=given["tanda"], by=request.user, now=timezone.now()
        )
    except RefusedError as refused:  # closed meanwhile: what was typed stays to be copied
        form.add_error(None, str(refused))
        context = {"form": form, "meeting": meeting, "is_example": meeting.assessment.is_example}
        return render(request, "meetings/decision.html", context, status=422)
    slide = request.POST.get("slide", "")
    if slide.isdecimal() and len(slide) < 5:  # written on the wall: stay there
        return redirect(f"{reverse('meeting_present', args=[pk])}?slide={slide}#diputuskan")
    messages.success(request, f"Keputusan {made.number} dicatat untuk {made.agency}.")
    return redirect("meeting", pk)


@require_POST
def close(request: Request, pk: int) -> HttpResponse:
    """End the meeting and keep what it showed."""
    meeting = led_meeting(request, pk)
    try:
        deciding.close_meeting(meeting, by=request.user, now=timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.error(request, STALE)
    else:
        messages.success(request, "Rakor ditutup. Angka dan keputusannya tidak berubah lagi.")
    return redirect("meeting", pk)


@require_GET
def followups(request: Request) -> HttpResponse:
    """What is to be done, overdue first; the filter also shows what is done or cancelled."""
    today = timezone.localdate()
    is_office = request.user.role in OWN_AGENCY_ONLY
    seen = FollowUp.objects.visible_to(request.user)
    offices = [] if is_office else seen.by_office(today)
    form = FollowUpFilter(
        request.GET, agencies=[(each["agency__code"], each["agency__name"]) for each in offices]
    )
    chosen = form.chosen()
    found = _chosen(seen, chosen, today).select_related(
        "agency", "meeting__assessment", "indicator", "question"
    )
    pending = Case(When(state__in=[s.value for s in PENDING], then=Value(0)), default=Value(1))
    ordered = found.annotate(place=pending).order_by("place", "due_on", "pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "is_filtered": any(chosen.values()),
        "offices": [] if any(chosen.values()) else offices,
        "is_office": is_office,
        "is_example": any(each.meeting.assessment.is_example for each in page),
        "today": today,
    }
    return render(request, "meetings/followups.html", context)


def _chosen(seen: FollowUpQuerySet, chosen: dict[str, str], today: date) -> FollowUpQuerySet:
    state = chosen["keadaan"]
    if state == LATE:
        seen = seen.overdue(today)
    elif state == PENDING_ONLY:
        seen = seen.pending()
    elif state in {each.value for each in State}:
        seen = seen.filter(state=state)
    if chosen["jenis"]:
        seen = seen.filter(kind=chosen["jenis"])
    return seen.filter(agency__code=chosen["perangkat"]) if chosen.get("perangkat") else seen


def _seen(request: Request, pk: int) -> FollowUp:
    found = FollowUp.objects.visible_to(request.user)
    return get_object_or_404(
        found.select_related("agency", "meeting__assessment", "indicator", "question"), pk=pk
    )


def answer_form(found: FollowUp, data: QueryDict | None = None) -> AnswerForm:
    """What the office may point at: its own evidence, and its own answers of that year."""
    mine = Evidence.objects.whole().filter(agency=found.agency_id)
    evidence = mine.order_by("-created_at", "-pk")
    newest = evidence.values_list("pk", flat=True)[:CHOSEN]
    answers = Response.objects.filter(
        assessment=found.meeting.assessment_id, submission__agency=found.agency_id
    )
    return AnswerForm(
        data,
        evidence=Evidence.objects.filter(pk__in=list(newest)).order_by("name"),
        answers=answers.select_related("question", "submission__agency").order_by(
            "question__order"
        ),
    )


@require_GET
def followup(request: Request, pk: int) -> HttpResponse:
    """One follow-up: what was decided, what the office says, and what may happen next."""
    return _shown(request, _seen(request, pk))


def _shown(
    request: Request,
    found: FollowUp,
    bad: AnswerForm | None = None,
    bad_due: DueForm | None = None,
) -> HttpResponse:
    held = [each for each in (ANSWER, CONFIRM) if request.user.has_perm(each, found)]
    moves = available(found.state, held, answered=found.answered_at is not None)
    context = {
        "followup": found,
        "events": list(found.events.select_related("by", "evidence", "response__question")),
        "moves": {each.name: each for each in moves},
        "form": bad or answer_form(found),
        "note": NoteForm(),
        "due": bad_due or DueForm(initial={"tenggat": found.due_on, "semula": found.due_on}),
        "may_move_due": CONFIRM in held and found.is_pending,
        "is_example": found.meeting.assessment.is_example,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/followup.html", context, status=422 if bad or bad_due else 200)


@require_POST
def move(request: Request, pk: int, name: str) -> HttpResponse:
    """Make one move; an answer may point at evidence or at an answer of the office."""
    found = _seen(request, pk)
    step = TRANSITIONS.get(name)
    if step is None:
        raise Http404
    if not request.user.has_perm(step.permission, found):
        raise PermissionDenied
    pointed = {}
    if name == "answer":
        form = answer_form(found, request.POST)
        if not form.is_valid():
            return _shown(request, found, form)
        given = form.cleaned_data
        note = given["jawaban"]
        pointed = {"evidence": given["data_dukung"], "response": given["pertanyaan"]}
    else:
        note = request.POST.get("catatan", "")[:2000]
    newest = request.POST.get("terakhir", "")
    seen = int(newest) if newest.isascii() and newest.isdecimal() and len(newest) < 19 else None
    moment: dict[str, Any] = {"by": request.user, "now": timezone.now(), "seen": seen}
    try:
        deciding.move(found, name, note=note, **moment, **pointed)
    except RefusedError as refused:
        messages.error(request, str(refused))
    except StaleError:
        messages.error(request, "Belum ada yang diubah: keadaannya baru saja berganti. Periksa.")
    else:
        messages.success(request, f"{step.label}: tersimpan.")
    return redirect("followup", pk)


@require_POST
def change_due(request: Request, pk: int) -> HttpResponse:
    """Give it another due date, with the reason."""
    found = _seen(request, pk)
    if not request.user.has_perm(CONFIRM, found):
        raise PermissionDenied
    form = DueForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, bad_due=form)
    given = form.cleaned_data
    try:
        deciding.change_due(
            found,
            due_on=given["tenggat"],
            shown=given["semula"],
            reason=given["alasan"],
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as refused:
        form.add_error("tenggat", str(refused))
        return _shown(request, found, bad_due=form)
    except StaleError:
        messages.error(request, "Belum ada yang diubah: keadaannya baru saja berganti. Periksa.")
    else:
        messages.success(request, "Tenggat diubah.")
    return redirect("followup", pk)
