"""The follow-ups of a year, to take along."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from meetings.actions.exporting import export_followups
from reports.exports import CSV, XLSX
from reports.views.handing import hand_over
from reports.views.year import in_one_region, place_of


@require_http_methods(["GET", "POST"])
@in_one_region
def export(request: Request, year: int, kind: str) -> HttpResponseBase:
    """What was decided in the year's meetings and what became of it, as far as the reader sees."""
    if kind not in {XLSX, CSV}:
        raise Http404
    if request.method == "GET":
        return redirect("exports_year", year)
    place = place_of(request, year)

    def write(target: IO[bytes], now: datetime) -> None:
        export_followups(place.assessment, target, kind=kind, by=request.user, now=now)

    return hand_over(request, place.links, f"tindak-lanjut-{year}.{kind}", write)
