"""The charts of a year, and its years beside each other."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from reports.charts import NARROW, WIDE, years_chart
from reports.figures import Pair, material_of, pairs_of
from reports.ledger import ledger_of
from reports.views.year import in_one_region, whole_place
from reports.years import clusters_over, years_of


@require_GET
@in_one_region
def figures(request: Request, year: int) -> HttpResponse:
    """One question a chart, each with its figures as a table."""
    place = whole_place(request, year)
    ledger = ledger_of(place.assessment, request.user)
    material = material_of(place.assessment, ledger, request.user, today=timezone.localdate())
    context = {**place.context, "pairs": pairs_of(material)}
    return render(request, "reports/figures.html", context)


@require_GET
@in_one_region
def years(request: Request, year: int) -> HttpResponse:
    """Every year of the region: figures, awards, and what the instrument changed."""
    place = whole_place(request, year)
    rows = years_of(place.assessment, request.user)
    newest = next(row for row in reversed(rows) if row.score)
    assert newest.score is not None  # noqa: S101
    columns, bands, top = (
        [row.column for row in rows],
        newest.score.bands,
        newest.score.total.maximum,
    )
    pair = Pair(*(years_chart(columns, bands, maximum=top, canvas=size) for size in (WIDE, NARROW)))
    context = {
        **place.context,
        "rows": rows,
        "pair": pair,
        "clusters": clusters_over(rows),
        "assessed": [row for row in rows if row.score],
        "changed": [row for row in rows if row.changes],
    }
    return render(request, "reports/years.html", context)
