"""Many rows at once, pasted or sent as a file: first looked into, then stored, all or none."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.http import Request
from indicators.models import Register
from indicators.wording import number
from submissions.actions import registers as verbs
from submissions.actions.record import RefusedError
from submissions.forms.cells import columns_of
from submissions.forms.register_files import FileForm, pasted_of
from submissions.forms.registers import Pasted, PasteForm, new_token, read_pasted
from submissions.forms.sheets import read_upload
from submissions.views import register_page as pages

SHOWN = 200
SAMPLE = 10


@require_http_methods(["GET", "POST"])
def register_paste(request: Request, code: str) -> HttpResponse:
    """GET the place to paste or to send a file; POST looks into it, and with `simpan` stores it.

    `simpan=semua` stores only if every row is good; `simpan=benar` stores the good ones.
    """
    desk = pages.desk_of(request)
    found = desk.register(code)
    if not desk.editable or desk.agency is None:
        raise PermissionDenied
    today = timezone.localdate()
    if request.method == "GET":
        initial = {"dari": desk.data_year, "token": new_token(), "lewati": True}
        return _page(request, desk, found, PasteForm(today=today, initial=initial))
    if "kirim" in request.POST:
        return _sent(request, desk, found)
    form = PasteForm(request.POST, today=today)
    if not form.is_valid():
        return _page(request, desk, found, form, status=422)
    typed = form.cleaned_data
    pasted = _looked_into(desk, found, form)
    how = request.POST.get("simpan", "")
    if how not in {"semua", "benar"}:
        status = 422 if pasted.refusals else 200
        return _page(request, desk, found, form, pasted, status=status)
    if pasted.refusals or (pasted.bad and how == "semua"):
        return _page(request, desk, found, form, pasted, status=422)
    rows = [each.cells for each in pasted.rows if not (each.same and typed["lewati"])]
    try:
        count = verbs.import_rows(
            desk.agency, found, rows=rows, token=typed["token"], by=request.user, now=timezone.now()
        )
    except RefusedError as error:
        pasted.refusals = [str(error)]
        return _page(request, desk, found, form, pasted, status=422)
    left = len(pasted.rows) - count + pasted.bad_lines
    said = f"{number(count)} baris ditambahkan."
    messages.success(request, f"{said} {number(left)} baris dilewati." if left else said)
    return redirect(reverse("register", args=[code]) + (f"?{desk.query}" if desk.query else ""))


def _looked_into(desk: pages.Desk, found: Register, form: PasteForm) -> Pasted:
    """Every cell, read as this office's."""
    typed = form.cleaned_data
    pasted = read_pasted(
        found,
        typed["isi"],
        valid_from=typed["dari"],
        valid_to=typed["sampai"],
        today=form.today,
        office=desk.agency.name if desk.agency else "",
        own_years=typed["berkas"],
    )
    _mark_known(desk, found, pasted)
    return pasted


def _sent(request: Request, desk: pages.Desk, found: Register) -> HttpResponse:
    """A file: its cells are shown as if they had been pasted, looked into already."""
    today = timezone.localdate()
    initial = {"dari": desk.data_year, "token": new_token(), "lewati": True}
    file = FileForm(request.POST, request.FILES)
    if not file.is_valid():
        empty = PasteForm(today=today, initial=initial)
        return _page(request, desk, found, empty, file=file, status=422)
    try:
        text = pasted_of(found, read_upload(file.cleaned_data["berkas"]))
    except RefusedError as error:
        file.add_error("berkas", str(error))
        empty = PasteForm(today=today, initial=initial)
        return _page(request, desk, found, empty, file=file, status=422)
    form = PasteForm(initial | {"isi": text, "berkas": True}, today=today)
    if not form.is_valid():
        return _page(request, desk, found, form, status=422)
    pasted = _looked_into(desk, found, form)
    return _page(request, desk, found, form, pasted, status=422 if pasted.refusals else 200)


def _mark_known(desk: pages.Desk, found: Register, pasted: Pasted) -> None:
    if desk.agency is None or not pasted.rows:
        return
    known = verbs.same_rows(desk.agency, found.code, (each.words for each in pasted.rows))
    for each in pasted.rows:
        if each.words in known:
            each.same = "sudah ada dalam daftar"


def _page(
    request: Request,
    desk: pages.Desk,
    found: Register,
    form: PasteForm,
    pasted: Pasted | None = None,
    *,
    file: FileForm | None = None,
    status: int = 200,
) -> HttpResponse:
    columns = columns_of(found)
    context: dict[str, Any] = {
        "desk": desk,
        "suffix": f"?{desk.query}" if desk.query else "",
        "is_example": desk.assessment is not None and desk.assessment.is_example,
        "register": found,
        "columns": columns,
        "form": form,
        "file": file or FileForm(),
        "pasted": pasted,
        "limit": verbs.PASTE_ROWS,
    }
    if pasted is not None:
        context |= {
            "bad": pasted.bad[:SHOWN],
            "repeated": pasted.repeated[:SHOWN],
            "sample": [
                (each.line, pages.cells_of(columns, each.cells.data), each.cells)
                for each in pasted.rows[:SAMPLE]
            ],
        }
    return render(request, "submissions/register_paste.html", context, status=status)
