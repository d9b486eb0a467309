"""What a stage outside gave: a file first looked into, then stored; its name, its day, its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agencies.http import Request
from indicators.wording import points as said
from submissions.actions.record import RefusedError
from submissions.actions.stages import (
    PERMISSION,
    Given,
    Mismatch,
    MismatchError,
    Outline,
    Sums,
    describe_stage,
    mismatches,
    outline_of,
    points_of,
    remove_stage,
    store_stage,
    sums_of,
)
from submissions.forms.sheets import read_upload
from submissions.forms.stages import (
    Recap,
    StageFileForm,
    StageForm,
    StageStoreForm,
    read_recap,
)
from submissions.forms.uploads import clean_name
from submissions.models import Assessment, Stage

SALT = "submissions.stages"
HOURS = 12
SHOWN = 100
USUAL = (
    "Evaluasi mandiri",
    "Verifikasi administrasi",
    "Verifikasi lapangan",
    "Verifikasi akhir",
)


@dataclass(frozen=True, slots=True)
class Place:
    """The year, and how its addresses are written for this user."""

    assessment: Assessment
    query: str

    def href(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.assessment.year, *args]) + self.query

    @property
    def context(self) -> dict[str, Any]:
        return {
            "assessment": self.assessment,
            "is_example": self.assessment.is_example,
            "board": self.href("stages"),
            "dashboard": self.href("dashboard"),
            "here": self.href("stage_import"),
            "usual": USUAL,
        }


def _stage(request: Request, year: int, pk: int) -> tuple[Place, Stage]:
    """A stage that the user may change; for everybody else there is nothing here."""
    try:
        place = _place(request, year)
    except PermissionDenied:
        raise Http404 from None
    stages = place.assessment.stages.select_related("assessment")
    return place, get_object_or_404(stages, pk=pk)


def _place(request: Request, year: int) -> Place:
    """The year that the user may import into; 404 where it is hidden, 403 where one only reads."""
    found = Assessment.objects.visible_to(request.user).filter(year=year)
    code = request.GET.get("wilayah", "")
    if code:
        found = found.filter(region__code=code)
    assessment = found.select_related("region", "instrument").order_by("region__name").first()
    if assessment is None:
        raise Http404
    if not request.user.has_perm(PERMISSION, assessment):
        raise PermissionDenied
    carried = {} if request.user.region_id else {"wilayah": assessment.region.code}
    return Place(assessment, f"?{urlencode(carried)}" if carried else "")


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose points of an earlier import would be others."""

    code: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would store."""

    name: str
    held_on: date | None
    file: str
    count: int
    sums: Sums
    clusters: list[tuple[str, str, Decimal, Decimal]]
    differ: list[Mismatch]
    missing: list[str]
    recap: Recap
    changes: list[Change]
    version: int

    @property
    def is_new(self) -> bool:
        return self.version == 0


@require_http_methods(["GET", "POST"])
def stage_import(request: Request, year: int) -> HttpResponse:
    """GET the form; POST a file looks into it; POST what was looked into stores it."""
    place = _place(request, year)
    if request.method == "GET":
        return _page(request, place, StageFileForm())
    if "isi" in request.POST:
        return _store(request, place)
    form = StageFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, place, form, status=422)
    typed, outline = form.cleaned_data, outline_of(place.assessment.instrument)
    try:
        recap = read_recap(read_upload(typed["berkas"]), outline)
    except RefusedError as error:
        form.add_error("berkas", str(error))
        return _page(request, place, form, status=422)
    name = " ".join(typed["nama"].split())
    file = clean_name(typed["berkas"].name or "")
    preview = _look(place, outline, recap, name=name, held_on=typed["tanggal"], file=file)
    return _page(request, place, form, preview=preview, status=422 if recap.problems else 200)


def _look(
    place: Place, outline: Outline, recap: Recap, *, name: str, held_on: date | None, file: str
) -> Preview:
    stage = Stage.objects.filter(assessment=place.assessment, name=name).first()
    before = dict(stage.results.values_list("question__code", "points")) if stage else {}
    after = points_of(recap.given)
    sums = sums_of(outline, after)
    changes = [
        Change(code, before.get(code), after.get(code))
        for code in outline.questions
        if stage is not None and before.get(code) != after.get(code)
    ]
    return Preview(
        name=name,
        held_on=held_on or (stage.held_on if stage else None),
        file=file,
        count=len(after),
        sums=sums,
        clusters=[
            (c.code, c.name, sums.clusters[c.code], c.maximum) for c in outline.clusters.values()
        ],
        differ=mismatches(outline, recap.given),
        missing=recap.missing(outline),
        recap=recap,
        changes=changes,
        version=stage.version if stage else 0,
    )


def _store(request: Request, place: Place) -> HttpResponse:
    form = StageStoreForm(request.POST)
    if not form.is_valid():
        return _page(request, place, StageFileForm(), status=422)
    typed = form.cleaned_data
    try:
        kept = signing.loads(typed["isi"], salt=_salt(place), max_age=HOURS * 3600)
    except signing.BadSignature:
        again = StageFileForm(initial={"nama": typed["nama"], "tanggal": typed["tanggal"]})
        sentence = "Hasil pemeriksaan sudah lama atau berubah. Pilih berkasnya lagi, lalu periksa."
        return _page(request, place, again, said=sentence, status=422)
    given = [Given(r, level, code, _number(p), _number(m)) for r, level, code, p, m in kept["g"]]
    try:
        stage = store_stage(
            place.assessment,
            name=typed["nama"],
            held_on=typed["tanggal"],
            given=given,
            accept=typed["terima"],
            version=kept["v"],
            by=request.user,
            now=timezone.now(),
            source=kept["f"],
        )
    except RefusedError as error:
        outline = outline_of(place.assessment.instrument)
        looked = _look(
            place,
            outline,
            Recap(given=given),
            name=typed["nama"],
            held_on=typed["tanggal"],
            file=kept["f"],
        )
        sentence = str(error)
        if isinstance(error, MismatchError):
            sentence += " Perbaiki berkasnya, atau nyatakan bahwa Anda menerimanya."
        again = StageFileForm(initial={"nama": typed["nama"], "tanggal": typed["tanggal"]})
        return _page(request, place, again, preview=looked, said=sentence, status=422)
    total = sums_of(outline_of(place.assessment.instrument), points_of(given)).total
    messages.success(request, f"{stage} disimpan: total {said(total)}.")
    return redirect(place.href("stages"))


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _salt(place: Place) -> str:
    return f"{SALT}.{place.assessment.pk}"


def _sealed(place: Place, preview: Preview) -> str:
    """What was read, so that storing needs no second upload; another year cannot take it."""
    rows = [
        [
            each.row,
            each.level,
            each.code,
            *(None if n is None else str(n) for n in (each.points, each.maximum)),
        ]
        for each in preview.recap.given
    ]
    content = {"g": rows, "f": preview.file, "v": preview.version}
    return signing.dumps(content, salt=_salt(place), compress=True)


def _page(
    request: Request,
    place: Place,
    form: StageForm,
    *,
    preview: Preview | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {**place.context, "form": form, "preview": preview, "said": said}
    if preview is not None:
        context |= {
            "problems": preview.recap.problems[:SHOWN],
            "changes": preview.changes[:SHOWN],
            "sealed": "" if preview.recap.problems else _sealed(place, preview),
        }
    return render(request, "submissions/stage_import.html", context, status=status)


@require_http_methods(["GET", "POST"])
def stage_edit(request: Request, year: int, pk: int) -> HttpResponse:
    """Another name or day for a stage."""
    place, stage = _stage(request, year, pk)
    initial = {"nama": stage.name, "tanggal": stage.held_on}
    form = StageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            describe_stage(
                stage,
                name=typed["nama"],
                held_on=typed["tanggal"],
                by=request.user,
                now=timezone.now(),
            )
        except RefusedError as error:
            form.add_error("nama", str(error))
        else:
            messages.success(request, "Nama dan tanggal tahap disimpan.")
            return redirect(place.href("stages"))
    context = {
        **place.context,
        "stage": stage,
        "form": form,
        "remove": place.href("stage_remove", stage.pk),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/stage_edit.html", context, status=status)


@require_POST
def stage_remove(request: Request, year: int, pk: int) -> HttpResponse:
    place, stage = _stage(request, year, pk)
    remove_stage(stage, by=request.user, now=timezone.now())
    messages.success(request, f"Tahap {stage} dihapus. Nilainya tetap ada dalam riwayat.")
    return redirect(place.href("stages"))
