"""The rakor's table, to take along."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from reports.actions import export_rakor
from reports.views.handing import hand_over
from reports.views.year import in_one_region, whole_place


@require_http_methods(["GET", "POST"])
@in_one_region
def export(request: Request, year: int) -> HttpResponseBase:
    """The table as a workbook, by POST since it leaves an event."""
    if request.method == "GET":
        return redirect("exports")
    place = whole_place(request, year)

    def write(target: IO[bytes], now: datetime) -> None:
        export_rakor(place.assessment, target, by=request.user, now=now)

    name = f"rakor-{year}-{slugify(place.assessment.region.name)}.xlsx"
    return hand_over(request, place.links, name, write)
