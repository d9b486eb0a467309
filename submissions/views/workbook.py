"""An office's work out as a workbook, and in again: looked into first, then stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from agencies.http import Request
from agencies.models import Agency
from indicators.resources.reading import TYPES
from indicators.wording import number
from submissions.actions.answering import PERMISSION, for_answering
from submissions.actions.importing import Change, ImportRefusedError, answer_many
from submissions.actions.record import RefusedError
from submissions.actions.taking import took_work
from submissions.forms.sheets import read_upload
from submissions.forms.workbook import Plan, plan_of, write_work
from submissions.models import Assessment, EvidenceLink, Response, Submission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "submissions.workbook"
HOURS = 12
SHOWN = 150


class WorkbookForm(forms.Form):
    """The workbook that comes back."""

    berkas = forms.FileField(
        label="Buku kerja yang sudah diisi",
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": TYPES}),
        help_text="XLSX, atau CSV dari lembar Isian. Paling besar 5 MB.",
        error_messages={"required": "Pilih buku kerjanya."},
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose work, in which year, and how the addresses are written."""

    agency: Agency | None
    assessment: Assessment | None
    agencies: list[Agency]
    query: str

    @property
    def is_ready(self) -> bool:
        return self.agency is not None and self.assessment is not None


def _desk(request: Request) -> Desk:
    """The own agency, or a chosen one of the region; the newest open year, or the one named."""
    user, agencies = request.user, list[Agency]()
    agency = user.agency
    if user.has_perm("agencies.view_agency"):
        seen = Agency.objects.visible_to(user).active().select_related("region").order_by("name")
        agencies = list(seen)
        code = request.GET.get("perangkat", "")
        agency = next((each for each in agencies if each.code == code), agency)
    years = Assessment.objects.visible_to(user).select_related("region")
    if agency is not None:
        years = years.filter(region=agency.region_id)
    found = list(years.order_by("-year", "pk"))
    named = [each for each in found if str(each.year) == request.GET.get("tahun")]
    open_years = [each for each in found if each.closed_at is None]
    said = {}
    if agencies and agency is not None:
        said["perangkat"] = agency.code
    if named:
        said["tahun"] = str(named[0].year)
    query = f"?{urlencode(said)}" if said else ""
    return Desk(agency, next(iter(named or open_years), None), agencies, query)


def _responses(request: Request, desk: Desk) -> list[Response]:
    """The office's answers of the year, in the order of the instrument; one query."""
    mine = Submission.objects.visible_to(request.user).filter(
        agency=desk.agency, assessment=desk.assessment
    )
    found = for_answering(Response.objects.filter(submission__in=mine))
    return list(found.order_by("question__order", "pk"))


@require_GET
def work_sheet(request: Request) -> HttpResponse:
    """The workbook to fill in."""
    desk = _desk(request)
    if desk.agency is None or desk.assessment is None:
        raise Http404
    responses = _responses(request, desk)
    names: dict[int, list[str]] = defaultdict(list)
    links = EvidenceLink.objects.filter(response__in=responses, removed_at__isnull=True)
    for link in links.order_by("added_at", "pk").select_related("evidence"):
        names[link.response_id].append(link.evidence.public_name)
    content = write_work(
        desk.assessment, desk.agency, responses, names, by=request.user, now=timezone.now()
    )
    name = f"isian-{desk.assessment.year}-{slugify(desk.agency.code)}.xlsx"
    took_work(desk.assessment, desk.agency, sheet=name, by=request.user, now=timezone.now())
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "POST"])
def work_import(request: Request) -> HttpResponse:
    """GET the way out and in; POST a workbook looks into it; POST what was looked into stores
    it, `simpan=semua` all or nothing, `simpan=benar` the rows that are good.
    """
    desk = _desk(request)
    if not request.user.has_perm(PERMISSION, desk.agency):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, desk, WorkbookForm())
    if "isi" in request.POST:
        return _store(request, desk)
    form = WorkbookForm(request.POST, request.FILES)
    if not form.is_valid() or not desk.is_ready:
        return _page(request, desk, form, status=422)
    try:
        plan = plan_of(read_upload(form.cleaned_data["berkas"]), _responses(request, desk))
    except RefusedError as error:
        form.add_error("berkas", str(error))
        return _page(request, desk, form, status=422)
    return _page(request, desk, form, plan=plan, status=422 if plan.wrong else 200)


def _store(request: Request, desk: Desk) -> HttpResponse:
    """Save what was looked into; what changed meanwhile is looked into again by its own verb."""
    try:
        kept = signing.loads(request.POST["isi"], salt=_salt(request, desk), max_age=HOURS * 3600)
    except signing.BadSignature:
        said = "Hasil pemeriksaan sudah lama atau berubah. Pilih buku kerjanya lagi."
        return _page(request, desk, WorkbookForm(), said=said, status=422)
    only_good = request.POST.get("simpan") == "benar"
    chosen = set(request.POST.getlist("timpa"))
    changes = [Change(*each) for each in kept["g"]]
    changes += [Change(*each) for each in kept["c"] if str(each[0]) in chosen]
    if not only_good and (kept["w"] or len(changes) < len(kept["g"]) + len(kept["c"])):
        said = "Masih ada baris yang salah atau berubah di server, jadi belum ada yang disimpan."
        return _page(request, desk, WorkbookForm(), said=said, status=422)
    responses = {each.pk: each for each in _responses(request, desk)}
    try:
        saved, left = answer_many(
            changes,
            responses=responses,
            only_good=only_good,
            by=request.user,
            now=timezone.now(),
        )
    except ImportRefusedError as error:
        response = responses.get(error.response)
        code = response.question.code if response else "yang dialihkan"
        said = f"Belum ada yang disimpan. Pertanyaan {code}: {error} Periksa buku kerjanya lagi."
        return _page(request, desk, WorkbookForm(), said=said, status=422)
    messages.success(request, f"{number(saved)} jawaban disimpan dari buku kerja.")
    for pk, reason in left.items():
        code = responses[pk].question.code if pk in responses else ""
        messages.warning(request, f"Pertanyaan {code} tidak disimpan. {reason}")
    return redirect(f"{reverse('work')}{desk.query}")


def _salt(request: Request, desk: Desk) -> str:
    """What was looked into is this user's, for this office and year."""
    agency, assessment = desk.agency, desk.assessment
    year = (agency.pk if agency else 0, assessment.pk if assessment else 0)
    return f"{SALT}.{request.user.pk}.{year[0]}.{year[1]}"


def _sealed(request: Request, desk: Desk, plan: Plan) -> str:
    """Only what would change goes along, so that storing needs no second upload."""
    rows = {
        "g": [[each.response, each.value, each.note, each.version] for each in plan.good],
        "c": [[each.response, each.value, each.note, each.version] for each in plan.clashes],
        "w": len(plan.wrong),
    }
    return signing.dumps(rows, salt=_salt(request, desk), compress=True)


def _page(
    request: Request,
    desk: Desk,
    form: WorkbookForm,
    *,
    plan: Plan | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "desk": desk,
        "form": form,
        "plan": plan,
        "said": said,
        "back": f"{reverse('work')}{desk.query}",
        "sheet": f"{reverse('work_sheet')}{desk.query}",
        "here": f"{reverse('work_import')}{desk.query}",
        "is_example": desk.assessment is not None and desk.assessment.is_example,
    }
    if plan is not None:
        context |= {
            "wrong": plan.wrong[:SHOWN],
            "clashes": plan.clashes,
            "good": plan.good[:SHOWN],
            "sealed": _sealed(request, desk, plan) if plan.good or plan.clashes else "",
        }
    return render(request, "submissions/work_import.html", context, status=status)
