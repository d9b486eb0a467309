"""What if: the simulation of a year, its stored suppositions, and the efforts behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from indicators.wording import points
from reports.forms import asked_of
from reports.ledger import Ledger, ledger_of
from reports.plan import plan_of
from reports.scores import Score, score
from reports.simulation import (
    BASES,
    EFFORT,
    FULL,
    WAYS,
    Asked,
    Gap,
    asked_of_scenario,
    cheapest_way,
    compared,
    efforts_of,
    gaps_of,
    outcome_of,
    size_of,
)
from reports.views.year import Place, in_one_region, whole_place
from submissions.actions.planning import drop_scenario, save_scenario, set_efforts
from submissions.actions.record import RefusedError
from submissions.models.planning import EFFORTS, USUAL

TEXT_SHOWN = 110


@dataclass(frozen=True, slots=True)
class Table:
    """What a simulation reckons with: the year as it stands, and its gaps under one basis."""

    ledger: Ledger
    score: Score
    efforts: Mapping[int, int]
    gaps: list[Gap]

    @classmethod
    def of(cls, request: Request, place: Place, basis: str) -> Table:
        ledger = ledger_of(place.assessment, request.user)
        figures, efforts = score(ledger), efforts_of(place.assessment)
        return cls(ledger, figures, efforts, gaps_of(ledger, figures, efforts, basis=basis))


@require_GET
@in_one_region
def simulation(request: Request, year: int) -> HttpResponse:
    """Tick what would be proven; or ask for the cheapest way, and go on from there."""
    place = whole_place(request, year)
    asked = asked_of(request.GET)
    if request.GET.get("skenario", "").isdecimal() and not asked.picks:
        stored = get_object_or_404(place.assessment.scenarios, pk=int(request.GET["skenario"]))
        asked = asked_of_scenario(stored, plan_of(place.assessment.instrument))
    table = Table.of(request, place, asked.basis)
    if "cari" in request.GET:
        return _found(request, place, table, asked)
    context = _context(request, place, table, asked)
    part = "#jawab" if request.htmx else ""
    return render(request, f"reports/simulation.html{part}", context)


def _context(request: Request, place: Place, table: Table, asked: Asked) -> dict[str, Any]:
    today = timezone.localdate()
    outcome = outcome_of(
        table.ledger, table.score, table.gaps, asked.picks, dates=asked.dates, today=today
    )
    context = {
        **place.context,
        "outcome": outcome,
        "score": table.score,
        "asked": asked,
        "query": asked.query(),
        "bases": [
            {"label": label[0].upper() + label[1:], "href": _way(place, replace(asked, basis=key))}
            for key, label in BASES.items()
        ],
        "basis_way": _way(place, asked),
        "may_save": request.user.has_perm("submissions.save_scenario", place.assessment),
    }
    if request.htmx:
        return context
    reachable = max(table.score.total.tally.potential, table.score.total.proven)
    return {
        **context,
        "rows": [_row(gap, asked, place) for gap in table.gaps],
        "owners": sorted({(gap.key, gap.who) for gap in table.gaps}, key=lambda pair: pair[1]),
        "bands": [band for band in table.score.bands if not band.holds(table.score.total.proven)],
        "reachable": reachable,
        "ways": WAYS,
        "sought": [request.GET.get("tujuan", ""), request.GET.get("menurut", "")],
        "without": request.GET.getlist("tanpa"),
        "unjudged": sum(not gap.is_judged for gap in table.gaps),
        "scenarios": compared(
            place.assessment, table.ledger, table.score, table.efforts, today=timezone.localdate()
        ),
        "may_judge": request.user.has_perm("submissions.set_effort", place.assessment),
    }


def _way(place: Place, asked: Asked) -> str:
    region = {"wilayah": place.links.region} if place.links.region else {}
    return f"?{asked.query(**region)}"


def _row(gap: Gap, asked: Asked, place: Place) -> dict[str, Any]:
    text = gap.question.text
    return {
        "gap": gap,
        "picked": gap.number in asked.picks,
        "text": text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN].rstrip()}…",
        "href": report_way_of(place, gap),
    }


def _found(request: Request, place: Place, table: Table, asked: Asked) -> HttpResponse:
    """The cheapest way, as an address whose ticks can be changed; a GET that stores nothing."""
    bands = {band.name: band for band in table.score.bands}
    band = bands.get(request.GET.get("tujuan", ""))
    way = request.GET.get("menurut", EFFORT)
    if band is None or way not in WAYS:
        raise Http404
    without = request.GET.getlist("tanpa")
    found = cheapest_way(table.ledger, table.score, table.gaps, band, way=way, without=without)
    address = reverse_to(place)
    sought = urlencode([("tujuan", band.name), ("menurut", way), *(("tanpa", x) for x in without)])
    if found is None:
        messages.warning(
            request,
            f"{band.name} tidak dapat dicapai dari celah yang dipilih: perlu "
            f"{points(band.first - table.score.total.proven)} poin lagi. Coba tanpa mengecualikan "
            "perangkat daerah, atau hitung dengan nilai penuh.",
        )
        return redirect(f"{address}{urlencode({'dasar': asked.basis})}&{sought}")
    picked = [gap for gap in table.gaps if gap.number in found]
    messages.success(
        request,
        f"Jalan termurah ke {band.name} menurut {WAYS[way]}: {len(picked)} pertanyaan pada "
        f"{size_of(picked)} kantor, upaya {sum(gap.effort for gap in picked)}. "
        "Ubah centang di bawah untuk mencoba yang lain.",
    )
    return redirect(f"{address}{replace(asked, picks=frozenset(found)).query()}&{sought}")


@require_POST
@in_one_region
def save(request: Request, year: int) -> HttpResponse:
    """Keep the picked gaps under a name."""
    place = whole_place(request, year)
    asked = asked_of(QueryDict(request.POST.get("pilihan", "")))
    table = Table.of(request, place, asked.basis)
    picked = [gap for gap in table.gaps if gap.number in asked.picks]
    keys = {gap.key for gap in picked}
    try:
        save_scenario(
            place.assessment,
            name=request.POST.get("nama", ""),
            basis=asked.basis,
            picks=[gap.question.code for gap in picked],
            dates={key: day for key, day in asked.dates.items() if key in keys},
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Skenario disimpan. Penilaian tidak berubah.")
    return redirect(f"{reverse_to(place)}{asked.query()}")


def reverse_to(place: Place) -> str:
    """The simulation's address, ready for a question behind it."""
    address = place.links.to("simulation")
    return f"{address}&" if "?" in address else f"{address}?"


@require_POST
@in_one_region
def drop(request: Request, year: int, pk: int) -> HttpResponse:
    place = whole_place(request, year)
    scenario = get_object_or_404(place.assessment.scenarios.select_related("assessment"), pk=pk)
    drop_scenario(scenario, by=request.user, now=timezone.now())
    messages.success(request, f"Skenario «{scenario.name}» dihapus.")
    return redirect(place.links.to("simulation"))


@require_http_methods(["GET", "HEAD", "POST"])
@in_one_region
def efforts(request: Request, year: int) -> HttpResponse:
    """How much work each gap would be, as the verifikator judges it."""
    place = whole_place(request, year)
    table = Table.of(request, place, FULL)
    refused, wanted = "", {}
    if request.method == "POST":
        shown = {
            gap.question.pk: _level(request.POST.get(f"s{gap.number}")) or USUAL
            for gap in table.gaps
        }
        wanted = {
            gap.question.pk: _level(request.POST[f"u{gap.number}"])
            for gap in table.gaps
            if request.POST.get(f"u{gap.number}", "").strip()
        }
        try:
            changed = set_efforts(
                place.assessment, wanted=wanted, shown=shown, by=request.user, now=timezone.now()
            )
        except RefusedError as refusal:
            refused = str(refusal)
        else:
            messages.success(request, f"{changed} upaya disimpan." if changed else "Tetap sama.")
            return redirect(place.links.to("efforts"))
    context = {
        **place.context,
        "rows": [
            {
                "gap": gap,
                "typed": wanted.get(gap.question.pk, gap.effort),
                "href": report_way_of(place, gap),
            }
            for gap in table.gaps
        ],
        "efforts": EFFORTS,
        "refused": refused,
        "may_judge": request.user.has_perm("submissions.set_effort", place.assessment),
    }
    status = 422 if refused else 200
    return render(request, "reports/efforts.html", context, status=status)


def report_way_of(place: Place, gap: Gap) -> str:
    question = gap.question
    return f"{place.links.to('indicator_report', question.indicator)}#p-{question.code}"


def _level(typed: str | None) -> int:
    """What was typed as a level; 0, which no level is, where it is not a number."""
    text = (typed or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
