"""The stages of a year side by side, and where points were lost."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.http import Request
from reports.stages import board_of, places_beside, said_of
from reports.views.year import (
    in_one_region,
    ledger_seen,
    place_of,
    report_way,
)

LOSSES_SHOWN = 25


@require_GET
@in_one_region
def stages(request: Request, year: int) -> HttpResponse:
    """Claimed, proven and each stage side by side, and where points were lost."""
    place = place_of(request, year)
    ledger = ledger_seen(request, place)
    asked = {name: request.GET.get(name, "") for name in ("dari", "ke", "klaster")}
    board = board_of(
        place.assessment,
        ledger,
        now=timezone.now(),
        start=asked["dari"],
        end=asked["ke"],
        cluster=asked["klaster"],
    )
    page = Paginator(board.losses, LOSSES_SHOWN).get_page(request.GET.get("page"))
    said = said_of(ledger, list(page))
    context = {
        **place.context,
        "board": board,
        "page": page,
        "losses": [
            (each, report_way(place.links, each.row), said[each.row.question.pk]) for each in page
        ],
        "cluster": asked["klaster"] if board.questions else "",
        "places": places_beside(place.assessment, board) if place.whole else [],
        "may_import": request.user.has_perm("submissions.import_stage", place.assessment),
    }
    return render(request, "reports/stages.html", context)
