"""The instrument as a workbook: out for everybody who reads it, in again as a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from indicators.actions import InstrumentError, load_instrument
from indicators.actions.checking import InstrumentData
from indicators.actions.comparing import KIND_LABELS, Difference, compare
from indicators.actions.likeness import suggestions
from indicators.actions.loading import stored_data
from indicators.actions.mapping import PERMISSION
from indicators.actions.taking import took_instrument
from indicators.actions.writing import as_file
from indicators.forms.workbook import StoreForm, WorkbookForm, free_code, named, seal, unseal
from indicators.models import Instrument
from indicators.resources.instrument import read_workbook, write_workbook
from indicators.resources.problems import Problem, SheetError
from indicators.resources.reading import MAX_BYTES, TOO_BIG
from indicators.wording import number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100
SAID = {
    "new": "Draf {title} dimuat: {questions} pertanyaan.",
    "replaced": "Draf {title} diganti: {questions} pertanyaan.",
    "unchanged": "{title} sudah sama; tidak ada yang disimpan.",
}


@require_GET
@permission_required("indicators.view_instrument", raise_exception=True)
def instrument_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """One version as a workbook."""
    instrument = get_object_or_404(Instrument.objects.visible_to(request.user), code=code)
    content, sheet = write_workbook(stored_data(instrument)), f"instrumen-{code}.xlsx"
    took_instrument(instrument, sheet=sheet, by=request.user)
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{sheet}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSION, raise_exception=True)
def instrument_import(request: HttpRequest) -> HttpResponse:
    """GET the way in; POST a workbook looks into it; POST what was looked into stores a draft."""
    if request.method != "POST":
        return _page(request, WorkbookForm())
    if "isi" in request.POST:
        return _store(request)
    form = WorkbookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        data = _look(form.cleaned_data["berkas"])
    except SheetError as error:
        return _page(request, form, problems=error.problems, status=422)
    return _preview(request, data)


def _look(upload: UploadedFile[bytes]) -> InstrumentData:
    """The instrument of an upload, whose size is looked at before it is read."""
    if (upload.size or 0) > MAX_BYTES:
        raise SheetError([Problem(TOO_BIG)])
    return read_workbook(upload.read())


def _store(request: HttpRequest) -> HttpResponse:
    """Keep what was looked into as a draft; a published version is never touched."""
    data = unseal(request.POST["isi"], user=request.user.pk or 0)
    if data is None:
        said = "Hasil pemeriksaan sudah lama atau berubah. Pilih buku kerjanya lagi."
        return _page(request, WorkbookForm(), problems=[Problem(said)], status=422)
    form = StoreForm(request.POST)
    if not form.is_valid():
        return _preview(request, data, form=form)
    chosen = named(data, form.cleaned_data)
    try:
        loaded = load_instrument(as_file(chosen), by=request.user)
    except InstrumentError as error:
        form.add_error("kode", " ".join(error.problems))
        return _preview(request, data, form=form)
    count = number(loaded.questions)
    said = SAID[loaded.outcome].format(title=loaded.instrument.title, questions=count)
    messages.success(request, said)
    return redirect(f"{reverse('instrument_versions')}?ke={loaded.instrument.code}")


def _preview(
    request: HttpRequest, data: InstrumentData, *, form: StoreForm | None = None
) -> HttpResponse:
    """What would be stored, and what differs from the version that it stands for."""
    same = Instrument.objects.filter(code=data.code).first()
    base = same or Instrument.objects.published().first()
    difference = None if base is None else _difference(base, data)
    taken = same is not None and same.published_at is not None
    if form is None:
        code = free_code(data.code) if taken else data.code
        form = StoreForm(initial={"kode": code, "judul": data.title})
    unchanged = same is not None and stored_data(same) == data
    counts = difference.counts() if difference else {}
    return _page(
        request,
        WorkbookForm(),
        data=data,
        asked=sum(len(each.questions) for c in data.clusters for each in c.indicators),
        store=form,
        base=base,
        difference=difference,
        shown=difference.entries[:SHOWN] if difference else (),
        kinds=[(KIND_LABELS[kind], count) for kind, count in counts.items() if count],
        replaces=same is not None and not taken,
        unchanged=unchanged,
        sealed=seal(data, user=request.user.pk or 0),
        status=422 if form.is_bound else 200,
    )


def _difference(base: Instrument, data: InstrumentData) -> Difference:
    older = stored_data(base)
    before, now = (
        {q.code: q.text for c in each.clusters for i in c.indicators for q in i.questions}
        for each in (older, data)
    )
    return compare(older, data, {code: each.key for code, each in suggestions(now, before).items()})


def _page(
    request: HttpRequest,
    form: WorkbookForm,
    *,
    problems: list[Problem] | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    found = problems or []
    context |= {
        "form": form,
        "problems": [str(each) for each in found[:SHOWN]],
        "count": len(found),
        "versions": list(Instrument.objects.visible_to(request.user).order_by("-year", "-pk")),
    }
    return render(request, "indicators/import.html", context, status=status)
