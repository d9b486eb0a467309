"""The rakor's table, to take along."""

from __future__ import annotations

import tempfile

from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from reports.actions import export_rakor
from reports.views.figures import whole_place
from reports.views.year import XLSX, ChooseRegion, choose_region


@require_http_methods(["GET", "POST"])
def export(request: Request, year: int) -> HttpResponseBase:
    """The table as a workbook, by POST since it leaves an event; written whole before it is
    sent.
    """
    if request.method == "GET":
        return redirect("exports")
    try:
        place = whole_place(request, year)
    except ChooseRegion:
        return choose_region(request, year)
    target = tempfile.TemporaryFile()  # noqa: SIM115  (closed by FileResponse once it is sent)
    try:
        export_rakor(place.assessment, target, by=request.user, now=timezone.now())
    except BaseException:
        target.close()
        raise
    target.seek(0)
    name = f"rakor-{year}-{slugify(place.assessment.region.name)}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX)
