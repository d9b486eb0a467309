"""Two meetings beside each other, to look at and to print."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from meetings.actions.showing import shown_of
from meetings.models import Meeting
from reports.links import Links
from reports.shown import compare
from submissions.models import Event, Verb


def did_between(
    meeting: Meeting, request: Request, since: datetime, until: datetime
) -> dict[str, list[str]]:
    """By a question's code: which office did what, each once, in order of time. One query."""
    events = Event.objects.visible_to(request.user).filter(
        assessment=meeting.assessment_id, at__gt=since, at__lte=until, response__isnull=False
    )
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    rows = events.select_related("by__agency", "response__question").order_by("pk")
    for each in rows.only(
        "verb", "data", "by__agency__name", "by__role", "response__question__code"
    ):
        if each.response is not None:
            said = f"{each.actor} {Verb(each.verb).label}"
            found[each.response.question.code].setdefault(said)
    return {code: list(said) for code, said in found.items()}


def _pair(request: Request, *keys: int) -> list[Meeting]:
    """Both meetings with their records, the earlier one first: 404 unless the user sees both, 403
    for one who sees a part of the year. One query.
    """
    seen = Meeting.objects.visible_to(request.user).filter(pk__in=keys)
    found = {
        each.pk: each
        for each in seen.select_related(
            "region", "assessment__instrument", "assessment__region", "record"
        )
    }
    if not set(keys) <= set(found):
        raise Http404
    pair = [found[key] for key in keys]
    if not all(request.user.has_perm("reports.view_assessment", each.assessment) for each in pair):
        raise PermissionDenied
    return sorted(pair, key=lambda each: (each.starts_at, each.pk))


@require_GET
def comparison(request: Request, pk: int, other: int) -> HttpResponse:
    """What moved from one meeting to another, whichever is named first. The later one may still be
    open: then it is compared as it stands now.
    """
    earlier, later = _pair(request, pk, other)
    now = timezone.now()
    context = {"earlier": earlier, "later": later, "is_example": later.assessment.is_example}
    before, since = shown_of(earlier, user=request.user, now=now)
    if since is not None and earlier.pk != later.pk:
        after, until = shown_of(later, user=request.user, now=now)
        end = until.at if until else now
        context |= {
            "since": since.at,
            "until": end,
            "is_live": until is None,
            "found": compare(before, after, did_between(later, request, since.at, end)),
            "links": Links.of(later.assessment, request.user),
        }
    return render(request, "meetings/comparison.html", context)
