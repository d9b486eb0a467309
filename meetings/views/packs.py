"""The notes of a meeting, and its pack: asking for it, how far it is, taking its files along."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from agencies.http import Request
from meetings.actions.calling import write_notes
from meetings.actions.packing import ask_pack, may_pack
from meetings.actions.record import StaleError
from meetings.forms import NotesForm
from meetings.models import Meeting, Pack
from meetings.views.calling import led_meeting, meeting_seen
from meetings.views.tasks import XLSX
from submissions.views.sending import send_file

TYPES = {
    "pdf": "application/pdf",
    "xlsx": XLSX,
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
LONG = timedelta(minutes=3)


def packed_meeting(request: Request, pk: int) -> Meeting:
    """The meeting, for somebody who may take the year's figures along; else 404 or 403."""
    found = meeting_seen(request, pk)
    if not may_pack(request.user, found):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: Request, pk: int) -> HttpResponse:
    """What was said in the meeting, typed while it is open; of two who type nobody loses a word."""
    meeting = led_meeting(request, pk)
    if not meeting.is_called and request.method != "POST":
        raise Http404
    initial = {"catatan": meeting.notes, "lama": meeting.notes}
    form = NotesForm(request.POST if request.method == "POST" else None, initial=initial)
    other, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                write_notes(
                    meeting, given["catatan"], seen=given["lama"], by=request.user,
                    now=timezone.now(),
                )  # fmt: skip
            except StaleError:
                meeting.refresh_from_db()
                other = meeting.notes
                form = NotesForm({"catatan": given["catatan"], "lama": meeting.notes})
            else:
                messages.success(request, "Catatan rapat disimpan.")
                return redirect("meeting", pk)
    context = {"meeting": meeting, "form": form, "other": other if meeting.is_called else ""}
    context["is_example"] = meeting.assessment.is_example
    return render(request, "meetings/notes.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: Request, pk: int) -> HttpResponse:
    """The files that there are and the button for new ones; while they are made, how far one is."""
    meeting = packed_meeting(request, pk)
    if request.method == "POST":
        ask_pack(meeting, by=request.user, now=timezone.now())
        messages.success(
            request, "Berkas rakor sedang dibuat; Anda boleh meninggalkan halaman ini."
        )
        return redirect("meeting_pack", pk)
    now = timezone.now()
    mine = list(Pack.objects.visible_to(request.user).kept(now).filter(meeting=meeting))
    newest = mine[0] if mine else None
    ready = next((each for each in mine if each.is_ready), None)
    context = {
        "meeting": meeting,
        "newest": newest,
        "ready": ready,
        "count": len(Pack.KINDS),
        "is_slow": newest is not None and newest.is_unfinished and now - newest.asked_at > LONG,
        "is_outdated": bool(ready and not ready.is_final and not meeting.is_called),
        "is_example": meeting.assessment.is_example,
    }
    part = "#status" if request.htmx else ""
    return render(request, f"meetings/pack.html{part}", context)


@require_safe
def pack_file(request: Request, pk: int, number: int, kind: str) -> HttpResponseBase:
    """One file of a pack that the same person asked for, or the part that is still wanted."""
    meeting = packed_meeting(request, pk)
    mine = Pack.objects.visible_to(request.user).kept(timezone.now())
    found = get_object_or_404(mine, pk=number, meeting=meeting)
    if kind not in Pack.KINDS or not found.is_ready:
        raise Http404
    word = "rakor" if found.is_final else "rakor-sementara"
    return send_file(
        request,
        found.file(kind),
        etag=f"{found}-{found.attempt}-{kind}",
        name=f"{word}-{slugify(meeting.title)}-{meeting.pk}.{kind}",
        content_type=TYPES[kind],
    )
