"""`/riwayat/`: who did what when, searched, printed, or taken along as CSV."""

from __future__ import annotations

import csv
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.actions.record import record
from agencies.http import Request
from agencies.models import ChangeVerb
from agencies.roles import OWN_AGENCY_ONLY
from indicators.resources.formulas import guarded
from indicators.wording import waktu
from kla_tracker.history import chain
from kla_tracker.history.forms import SearchForm
from kla_tracker.history.search import search

PAGE = 50
SHEET = 5000


@require_GET
def history(request: Request) -> HttpResponse:
    """Newest first; `sesudah` is where the page before ended."""
    form = SearchForm(request.GET, user=request.user)
    after = request.GET.get("sesudah", "")[:100]
    lines, more = search(request.user, form.wanted(after), limit=PAGE)
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    older = urlencode(asked | {"sesudah": lines[-1].place}) if more else ""
    context = {
        "form": form,
        "lines": lines,
        "older": older,
        "newest": f"?{urlencode(asked)}" if after else "",
        "asked": asked,
        "head": chain.head(),
        "own": request.user.role in OWN_AGENCY_ONLY,
        "now": timezone.now(),
    }
    return render(request, "history.html", context)


@require_POST
def history_sheet(request: Request) -> HttpResponse:
    """The same as CSV, the newest 5,000; that somebody took it along is itself an event."""
    form = SearchForm(request.POST, user=request.user)
    lines, _ = search(request.user, form.wanted(""), limit=SHEET)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="riwayat.csv"'
    response.write("\ufeff")
    out = csv.writer(response, delimiter=";")
    out.writerow(["Waktu", "Pelaku", "Kejadian", "Perangkat daerah", "Tentang", "Rincian", "Segel"])
    for each in lines:
        texts = [each.who, each.what, each.office, each.about, "; ".join(each.details)]
        out.writerow([waktu(each.row.at), *map(guarded, texts), each.seal or ""])
    record(
        ChangeVerb.EXPORT,
        by=request.user,
        region=request.user.region,
        sheet="riwayat.csv",
        rows=len(lines),
    )
    return response
