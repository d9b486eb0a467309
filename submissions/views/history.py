"""The history of one answer: who changed what when, and the way back to what it was."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from indicators.wording import NOTHING
from submissions.actions import answering
from submissions.actions.record import RefusedError, StaleError
from submissions.forms.answering import BringBackForm
from submissions.models import Event, EventQuerySet, Response, Verb
from submissions.views import work_page
from submissions.wording import answer_text, request_text
from submissions.workflow import VERDICT_LABELS, Verdict

PAGE = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One event as people read it; `back` where the answer before it can be brought back."""

    event: Event
    what: str
    behalf: str
    changes: list[tuple[str, str, str]]  # name, before, after
    back: bool


@require_http_methods(["GET", "POST"])
def work_history(request: Request, pk: int, response: int) -> HttpResponse:
    """GET the history; POST `kejadian` and `versi`: the answer as it was before that event."""
    answer = work_page.fetch_answer(request.user, pk, response)
    if request.method == "GET":
        return _page(request, answer)
    work_page.require_answering(request.user, answer.submission)
    form = BringBackForm(request.POST)
    if not form.is_valid():
        return _page(request, answer, ["Pilih satu kejadian dari riwayat di bawah."])
    event = get_object_or_404(_events(request, answer), pk=form.cleaned_data["kejadian"])
    try:
        answering.bring_back(
            answer,
            event,
            version=form.cleaned_data["versi"],
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as error:
        return _page(request, answer, [str(error)])
    except StaleError:
        fresh = work_page.fetch_answer(request.user, pk, response)
        return _page(
            request, fresh, ["Jawaban ini baru saja berubah. Periksa riwayatnya, lalu pilih lagi."]
        )
    messages.success(request, f"Jawaban {answer.question.code} kembali seperti sebelumnya.")
    return redirect(f"{reverse('work_form', args=[pk])}#q-{response}")


def _events(request: Request, answer: Response) -> EventQuerySet:
    return Event.objects.visible_to(request.user).filter(response=answer)


def _page(request: Request, answer: Response, refusals: list[str] | None = None) -> HttpResponse:
    found = _events(request, answer).select_related("by").order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    editable = (
        request.user.has_perm(answering.PERMISSION, answer.submission)
        and answer.is_editable
        and answer.submission.assessment.closed_at is None
    )
    context = {
        "answer": answer,
        "now_text": answer_text(answer.question.rubric.scale, answer.value),
        "turns": [_turn(answer, each, editable=editable) for each in page.object_list],
        "page": page,
        "editable": editable,
        "refusals": refusals or [],
        "is_example": answer.submission.assessment.is_example,
    }
    status = 422 if refusals else 200
    return render(request, "submissions/work_history.html", context, status=status)


def _turn(answer: Response, event: Event, *, editable: bool) -> Turn:
    what = event.get_verb_display()
    behalf = event.behalf_text(answer.submission.agency)
    origin = event.data.get("origin") or {}
    if origin.get("brought_back"):
        what = "mengembalikan jawaban terdahulu"
    elif origin.get("year"):
        what = f"{what}, dibawa dari {origin['year']}"
    changes: list[tuple[str, str, str]] = []
    before, after = event.data.get("from"), event.data.get("to")
    is_answer = event.verb == Verb.ANSWER and isinstance(before, dict) and isinstance(after, dict)
    if is_answer:
        scale = answer.question.rubric.scale
        pairs = [
            (
                "Jawaban",
                answer_text(scale, before.get("value")),
                answer_text(scale, after.get("value")),
            ),
            ("Catatan", before.get("note") or NOTHING, after.get("note") or NOTHING),
        ]
        changes = [each for each in pairs if each[1] != each[2]]
        same = (before.get("value") or None, before.get("note") or "") == (
            answer.value or None,
            answer.note,
        )
        return Turn(event, what, behalf, changes, back=editable and not same)
    if event.verb == Verb.REVIEW:
        verdict = str(event.data.get("verdict") or "")
        label = VERDICT_LABELS[Verdict(verdict)].lower() if verdict else ""
        what = f"memeriksa: {label}" if label else "membatalkan hasil pemeriksaan"
    if event.verb == Verb.REQUEST:
        what = request_text(event.data)
    name = event.data.get("name")
    if isinstance(name, str):
        what = f"{what}: {name}"
    return Turn(event, what, behalf, changes, back=False)
