"""Evidence over HTTP: sent, taken over, taken away, and read again under rules of our own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from submissions.actions import evidence as verbs
from submissions.actions import restricting
from submissions.actions.pace import TooFastError
from submissions.actions.record import RefusedError
from submissions.actions.storing import CheckedFile
from submissions.forms import uploads
from submissions.forms.answering import LinkForm
from submissions.models import Evidence, EvidenceLink, Response, Scan
from submissions.views import work_page
from submissions.views.receiving import receive_files, too_fast

LATE = timedelta(minutes=10)  # a scanner that has not answered for so long is not there
INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})
# A stored file is nobody's page: nothing in it runs, loads or sends, wherever it is opened.
# Chromium shows a PDF in a frame under this policy all the same (tried).
BLANK = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 42 54"/>'
POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"


@require_GET
def evidence(request: Request, pk: int) -> HttpResponseBase:
    """The bytes, with the kind that we recorded; asked again each time whether one may see them."""
    found = get_object_or_404(
        Evidence.objects.reached_by(request.user).select_related("blob"), pk=pk
    )
    blob = found.blob
    if blob is None or not blob.file:
        raise Http404
    if found.is_held_from(request.user):
        return _held(request, found)
    etag = f'"{blob.sha256}"'
    save = "unduh" in request.GET or blob.content_type not in INLINE
    if found.restricted:
        restricting.opened(found, saved=save, by=request.user, now=timezone.now())
    cached = None if found.restricted else get_conditional_response(request, etag=etag)
    try:
        file = cached or blob.file.open("rb")
    except OSError:
        return render(request, "submissions/evidence_away.html", {"found": found}, status=503)
    response: HttpResponseBase = cached or FileResponse(
        file,
        as_attachment=save,
        filename=found.name,
        content_type=blob.content_type,
    )
    guarded = _guarded(response, etag)
    if found.restricted:  # asked for each time, so that each time is kept
        guarded.headers["Cache-Control"] = "private, no-store"
    return guarded


def _held(request: Request, found: Evidence) -> HttpResponse:
    """Why it cannot be opened now, and what to do."""
    context = {
        "name": found.name_for(request.user),
        "about": reverse("evidence_page", args=[found.pk]),
        "infected": found.scan == Scan.INFECTED,
        "late": found.created_at < timezone.now() - LATE,
        "own": found.created_by_id == request.user.pk,
    }
    reply = render(request, "submissions/evidence_held.html", context, status=423)
    reply.headers["Cache-Control"] = "no-store"
    return reply


@require_GET
def picture(request: Request, pk: int) -> HttpResponseBase:
    """A small (`?kecil`) or larger picture of an evidence; a blank sheet while there is none."""
    found = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk)
    # What is restricted is opened knowingly or not at all.
    if found.restricted or found.is_held_from(request.user):
        return _guarded(HttpResponse(BLANK, content_type="image/svg+xml"), '"terbatas"')
    drawn = found.thumb if "kecil" in request.GET else found.preview
    etag = f'"{drawn.name or "kosong"}"'
    if (cached := get_conditional_response(request, etag=etag)) is not None:
        return _guarded(cached, etag)
    try:
        file = drawn.open("rb") if drawn else None
    except OSError:  # it can be drawn again: no reason to fail
        file = None
    if file is None:
        return _guarded(HttpResponse(BLANK, content_type="image/svg+xml"), '"kosong"')
    return _guarded(FileResponse(file, content_type="image/webp"), etag)


def _guarded(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """With the headers of what somebody sent: it runs nowhere and is asked for again each time."""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Encoding"] = "identity"  # packed already; gzip would hide the length
    return response


@require_http_methods(["GET", "POST"])
def attach(request: Request, pk: int, response: int) -> HttpResponse:
    """Files (several), a link, or what was given before. A script sends one file at a time and gets
    the list back; without it a plain form comes back to its page.
    """
    answer = work_page.fetch_to_save(request.user, pk, response)
    if request.method == "GET":
        return listed(request, answer, []) if request.htmx else _page(request, answer, LinkForm())
    work_page.require_answering(request.user, answer.submission)
    form = LinkForm(request.POST if "tautan" in request.POST else None)
    if "tautan" in request.POST:
        refusals = _attach_link(request, answer, form)
    elif "ambil" in request.POST:
        refusals = _take(request, answer)
    else:
        try:
            refusals = _attach_files(request, answer)
        except TooFastError as error:
            return too_fast(error)
    if request.htmx:
        return listed(request, answer, refusals)
    if refusals or form.errors:
        return _page(request, answer, form, refusals)
    messages.success(request, "Data dukung tersimpan.")
    return redirect(request.path)


@require_POST
def detach(request: Request, pk: int, response: int, link: int) -> HttpResponse:
    answer = work_page.fetch_to_save(request.user, pk, response)
    work_page.require_answering(request.user, answer.submission)
    links = EvidenceLink.objects.select_related("evidence")
    found = get_object_or_404(links, pk=link, response=answer)
    found.response = answer
    refusals = []
    try:
        verbs.detach(found, by=request.user, now=timezone.now())
    except RefusedError as error:
        refusals.append(str(error))
    if request.htmx:
        return listed(request, answer, refusals)
    for sentence in refusals:
        messages.error(request, sentence)
    return redirect(reverse("work_attach", args=[pk, response]))


def _attach_files(request: Request, answer: Response) -> list[str]:
    def attach(upload: CheckedFile, now: datetime) -> None:
        verbs.attach_file(
            answer,
            upload=upload,
            by=request.user,
            now=now,
            restricted="terbatas" in request.POST,
        )

    return receive_files(request, attach)


def _attach_link(request: Request, answer: Response, form: LinkForm) -> list[str]:
    if not form.is_valid():
        return []
    try:
        verbs.attach_link(
            answer,
            url=form.cleaned_data["tautan"],
            name=form.cleaned_data["nama"],
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as error:
        return [str(error)]
    return []


def _take(request: Request, answer: Response) -> list[str]:
    """A choice that is not the user's to make is as if it were not there."""
    chosen = request.POST["ambil"]
    found = work_page.takeable(request.user, answer).filter(
        pk=int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0
    )
    there = found.first()
    if there is None:
        return ["Pilih salah satu data dukung dalam daftar."]
    try:
        verbs.attach_existing(answer, evidence=there, by=request.user, now=timezone.now())
    except RefusedError as error:
        return [str(error)]
    return []


def listed(request: Request, answer: Response, refusals: list[str]) -> HttpResponse:
    """The attachments of one answer as they are now, and what was refused."""
    shown = work_page.one_card if refusals else work_page.attached_card
    context = shown(request.user, answer) | {"refusals": refusals}
    status = 200 if not refusals else (413 if getattr(request, "too_big", None) else 422)
    return render(request, "submissions/work_form.html#bukti_kembali", context, status=status)


def _page(
    request: Request, answer: Response, form: LinkForm, refusals: list[str] | None = None
) -> HttpResponse:
    context = work_page.evidence_page(request.user, answer, request.GET.dict())
    context |= {"form": form, "refusals": refusals or [], "accept": uploads.ACCEPT}
    wrong = bool(refusals or form.errors)
    status = 200 if not wrong else (413 if getattr(request, "too_big", None) else 422)
    return render(request, "submissions/work_evidence.html", context, status=status)
