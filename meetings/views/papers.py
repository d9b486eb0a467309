"""The invitation to print, as PDF, and for a calendar."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from meetings.actions.exporting import leave_paper
from meetings.resources import calendar_of, invitation_paper
from meetings.views.calling import meeting_seen
from reports.paper import pdf_of


def as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    """A download under a name of ours."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def invitation(request: Request, pk: int) -> HttpResponse:
    """The invitation as one prints it."""
    found = meeting_seen(request, pk)
    context = {"meeting": found, "paper": invitation_paper(found)}
    return render(
        request,
        "meetings/invitation.html",
        context | {"is_example": found.assessment.is_example},
    )


@require_GET
def invitation_pdf(request: Request, pk: int) -> HttpResponse:
    found = meeting_seen(request, pk)
    made, name = pdf_of("invitation", invitation_paper(found)), f"undangan-rakor-{pk}.pdf"
    leave_paper(found, name, by=request.user, now=timezone.now())
    return as_file(made, name, "application/pdf")


@require_GET
def calendar(request: Request, pk: int) -> HttpResponse:
    found = meeting_seen(request, pk)
    made, name = calendar_of(found), f"rakor-{pk}.ics"
    leave_paper(found, name, by=request.user, now=timezone.now())
    return as_file(made, name, "text/calendar; charset=utf-8")
