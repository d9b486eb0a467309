"""The registers over HTTP: the list of them, one as a table, a row of it, and its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.http import Request
from indicators.models import Register
from submissions.actions import registers as verbs
from submissions.actions.pace import TooFastError
from submissions.actions.record import RefusedError
from submissions.actions.storing import CheckedFile
from submissions.actions.taking import took_register
from submissions.forms import uploads
from submissions.forms.cells import columns_of
from submissions.forms.registers import RowForm, initial_of
from submissions.models import RegisterRow, RowEvidence, hide_restricted
from submissions.views import register_page as pages
from submissions.views.receiving import receive_files, too_fast
from submissions.views.register_sheet import empty_sheet, register_sheet

TABLE = "submissions/register_table.html"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def registers(request: Request) -> HttpResponse:
    """Every register, with what the office has in it and what hangs on it."""
    desk = pages.desk_of(request)
    context = _frame(desk) | {"shelves": pages.shelves(desk)}
    return render(request, "submissions/register_list.html", context)


@require_http_methods(["GET", "POST"])
def register(request: Request, code: str) -> HttpResponse:
    """The table; POST adds one row. `?salin=` begins the new row as another."""
    desk = pages.desk_of(request)
    found = desk.register(code)
    today = timezone.localdate()
    if request.method == "GET":
        form = None
        if desk.editable:
            form = pages.new_form(desk, found, today, _like(request, desk, code))
        return render(request, TABLE, _table(request, desk, found) | {"form": form})
    if not desk.editable or desk.agency is None:
        raise PermissionDenied
    form = RowForm(request.POST, register=found, today=today, form_id=pages.ADD_FORM)
    if not form.is_valid():
        return _not_added(request, desk, found, form, form.sentences())
    try:
        row = verbs.add_row(
            desk.agency,
            found,
            cells=form.cells(),
            token=form.cleaned_data["token"],
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as error:
        return _not_added(request, desk, found, form, [str(error)])
    if not request.htmx:
        messages.success(request, "Baris ditambahkan.")
        return redirect(_address(desk, found))
    context = _frame(desk) | _foot(request, desk, found)
    context |= {
        "register": found,
        "line": pages.one_line(found, row.pk),
        "form": pages.new_form(desk, found, today),
        "fresh": True,
    }
    return render(request, f"{TABLE}#ditambah", context)


@require_http_methods(["GET", "POST"])
def register_row(request: Request, code: str, pk: int) -> HttpResponse:
    """One row: to read with its history, or to change. For htmx it is a line of the table."""
    row = pages.fetch_row(request.user, code, pk)
    desk = pages.desk_of_row(request.user, row)
    if request.method == "GET":
        if request.htmx and "batal" in request.GET:
            return _line(request, desk, row)
        form = None
        if desk.editable and row.retired_at is None:
            form = _row_form(request, row)
        if request.htmx and form is not None:
            return render(request, f"{TABLE}#ubah", _row_context(desk, row, form))
        return render(request, "submissions/register_row.html", _row_page(desk, row, form))
    if not desk.editable:
        raise PermissionDenied
    form = _row_form(request, row, request.POST)
    if not form.is_valid():
        return _not_saved(request, desk, row, form, form.sentences(), 422)
    try:
        saved = verbs.save_row(
            row,
            cells=form.cells(),
            version=form.cleaned_data["versi"] or 0,
            by=request.user,
            now=timezone.now(),
        )
    except RefusedError as error:
        return _not_saved(request, desk, row, form, [str(error)], 422)
    except verbs.StaleRowError as stale:
        return _not_saved(request, desk, stale.current, form, [], 409)
    if request.htmx:
        return _line(request, desk, saved)
    messages.success(request, "Baris tersimpan.")
    return redirect(_address(desk, row.register))


@require_POST
def register_retire(request: Request, code: str, pk: int) -> HttpResponse:
    """Take a row out, or bring it back."""
    row = pages.fetch_row(request.user, code, pk)
    desk = pages.desk_of_row(request.user, row)
    back = "pulihkan" in request.POST
    verb = verbs.restore_row if back else verbs.retire_row
    try:
        verb(row, by=request.user, now=timezone.now())
    except verbs.StaleRowError:
        messages.warning(request, "Baris itu baru saja diubah orang lain. Periksa dahulu.")
        return redirect("register_row", code, pk)
    if request.htmx:
        return _line(request, desk, pages.fetch_row(request.user, code, pk))
    if back:
        messages.success(request, "Baris dipulihkan.")
        return redirect(_address(desk, row.register))
    messages.success(request, "Baris dihapus. Bila keliru, pulihkan di sini.")
    return redirect("register_row", code, pk)


@require_http_methods(["GET", "POST"])
def register_evidence(request: Request, code: str, pk: int) -> HttpResponse:
    """The evidence of one row; POST adds files."""
    row = pages.fetch_row(request.user, code, pk)
    desk = pages.desk_of_row(request.user, row)
    refusals: list[str] = []
    if request.method == "POST":
        if not desk.editable:
            raise PermissionDenied
        try:
            refusals = _attach(request, row)
        except TooFastError as error:
            return too_fast(error)
        if not refusals and not request.htmx:
            messages.success(request, "Data dukung tersimpan.")
            return redirect(request.path)
    if request.htmx:
        return row_listed(request, row, refusals)
    columns = columns_of(row.register)
    context = _frame(desk) | {
        "register": row.register,
        "line": pages.line_of(columns, row),
        "row": row,
        "proofs": pages.proofs_of(row, request.user),
        "editable": desk.editable and row.retired_at is None,
        "refusals": refusals,
        "accept": uploads.ACCEPT,
        "back": _address(desk, row.register),
    }
    too_big = bool(getattr(request, "too_big", None))
    status = 200 if not refusals else (413 if too_big else 422)
    return render(request, "submissions/register_evidence.html", context, status=status)


def row_listed(request: Request, row: RegisterRow, refusals: list[str]) -> HttpResponse:
    """The evidence of a row as it is now, and what was refused, for a script."""
    desk = pages.desk_of_row(request.user, row)
    context = {
        "register": row.register,
        "row": row,
        "proofs": pages.proofs_of(row, request.user),
        "editable": desk.editable and row.retired_at is None,
        "refused": refusals,
    }
    status = 200 if not refusals else (413 if getattr(request, "too_big", None) else 422)
    return render(request, "submissions/register_evidence.html#bukti", context, status=status)


@require_POST
def register_detach(request: Request, code: str, pk: int, link: int) -> HttpResponse:
    row = pages.fetch_row(request.user, code, pk)
    found = get_object_or_404(
        RowEvidence.objects.select_related("row__agency", "evidence"), pk=link, row=row
    )
    verbs.detach_from_row(found, by=request.user, now=timezone.now())
    messages.success(request, f"{found.evidence.name} dilepas dari baris ini.")
    return redirect("register_evidence", code, pk)


@require_GET
def register_sheet_file(request: Request, code: str) -> HttpResponse:
    """All rows of the office as a workbook, or an empty one to fill in."""
    desk = pages.desk_of(request)
    found = desk.register(code)
    if "kosong" in request.GET:
        content, name = empty_sheet(found), f"daftar-induk-{code}-kosong.xlsx"
    else:
        rows = pages.with_proofs(desk.rows().live().filter(code=code))
        content = register_sheet(found, rows, offices=desk.agency is None)
        name = "-".join(["daftar-induk", code, *([desk.agency.code] if desk.agency else [])])
        name = f"{name}.xlsx"
        took_register(desk.agency, sheet=name, by=request.user)
    response = HttpResponse(content, content_type=SPREADSHEET)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- the steps -----------------------------------------------------------------------------------


def _frame(desk: pages.Desk) -> dict[str, Any]:
    return {
        "desk": desk,
        "suffix": f"?{desk.query}" if desk.query else "",
        "is_example": desk.assessment is not None and desk.assessment.is_example,
    }


def _address(desk: pages.Desk, found: Register) -> str:
    return reverse("register", args=[found.code]) + (f"?{desk.query}" if desk.query else "")


def _table(request: Request, desk: pages.Desk, found: Register) -> dict[str, Any]:
    columns = columns_of(found)
    narrowing = pages.narrowing_of(request.GET, columns)
    return _frame(desk) | {
        "register": found,
        "table": pages.table_of(desk, found, narrowing, request.GET.get("page")),
        "heads": pages.heads_of(columns, desk, narrowing),
        "narrowing": narrowing,
        "offices": desk.agency is None,
    }


def _foot(request: Request, desk: pages.Desk, found: Register) -> dict[str, Any]:
    """The sums of the table that the browser shows, after a change in one of its rows."""
    seen = QueryDict(urlsplit(request.htmx.current_url or "").query)
    narrowing = pages.narrowing_of(seen, columns_of(found))
    if seen.get("perangkat") == pages.ALL:
        desk = pages.Desk(desk.user, desk.instrument, desk.assessment, None, desk.agencies)
    return {
        "table": pages.table_of(desk, found, narrowing, None),
        "offices": desk.agency is None,
    }


def _like(request: Request, desk: pages.Desk, code: str) -> RegisterRow | None:
    wanted = request.GET.get("salin", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        return None
    return desk.rows().filter(pk=int(wanted), code=code).first()


def _not_added(
    request: Request, desk: pages.Desk, found: Register, form: RowForm, errors: list[str]
) -> HttpResponse:
    context = {"form": form, "errors": errors, "register": found}
    if request.htmx:
        context |= _frame(desk) | {"offices": False}
        return render(request, f"{TABLE}#tambah", context, status=422)
    return render(request, TABLE, _table(request, desk, found) | context, status=422)


def _row_form(request: Request, row: RegisterRow, typed: Any = None) -> RowForm:
    form_id = f"ubah-{row.pk}" if request.htmx else ""
    initial = initial_of(row.register, row) | {"versi": row.version}
    today = timezone.localdate()
    return RowForm(typed, register=row.register, today=today, form_id=form_id, initial=initial)


def _row_context(desk: pages.Desk, row: RegisterRow, form: RowForm | None) -> dict[str, Any]:
    return _frame(desk) | {
        "register": row.register,
        "row": row,
        "form": form,
        "version": row.version,
        "line": pages.line_of(columns_of(row.register), row),
    }


def _row_page(desk: pages.Desk, row: RegisterRow, form: RowForm | None) -> dict[str, Any]:
    found = row.changes.select_related("by").order_by("-pk")[:50]
    history = hide_restricted(found, desk.user)
    return _row_context(desk, row, form) | {
        "history": history,
        "proofs": pages.proofs_of(row, desk.user),
        "editable": desk.editable,
        "back": _address(desk, row.register),
    }


def _not_saved(
    request: Request,
    desk: pages.Desk,
    row: RegisterRow,
    form: RowForm,
    errors: list[str],
    status: int,
) -> HttpResponse:
    """What was typed stays; beside it what is wrong, or what somebody else saved meanwhile."""
    extra: dict[str, Any] = {"errors": errors}
    if status == 409:
        columns, cells = columns_of(row.register), form.cells()
        theirs = pages.cells_of(columns, row.data)
        mine = pages.cells_of(columns, cells.data)
        extra["other"] = row
        extra["clash"] = [
            (old.label, old.text, new.text)
            for old, new in zip(theirs, mine, strict=True)
            if old.text != new.text
        ]
        years = (
            pages.validity(row.valid_from, row.valid_to),
            pages.validity(cells.valid_from, cells.valid_to),
        )
        if years[0] != years[1]:
            extra["clash"].append(("Berlaku", *years))
    else:
        extra["version"] = form.data.get("versi", "")
    if request.htmx:
        context = _row_context(desk, row, form) | extra
        return render(request, f"{TABLE}#ubah", context, status=status)
    context = _row_page(desk, row, form) | extra
    return render(request, "submissions/register_row.html", context, status=status)


def _line(request: Request, desk: pages.Desk, row: RegisterRow) -> HttpResponse:
    """The row as a line of the table again, with the sums that follow from it."""
    context = _frame(desk) | _foot(request, desk, row.register)
    context |= {"register": row.register, "line": pages.one_line(row.register, row.pk)}
    return render(request, f"{TABLE}#diubah", context)


def _attach(request: Request, row: RegisterRow) -> list[str]:
    def attach(upload: CheckedFile, now: datetime) -> None:
        verbs.attach_to_row(row, upload=upload, by=request.user, now=now)

    return receive_files(request, attach)
