"""Everything that can be taken along from a year, by what the role may, and the own bundles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http import Request
from reports.exports import (
    export_assessment_paper,
    export_matrices,
    export_matrix,
    export_progress,
    export_rakor_paper,
)
from reports.forms import BundleForm
from reports.plan import plan_of
from reports.views.handing import hand_over
from reports.views.year import Place, in_one_region, place_of, whole_place
from submissions.actions.bundling import OWN, WHOLE
from submissions.models import Bundle

# What stands in an address, and the verb that writes it.
VERBS: dict[tuple[str, str], Callable[..., None]] = {
    ("progres", "xlsx"): partial(export_progress, kind="xlsx"),
    ("progres", "csv"): partial(export_progress, kind="csv"),
    ("matriks", "xlsx"): export_matrices,
    ("rakor", "pdf"): export_rakor_paper,
    ("penilaian", "pdf"): export_assessment_paper,
}
BY_KIND = frozenset({"followups", "progress"})


@require_GET
@in_one_region
def of_year(request: Request, year: int) -> HttpResponse:
    """The list of exports and bundles of one year."""
    place = place_of(request, year)
    return year_page(request, place, bundle_form(request, place))


@require_http_methods(["GET", "POST"])
@in_one_region
def export(request: Request, year: int, what: str, kind: str) -> HttpResponseBase:
    """One of the exports of a whole year, by POST since it leaves an event."""
    if request.method == "GET":
        return redirect("exports_year", year)
    verb = VERBS.get((what, kind))
    if verb is None:
        raise Http404
    place = whole_place(request, year)
    part = slugify(place.assessment.region.name)
    return hand_over(
        request,
        place.links,
        f"{what}-{year}-{part}.{kind}",
        lambda target, now: verb(place.assessment, target, by=request.user, now=now),
    )


@require_http_methods(["GET", "POST"])
@in_one_region
def matrix(request: Request, year: int, code: str) -> HttpResponseBase:
    """The matrix of one register as a plain table."""
    if request.method == "GET":
        return redirect("exports_year", year)
    place = whole_place(request, year)
    register = get_object_or_404(place.assessment.instrument.registers, code=code)
    return hand_over(
        request,
        place.links,
        f"matriks-{code}-{year}.csv",
        lambda target, now: export_matrix(
            place.assessment, register, target, by=request.user, now=now
        ),
    )


@dataclass(frozen=True, slots=True)
class Export:
    """A line of the page: what it is, and where each kind of file is made."""

    title: str
    about: str
    ways: tuple[tuple[str, str], ...]


def kinds_of(place: Place) -> list[Export]:
    """What the reader may take along; without the right over the region, the own part."""

    def ways(*names: str) -> tuple[tuple[str, str], ...]:
        found = []
        for name in names:
            words, _, kind = name.partition(".")
            kind = kind or "xlsx"
            args = [kind] if words in BY_KIND else []
            found.append((kind.upper(), place.links.to(f"export_{words}", *args)))
        return tuple(found)

    followups = Export(
        "Tindak lanjut rakor",
        "Tiap keputusan: perangkat daerah, tenggat, keadaan, dan catatan terakhir.",
        ways("followups", "followups.csv"),
    )
    if not place.whole:
        own = "Ringkasan nilai, tiap pertanyaan, progres, dan daftar data dukung kantor Anda."
        return [Export("Penilaian lengkap", own, ways("assessment")), followups]
    return [
        Export(
            "Bahan rakor",
            "Satu baris tiap indikator: nilai, yang telah dan belum dilaksanakan, penanggung "
            "jawab, data yang dibutuhkan. PDF bertempat tanda tangan.",
            ways("rakor", "rakor_paper.pdf"),
        ),
        Export(
            "Penilaian lengkap",
            "Ringkasan nilai, tiap pertanyaan, progres, dan daftar data dukung. PDF memuat nilai "
            "tiap klaster dan indikator, bertempat tanda tangan.",
            ways("assessment", "assessment_paper.pdf"),
        ),
        Export(
            "Progres perangkat daerah",
            "Tiap kantor: terisi, keadaan isian, poin terbukti dan berisiko, tenggat.",
            ways("progress", "progress.csv"),
        ),
        Export(
            "Matriks daftar induk",
            "Baris tiap daftar induk yang berlaku pada tahun data, dengan pertanyaan yang "
            "menghitungnya.",
            ways("matrices"),
        ),
        Export(
            "Program dan anggaran",
            "Program terhadap indikator, dan matriks RAD KLA.",
            ways("programmes", "action_plan.pdf"),
        ),
        followups,
    ]


def registers_of(place: Place) -> list[tuple[str, str]]:
    """The registers by name, and where the matrix of each is made as CSV."""
    registers = place.assessment.instrument.registers.order_by("pk")
    return [(each.name, place.links.to("export_matrix", each.code)) for each in registers]


def bundle_form(request: Request, place: Place) -> BundleForm:
    """What may be chosen: every office with work in the year, or only the own."""
    own = None
    if not request.user.has_perm(WHOLE, place.assessment):
        own = request.user.agency
        if own is None or not request.user.has_perm(OWN, own):
            raise PermissionDenied
    offices = place.assessment.region.agencies.filter(
        submissions__assessment=place.assessment, submissions__emptied_at__isnull=True
    )
    agencies = {} if own else {each.code: each for each in offices.distinct().order_by("name")}
    data = request.POST if request.method == "POST" else None
    return BundleForm(data, plan=plan_of(place.assessment.instrument), agencies=agencies, own=own)


def year_page(
    request: Request, place: Place, form: BundleForm, *, refusal: str = ""
) -> HttpResponse:
    """The page, with what was refused and what had been chosen."""
    bundles = Bundle.objects.visible_to(request.user).filter(assessment=place.assessment)
    found = bundles.filter(expires_at__gt=timezone.now()).select_related("agency")
    context = {
        **place.context,
        "form": form,
        "refusal": refusal,
        "bundles": found[:20],
        "ask": place.links.to("bundle_ask"),
        "kinds": kinds_of(place),
        "registers": registers_of(place) if place.whole else [],
    }
    return render(request, "reports/exports_year.html", context, status=422 if refusal else 200)
