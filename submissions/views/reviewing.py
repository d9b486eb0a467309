"""The verifikator's pages: the queue, one submission with its evidence, its end, and due dates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from indicators import wording
from submissions import filters
from submissions.actions import reviewing
from submissions.actions.record import RefusedError, StaleError
from submissions.forms.reviewing import (
    DecisionForm,
    DraftForm,
    FinishForm,
    ReopenForm,
    SeenForm,
)
from submissions.models import Assessment, Response, ReviewDraft, Submission
from submissions.views import review_page
from submissions.views.review_page import Sheet
from submissions.workflow import STATE_LABELS, State, Verdict

PAGE = 50
YEARS = 10


def _fetch(request: Request, pk: int) -> Submission:
    """The submission, if it is there for the user (else 404) and theirs to verify (else 403)."""
    submission = get_object_or_404(Submission.objects.visible_to(request.user).for_work(), pk=pk)
    if not request.user.has_perm(reviewing.PERMISSION, submission):
        raise PermissionDenied
    return submission


def _only_verifikator(request: Request) -> None:
    if not request.user.has_perm(reviewing.PERMISSION):
        raise PermissionDenied


def _whole(text: str | None) -> int | None:
    """A number out of an address; anything else is as if it were not there."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


# --- the queue -----------------------------------------------------------------------------------


@require_GET
def queue(request: Request) -> HttpResponse:
    _only_verifikator(request)
    found = filters.queue_of(request.user, request.GET.dict())
    if found is None:
        closed = Assessment.objects.visible_to(request.user).filter(closed_at__isnull=False)
        years = closed.order_by("-year").values_list("year", flat=True).distinct()
        shown = {"assessment": None, "closed_years": list(years[:YEARS])}
        return render(request, "submissions/review_queue.html", shown)
    counts = found.counts()
    paginator = Paginator(found.rows.values_list("pk", flat=True), PAGE)
    paginator.count = counts[found.state]
    keys = paginator.get_page(request.GET.get("page"))
    narrowed = {name: request.GET.get(name) or "" for name in filters.KEPT}
    return render(
        request,
        "submissions/review_queue.html",
        {
            "assessment": found.assessment,
            "open_years": found.open_years,
            "is_example": found.assessment.is_example,
            "selects": [
                (name, label, empty, found.choices(name), narrowed[name])
                for name, label, empty in filters.SELECTS
            ],
            "words": narrowed["kata"],
            "filtered": any(narrowed[name] for name in filters.NARROWING),
            "query": found.query,
            "state": found.state,
            "tabs": _tabs(found, narrowed, counts),
            "total": counts[filters.EVERYTHING],
            "page": keys,
            "rows": filters.rows_of(list(keys.object_list)),
            "today": timezone.localdate(),
        },
    )


def _tabs(
    found: filters.Queue, narrowed: dict[str, str], counts: dict[str, int]
) -> list[dict[str, Any]]:
    """The states as sections of the queue, each with its count and the other filters kept."""
    words = [(word, label) for word, label, _ in filters.TABS]
    return [
        {
            "label": label,
            "href": f"?{filters.address({**narrowed, 'keadaan': word})}",
            "count": counts[word],
            "current": word == found.state,
        }
        for word, label in [*words, (filters.EVERYTHING, "Semua")]
    ]


# --- one submission ------------------------------------------------------------------------------


def _sheet(request: Request, pk: int, chosen: int | None = None) -> Sheet:
    submission = _fetch(request, pk)
    return Sheet(submission, filters.queue_of(request.user, request.GET.dict()), chosen)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk, _whole(request.GET.get("jawaban")))
    if request.method == "POST":
        return _decide(request, sheet)
    return _page(request, sheet)


def _page(
    request: Request,
    sheet: Sheet,
    *,
    form: DecisionForm | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page at one answer. After a conflict it shows what stands now, and what was typed."""
    response = sheet.current
    place = sheet.queue.place(sheet.submission.pk) if sheet.queue else None
    shared = {
        "sheet": sheet,
        "submission": sheet.submission,
        "assessment": sheet.submission.assessment,
        "is_example": sheet.submission.assessment.is_example,
        "query": sheet.query,
        "place": place,
        "waiting": sheet.stands(State.SUBMITTED),
        "accepted": sheet.stands(State.ACCEPTED),
        "state_label": STATE_LABELS[State(sheet.submission.state)],
        "conflict": conflict,
    }
    if response is None:
        return render(request, "submissions/review_page.html", shared, status=status)
    bukti = _whole(request.GET.get("bukti"))
    shown = review_page.context(sheet, response, reader=request.user, bukti=bukti)
    chosen = _chosen(response, shown, form)
    skip = sheet.next_waiting(response)
    shared |= shown | {
        "form": form or DecisionForm(initial=_initial(response, shown)),
        "chosen": chosen,
        "draft_text": _draft_text(shown["draft"]),
        "draft_state": "saved",
        "skip": sheet.address(skip) if skip is not None else "",
        "above": sheet.beside(-1),
        "below": sheet.beside(1),
    }
    return render(request, "submissions/review_page.html", shared, status=status)


def _initial(response: Response, shown: dict[str, Any]) -> dict[str, Any]:
    """What the form begins with: what was seen, and the draft if there is one."""
    draft = shown["draft"]
    return {
        "jawaban": response.pk,
        "versi": response.version,
        "terakhir": response.last_review_id,
        "putusan": response.verdict,
        "catatan": draft.note if draft is not None else "",
        "tanpa_bukti": response.unproven_reason,
    }


def _chosen(response: Response, shown: dict[str, Any], form: DecisionForm | None) -> int | None:
    """The level that is marked: what was typed, the draft's, the verdict's, or the claim."""
    if form is not None:
        return _whole(form.data.get("tingkat"))
    draft = shown["draft"]
    if draft is not None and draft.level is not None:
        return int(draft.level)
    if response.verdict == Verdict.ACCEPTED:
        return response.verified_level
    return response.claim_level


def _answer(sheet: Sheet, pk: int) -> Response | None:
    return next((each for each in sheet.responses if each.pk == pk), None)


def _decide(request: Request, sheet: Sheet) -> HttpResponse:
    form = DecisionForm(request.POST)
    response = _answer(sheet, _whole(request.POST.get("jawaban")) or 0)
    if response is None:
        return redirect(sheet.address(None))
    sheet.chosen = response.pk
    if not form.is_valid():
        return _page(request, sheet, form=form, status=422)
    given = form.cleaned_data
    try:
        said = reviewing.review(
            response,
            version=given["versi"],
            seen_review=given["terakhir"],
            seen_verdict=given["putusan"] if "putusan" in request.POST else None,
            verdict=given["hasil"],
            level=given["tingkat"],
            note=form.note(),
            unproven_reason=given["tanpa_bukti"],
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return _page(request, sheet, form=form, status=422)
    except StaleError as stale:
        return _conflict(request, sheet, form, stale)
    word = "diterima" if said.verdict == Verdict.ACCEPTED else "dikembalikan"
    messages.success(request, f"{response.question.code} {word}.")
    after = sheet.next_waiting(response)
    if after is not None:
        return redirect(sheet.address(after))
    return redirect(_address("review_finish", sheet))


def _address(name: str, sheet: Sheet) -> str:
    base = reverse(name, args=[sheet.submission.pk])
    return f"{base}?{sheet.query}" if sheet.query else base


def _conflict(
    request: Request, sheet: Sheet, form: DecisionForm, stale: StaleError
) -> HttpResponse:
    """Tell what came between and show it, with what was typed kept and what was seen renewed."""
    now = stale.current
    if not isinstance(now, Response):
        return redirect(sheet.address(None))
    fresh = Sheet(now.submission, sheet.queue, now.pk)
    data = dict(form.data.items())
    data |= {"versi": str(now.version), "terakhir": str(now.last_review_id or "")}
    data |= {"putusan": now.verdict}
    return _page(
        request,
        fresh,
        form=DecisionForm(data),
        conflict=_told(now, form.cleaned_data),
        status=409,
    )


def _told(now: Response, seen: dict[str, Any]) -> str:
    """What changed meanwhile and by whom, in a sentence."""
    state = State(now.submission.state)
    if state is not State.SUBMITTED:
        label = STATE_LABELS[state].lower()
        return f"Isian ini sudah berpindah menjadi {label} sementara Anda membaca."
    if now.version != seen["versi"]:
        return (
            f"Jawaban ini diubah {now.changed_by or 'perangkat daerah'}"
            f" pada {wording.waktu(now.changed_at)}. Periksa lagi yang baru."
        )
    last = now.last_review
    if last is not None and now.verdict != Verdict.NONE:
        word = "menerima" if last.verdict == Verdict.ACCEPTED else "mengembalikan"
        return f"{last.by} sudah {word} jawaban ini pada {wording.waktu(last.at)}."
    sent = now.submission.submitted_at
    if last is not None and sent is not None and sent > last.at:
        return (
            f"Isian ini dikembalikan dan diajukan lagi pada {wording.waktu(sent)}; data dukungnya "
            "mungkin baru. Periksa lagi."
        )
    return "Putusan atas jawaban ini dibatalkan sementara Anda membaca."


@require_POST
def draft(request: Request, pk: int) -> HttpResponse:
    """Keep the note that is being typed; answers with the line that says so."""
    submission = _fetch(request, pk)
    form = DraftForm(request.POST)
    saved: dict[str, Any] = {
        "draft_text": "Draf belum tersimpan: catatan terlalu panjang.",
        "draft_state": "failed",
    }
    if form.is_valid():
        given = form.cleaned_data
        response = get_object_or_404(
            reviewing.for_review(submission.responses.all()), pk=given["jawaban"]
        )
        saved = _save_draft(request, response, given)
    if request.htmx:
        return render(request, "submissions/review_page.html#draft_line", saved)
    return redirect("review", pk=pk)


def _save_draft(request: Request, response: Response, given: dict[str, Any]) -> dict[str, Any]:
    try:
        kept = reviewing.save_draft(
            response,
            seen_review=given["terakhir"],
            level=given["tingkat"],
            note=given["catatan"],
            by=request.user,
        )
    except StaleError:
        return {
            "draft_text": "Draf tidak disimpan: jawaban ini sudah diputuskan. Muat ulang halaman.",
            "draft_state": "failed",
        }
    except RefusedError as refused:
        return {"draft_text": f"Draf tidak disimpan. {refused}", "draft_state": "failed"}
    return {"draft_text": _draft_text(kept), "draft_state": "saved"}


def _draft_text(kept: ReviewDraft | None) -> str:
    return "" if kept is None else f"Draf tersimpan {wording.jam(kept.saved_at)} WIB"


@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    form = SeenForm(request.POST)
    response = _answer(sheet, _whole(request.POST.get("jawaban")) or 0)
    if response is None or not form.is_valid():
        return redirect(sheet.address(None))
    try:
        reviewing.unreview(
            response,
            seen_review=form.cleaned_data["terakhir"],
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, f"Putusan {response.question.code} dibatalkan.")
    except StaleError as stale:
        sentence = "Putusan tidak dibatalkan: jawaban atau putusannya sudah berubah."
        if isinstance(stale.current, Response):
            sentence = _told(stale.current, {"versi": response.version})
        messages.error(request, sentence)
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect(sheet.address(response))


@require_POST
def return_empty(request: Request, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    try:
        count = reviewing.return_empty(
            sheet.submission,
            expected=_whole(request.POST.get("jumlah")) or 0,
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, f"{count} jawaban kosong dikembalikan.")
    except StaleError:
        messages.error(
            request, "Tidak ada yang dikembalikan: isian ini berubah. Periksa jumlahnya lagi."
        )
    except RefusedError as refused:
        messages.error(request, str(refused))
    return redirect(sheet.address(None))


# --- the end of a review -------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: Request, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    today = timezone.localdate()
    initial = {
        "terakhir": reviewing.last_verdict(sheet.submission),
        "tenggat": reviewing.mend_date(sheet.submission, today),
    }
    form = FinishForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            done = _finish(request, sheet, form)
            if done is not None:
                return done
        status = 422
    returned = any(each.verdict == Verdict.RETURNED for each in sheet.responses)
    return render(
        request,
        "submissions/review_finish.html",
        {
            "sheet": sheet,
            "submission": sheet.submission,
            "assessment": sheet.submission.assessment,
            "is_example": sheet.submission.assessment.is_example,
            "query": sheet.query,
            "waiting": sheet.stands(State.SUBMITTED),
            "state_label": STATE_LABELS[State(sheet.submission.state)],
            "left": len(sheet.responses) - sheet.checked,
            "returned": returned,
            "form": form,
            "due_on": initial["tenggat"],
        },
        status=status,
    )


def _finish(request: Request, sheet: Sheet, form: FinishForm) -> HttpResponse | None:
    """End the review and go to the next in the queue; None if refused, the form says why."""
    place = sheet.queue.place(sheet.submission.pk) if sheet.queue else None
    try:
        state = reviewing.finish(
            sheet.submission,
            by=request.user,
            today=timezone.localdate(),
            now=timezone.now(),
            mend_until=form.cleaned_data["tenggat"],
            seen_review=form.cleaned_data["terakhir"],
        )
    except RefusedError as refused:
        form.add_error(None, str(refused))
        return None
    except StaleError:
        messages.error(
            request,
            "Belum dikirim: isian atau putusannya berubah sementara Anda membaca. Periksa lagi.",
        )
        return redirect(_address("review_finish", sheet))
    word = "diterima seluruhnya" if state == State.ACCEPTED else "dikembalikan"
    messages.success(
        request, f"{sheet.submission} {word}. Hasilnya sudah terlihat perangkat daerah."
    )
    after = place.after if place else None
    target = reverse("review", args=[after]) if after else reverse("review_queue")
    return redirect(f"{target}?{sheet.query}" if sheet.query else target)


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: Request, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    form = ReopenForm(request.POST or None, submission=sheet.submission)
    if request.method == "POST" and form.is_valid():
        try:
            reviewing.reopen(
                sheet.submission,
                responses=[each.pk for each in form.cleaned_data["jawaban"]],
                reason=form.cleaned_data["alasan"],
                by=request.user,
                today=timezone.localdate(),
                now=timezone.now(),
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        except StaleError:
            messages.error(request, "Isian ini tidak lagi diterima; mungkin sudah dibuka kembali.")
            return redirect(sheet.address(None))
        else:
            messages.success(request, f"{sheet.submission} dibuka kembali.")
            return redirect(sheet.address(None))
    return render(
        request,
        "submissions/review_reopen.html",
        {
            "sheet": sheet,
            "submission": sheet.submission,
            "assessment": sheet.submission.assessment,
            "is_example": sheet.submission.assessment.is_example,
            "query": sheet.query,
            "accepted": sheet.stands(State.ACCEPTED),
            "form": form,
            "due_on": reviewing.mend_date(sheet.submission, timezone.localdate()),
        },
        status=422 if form.is_bound else 200,
    )
