"""The history of one answer: who changed what when, and the way back to what it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

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
from submissions.models import Event, EventQuerySet, Response, Verb, hide_restricted
from submissions.views import work_page
from submissions.wording import answer_text, request_text
from submissions.workflow import VERDICT_LABELS, Verdict

PAGE = 50
PAUSE = timedelta(minutes=5)  # who types on within it is still at the same change


@dataclass(frozen=True, slots=True)
class Turn:
    """One event as people read it; `back` where the answer before it can be brought back."""

    event: Event
    what: str
    behalf: str
    changes: list[tuple[str, str, str]]  # name, before, after
    back: bool
    parts: list[Turn] = field(default_factory=list)  # newest first, where several are one

    @property
    def first(self) -> Event:
        """The event before which the answer was what `changes` begin with."""
        return self.parts[-1].event if self.parts else self.event


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
    messages.success(request, f"Nilai terdahulu {answer.question.code} dipakai lagi.")
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
        "turns": _turns(answer, hide_restricted(page.object_list, request.user), editable=editable),
        "page": page,
        "editable": editable,
        "refusals": refusals or [],
        "is_example": answer.submission.assessment.is_example,
    }
    status = 422 if refusals else 200
    return render(request, "submissions/work_history.html", context, status=status)


def _turns(answer: Response, events: Iterable[Event], *, editable: bool) -> list[Turn]:
    """Newest first. What one person typed without a long pause is one turn with its parts: from
    what was before the first to what the last left.
    """
    runs: list[list[Event]] = []
    for event in events:
        if runs and _goes_on(event, runs[-1][-1]):
            runs[-1].append(event)
        else:
            runs.append([event])
    return [_run(answer, each, editable=editable) for each in runs]


def _goes_on(event: Event, later: Event) -> bool:
    """Whether `later` is the same person typing on after `event`; not what was brought from
    elsewhere.
    """
    return (
        event.verb == later.verb == Verb.ANSWER
        and event.by_id is not None
        and (event.by_id, event.on_behalf) == (later.by_id, later.on_behalf)
        and not (event.data.get("origin") or later.data.get("origin"))
        and timedelta(0) <= later.at - event.at <= PAUSE
    )


def _run(answer: Response, events: list[Event], *, editable: bool) -> Turn:
    parts = [_turn(answer, each, editable=editable) for each in events]
    newest, oldest = parts[0], parts[-1]
    if len(parts) == 1:
        return newest
    after, before = newest.event.data.get("to"), oldest.event.data.get("from")
    changes = _changes(answer, before, after)
    back = oldest.back if changes else False
    what = f"{newest.what}, {len(parts)} simpanan"
    return Turn(newest.event, what, newest.behalf, changes, back=back, parts=parts)


def _changes(answer: Response, before: object, after: object) -> list[tuple[str, str, str]]:
    """What differs between two states of an answer, as people read it."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    scale = answer.question.rubric.scale
    pairs = [
        (
            "Jawaban",
            answer_text(scale, before.get("value")),
            answer_text(scale, after.get("value")),
        ),
        ("Catatan", before.get("note") or NOTHING, after.get("note") or NOTHING),
    ]
    return [each for each in pairs if each[1] != each[2]]


def _turn(answer: Response, event: Event, *, editable: bool) -> Turn:
    what = event.get_verb_display()
    behalf = event.behalf_text(answer.submission.agency)
    origin = event.data.get("origin") or {}
    if origin.get("brought_back"):
        what = "memakai lagi nilai terdahulu"
    elif origin.get("year"):
        what = f"{what}, dibawa dari {origin['year']}"
    before, after = event.data.get("from"), event.data.get("to")
    is_answer = event.verb == Verb.ANSWER and isinstance(before, dict) and isinstance(after, dict)
    if is_answer:
        same = (before.get("value") or None, before.get("note") or "") == (
            answer.value or None,
            answer.note,
        )
        changes = _changes(answer, before, after)
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
    return Turn(event, what, behalf, [], back=False)
