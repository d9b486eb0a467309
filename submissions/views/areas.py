"""The areas of a year: the grid of questions by areas, and one question for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from agencies.models import Kind
from agencies.roles import OWN_AGENCY_ONLY
from submissions.actions import answering
from submissions.actions.areas import attach_also, attach_to_areas
from submissions.actions.record import RefusedError, StaleError
from submissions.forms import uploads
from submissions.models import Assessment, Evidence, EvidenceLink, Response
from submissions.views import area_grid, work_page
from submissions.views.area_grid import Grid
from submissions.views.receiving import too_big

GRID, ROW = "submissions/area_grid.html", "submissions/area_question.html"


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that was not saved: both answers, whose the other is, or what is wrong with it."""

    label: str
    sentence: str
    mine: str = ""
    theirs: str = ""
    who: str = ""
    when: datetime | None = None
    name: str = ""  # the cell as it stands, for saying it again
    value: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of the cells of one request."""

    saved: list[Response] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    typed: dict[int, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        if not self.clashes:
            return 200
        return 409 if any(each.who for each in self.clashes) else 422


@require_http_methods(["GET", "POST"])
def areas(request: Request, year: int) -> HttpResponse:
    """The grid. A script sends one cell and gets its row's figures back; a form sends them all."""
    assessment = _assessment(request, year)
    level = request.GET.get("tingkat", "")
    if request.method == "GET":
        grid = _grid(request, assessment, level=level)
        own = request.user.agency
        if own is not None and own.kind == Kind.KELURAHAN and grid.columns:
            return redirect(grid.columns[0].href)
        return render(request, GRID, _context(grid, Outcome()))
    _require(request, assessment)
    outcome = save_cells(request, assessment)
    grid = _grid(request, assessment, level=level)
    if request.htmx:
        return _cells(request, grid, outcome)
    if outcome.clashes:
        return render(request, GRID, _context(grid, outcome), status=outcome.status)
    _tell(request, outcome)
    return redirect(request.get_full_path())


@require_http_methods(["GET", "POST"])
def area_question(request: Request, year: int, code: str) -> HttpResponse:
    """One question for all areas: answers, and evidence for those that are ticked."""
    assessment = _assessment(request, year)
    grid = _grid(request, assessment, code=code)
    if not grid.lines:
        raise Http404
    if request.method == "GET":
        return render(request, ROW, _row_context(request, grid, Outcome()))
    _require(request, assessment)
    outcome = save_cells(request, assessment)
    refusals = _attach(request, assessment, code)
    if outcome.clashes or refusals:
        grid = _grid(request, assessment, code=code)
        context = _row_context(request, grid, outcome) | {"refusals": refusals}
        return render(request, ROW, context, status=outcome.status if outcome.clashes else 422)
    _tell(request, outcome, quiet="lalu" in request.POST)
    return redirect(request.get_full_path())


def _assessment(request: Request, year: int) -> Assessment:
    """The year of the user's region, or of `?wilayah=` for a user without one; else 404."""
    found = Assessment.objects.visible_to(request.user).filter(year=year)
    if code := request.GET.get("wilayah", ""):
        found = found.filter(region__code=code)
    assessment = found.select_related("region").order_by("region__name").first()
    if assessment is None:
        raise Http404
    return assessment


def _grid(request: Request, assessment: Assessment, *, level: str = "", code: str = "") -> Grid:
    """404 for an operator who reaches no area: nothing of this is theirs."""
    above = request.GET.get("kecamatan", "")
    grid = area_grid.grid_of(request.user, assessment, level=level, code=code, above=above)
    if not grid.levels and request.user.role in OWN_AGENCY_ONLY:
        raise Http404
    return grid


def _require(request: Request, assessment: Assessment) -> None:
    """403 for one who reads the areas and answers for none; each verb asks again."""
    reached = area_grid.answers_of(request.user, assessment)
    if request.user.role in OWN_AGENCY_ONLY and not reached.exists():
        raise Http404
    if not request.user.has_perm(answering.PERMISSION):
        raise PermissionDenied


# --- saving ---------------------------------------------------------------------------------------


def save_cells(request: Request, assessment: Assessment) -> Outcome:
    """Store each cell that was typed anew, by itself; what cannot be is told, and nothing is lost.

    A cell that the user does not reach is as if the address were wrong.
    """
    sent = area_grid.cells_of([(name, str(value)) for name, value in request.POST.items()])
    changed = [each for each in sent if area_grid.TYPED.get(_plain(each[3])) != each[2]]
    reached = area_grid.answers_of(request.user, assessment)
    wanted = [pk for pk, *_ in changed]
    found = {each.pk: each for each in answering.for_answering(reached.filter(pk__in=wanted))}
    if len(found) != len(set(wanted)):
        raise Http404
    outcome = Outcome()
    for pk, version, seen, typed in changed:
        response = found[pk]
        scale = response.question.rubric.scale
        label = f"{response.question.code}, {response.submission.agency}"
        try:
            key = area_grid.key_typed(scale, typed)
        except ValueError:
            keys = ", ".join(area_grid.keys_of(scale))
            outcome.typed[pk] = typed[:10]
            outcome.clashes.append(
                Clash(label, f"“{typed[:10]}” tidak dikenal. Tulis {keys}, atau kosongkan.")
            )
            continue
        if key == seen:
            continue
        try:
            outcome.saved.append(
                answering.answer(
                    response,
                    value=area_grid.value_of(scale, key),
                    note=response.note,
                    version=version,
                    by=request.user,
                    now=timezone.now(),
                )
            )
        except RefusedError as error:
            outcome.clashes.append(Clash(label, str(error)))
        except StaleError as stale:
            outcome.clashes.append(_clash(label, response, key, stale))
    return outcome


def _plain(typed: str) -> str:
    return typed.strip().lower()


def _clash(label: str, response: Response, key: str, stale: StaleError) -> Clash:
    """Both answers side by side; the button says mine against the version that was shown."""
    current = stale.current
    if not isinstance(current, Response):
        raise TypeError(current)
    scale = response.question.rubric.scale
    theirs = area_grid.key_of(scale, current.value)
    return Clash(
        label,
        "",
        mine=area_grid.word_of(scale, key),
        theirs=area_grid.word_of(scale, theirs),
        who=current.changed_by.get_full_name() if current.changed_by else "sistem",
        when=current.changed_at,
        name=f"{current.pk}:{current.version}:{theirs}",
        value=key,
    )


def _tell(request: Request, outcome: Outcome, *, quiet: bool = False) -> None:
    if outcome.saved:
        messages.success(request, f"{len(outcome.saved)} jawaban tersimpan.")
    elif not quiet:
        messages.info(request, "Tidak ada yang berubah.")


def _cells(request: Request, grid: Grid, outcome: Outcome) -> HttpResponse:
    """The cells that were sent as they stand now, the figures of their rows, and the total."""
    sent = {pk for pk, *_ in area_grid.cells_of([(name, "") for name in request.POST])}
    lines = [each for each in grid.lines if any(cell.pk in sent for cell in each.given)]
    context = {
        "grid": grid,
        "lines": lines,
        "cells": [cell.html(line.code) for line in lines for cell in line.given if cell.pk in sent],
        "clashes": outcome.clashes,
    }
    return render(request, f"{GRID}#kembali", context, status=outcome.status)


# --- evidence for many ----------------------------------------------------------------------------


def _attach(request: Request, assessment: Assessment, code: str) -> list[str]:
    """What was asked for beside the answers: a file, or what one area has, for the ticked ones."""
    then = request.POST.get("lalu", "")
    if not then:
        return []
    ticked = [each for each in request.POST.getlist("pilih") if _is_key(each)]
    reached = area_grid.answers_of(request.user, assessment).filter(question__code=code)
    chosen = list(answering.for_answering(reached.filter(pk__in=ticked)).order_by("pk"))
    if not chosen:
        return ["Centang dahulu wilayah yang dibuktikan."]
    if then.startswith("ambil-") and _is_key(then[6:]):
        evidence = _in_row(request, reached).filter(pk=int(then[6:])).first()
        if evidence is None:
            return ["Data dukung itu tidak ada lagi. Muat ulang halaman, lalu pilih lagi."]
        attached, refusals = attach_also(
            chosen, evidence=evidence, by=request.user, now=timezone.now()
        )
    else:
        attached, refusals = _upload(request, chosen)
    if attached:
        messages.success(request, f"Data dukung terlampir pada {attached} jawaban.")
    return refusals


def _upload(request: Request, chosen: list[Response]) -> tuple[int, list[str]]:
    files = request.FILES.getlist("berkas")
    refusals = too_big(request)
    if len(files) > settings.EVIDENCE_MAX_FILES:
        return 0, [f"Paling banyak {settings.EVIDENCE_MAX_FILES} berkas sekali kirim."]
    if not files and not refusals:
        return 0, ["Pilih dahulu berkasnya."]
    most = 0
    for each in files:
        try:
            checked = uploads.receive(each, by=request.user, now=timezone.now())
        except ValidationError as error:
            refusals.extend(error.messages)
            continue
        except RefusedError as error:
            refusals.append(str(error))
            continue
        attached, refused = attach_to_areas(
            chosen, upload=checked, by=request.user, now=timezone.now()
        )
        most = max(most, attached)
        refusals.extend(refused)
    return most, refusals


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _in_row(request: Request, reached: Any) -> Any:
    """What is attached now to one of the areas' answers to this question."""
    links = EvidenceLink.objects.filter(response__in=reached, removed_at__isnull=True)
    return Evidence.objects.reached_by(request.user).filter(pk__in=links.values("evidence"))


# --- drawing --------------------------------------------------------------------------------------


def _context(grid: Grid, outcome: Outcome) -> dict[str, Any]:
    for line in grid.lines:
        for cell in line.given:
            if cell.pk in outcome.typed:
                cell.typed, cell.wrong = outcome.typed[cell.pk], True
    return {
        "grid": grid,
        "assessment": grid.assessment,
        "clashes": outcome.clashes,
        "saved": len(outcome.saved),
        "is_example": grid.assessment.is_example,
    }


def _row_context(request: Request, grid: Grid, outcome: Outcome) -> dict[str, Any]:
    """The question with its areas, each with what is attached. Two queries beside the grid's."""
    [line] = grid.lines
    pks = [each.pk for each in line.given]
    links = EvidenceLink.objects.filter(response__in=pks, removed_at__isnull=True)
    proofs: dict[int, list[tuple[int, work_page.Proof]]] = {pk: [] for pk in pks}
    shared: dict[int, str] = {}
    for link in links.select_related("evidence__blob").order_by("added_at", "pk"):
        proof = work_page.proof_of(link.evidence, user=request.user, when="", link=link.pk)
        proofs[link.response_id].append((link.evidence_id, proof))
        shared[link.evidence_id] = link.evidence.name_for(request.user)
    keys = area_grid.keys_of(line.scale)
    options = list(zip(keys, [each.label for each in line.scale.options()], strict=True))
    return _context(grid, outcome) | {
        "line": line,
        "options": options,
        "rows": [
            (column, cell, proofs[cell.pk])
            for column, cell in zip(grid.columns, line.cells, strict=True)
            if cell is not None
        ],
        "shared": sorted(shared.items(), key=lambda each: each[1])[:30],
        "editable": grid.may and any(not each.lock for each in line.given),
        "accept": uploads.ACCEPT,
        "refusals": [],
    }
