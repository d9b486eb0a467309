"""Sheets in and out, beside the library alone on the same sheet: time and peak memory."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import openpyxl
import tablib
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from import_export.resources import ModelResource, modelresource_factory

from agencies.models import Agency, User
from agencies.resources import UserResource
from indicators.models import Register
from indicators.resources.tables import read_sheet
from indicators.resources.writing import to_xlsx
from submissions.actions.registers import words_of
from submissions.forms.reference import resource_of
from submissions.models import RegisterRow
from tests.bench.figures import paired
from tests.bench.measure import LOCAL, Bench, UnmeasuredError, client, expect

MANY = 140_000
ROWS = 900  # with those of the example about as many as one paste takes
MEGABYTE = 1024 * 1024


def sheets(bench: Bench, *, alone: bool) -> None:
    """Every figure of this file; what no region changes only where there is one of them."""
    for group in (
        office_out_and_in,
        register_out_and_in,
        instrument_out_and_in,
        reference,
        *((many_rows,) if alone else ()),
    ):
        try:
            group(bench)
        except UnmeasuredError as error:
            bench.missing(group.__name__, error)


def office_out_and_in(bench: Bench) -> None:
    """The office with the most answers takes its workbook and sends it back; the one with the
    fewest takes as many queries.
    """
    offices = bench.year.submissions.order_by().values_list("agency__code")
    sizes = list(offices.annotate(n=Count("responses")).order_by("n", "agency__code"))
    (small, few), (large, many) = sizes[0], sizes[-1]
    preview, content = previewed(client(small))
    least = bench.queries(lambda: preview(0))
    browser = client(large)
    preview, content = previewed(browser)
    cells = cells_of(content)
    bench.add_paired(
        "an office's workbook, to XlsxWriter alone with its cells",
        lambda _: expect(browser.get(reverse("work_sheet"))),
        lambda _: plainly_written(cells), most=6, most_queries=15,
    )  # fmt: skip
    bench.add_paired(
        "import of a whole office with preview, to openpyxl read_only", preview,
        lambda _: cells_of(content), most=5, most_queries=least,
        note=f"{many} answers; for {few} it takes {least} queries",
    )  # fmt: skip
    memory(bench, "import of a whole office, peak", lambda: preview(0), lambda: cells_of(content))


def previewed(browser: Client) -> tuple[Callable[[int], None], bytes]:
    """An office's workbook, and sending it back unchanged as work to be timed."""
    got = browser.get(reverse("work_sheet"))
    expect(got)
    content = got.content

    def preview(_: int) -> None:
        upload = SimpleUploadedFile("isian.xlsx", content)
        response = browser.post(reverse("work_import"), {"berkas": upload}, **LOCAL)
        if response.status_code != 200 or b"sama dengan yang tersimpan" not in response.content:
            raise UnmeasuredError(f"the preview answered {response.status_code}")

    return preview, content


def register_out_and_in(bench: Bench) -> None:
    """A register of many rows: taken as a workbook, sent back with preview, and as reference
    data.
    """
    office = Agency.objects.get(region=bench.year.region, code="dp3ap2kb")
    with rows_of(bench, office) as register:
        browser = client(office.code)
        sheet = reverse("register_sheet", args=[register.code])
        got = browser.get(sheet)
        expect(got)
        content, cells = got.content, cells_of(got.content)

        def preview(_: int) -> None:
            upload = SimpleUploadedFile("daftar.xlsx", content)
            data = {"kirim": "1", "berkas": upload}
            response = browser.post(reverse("register_paste", args=[register.code]), data, **LOCAL)
            if response.status_code != 200 or b"sudah ada dalam daftar" not in response.content:
                raise UnmeasuredError(f"the preview answered {response.status_code}")

        bench.add_paired(
            f"a register of {ROWS} rows, to XlsxWriter alone with its cells",
            lambda _: expect(browser.get(sheet)),
            lambda _: plainly_written(cells), most=6, most_queries=15,
        )  # fmt: skip
        bench.add_paired(
            f"a register of {ROWS} rows looked into, to openpyxl read_only", preview,
            lambda _: cells_of(content), most=5, most_queries=15,
        )  # fmt: skip
        as_reference(bench, register)


def as_reference(bench: Bench, register: Register) -> None:
    """The same rows by the commands and the admin, beside the library's plain resource."""
    resource, by = resource_of(register), User.objects.get(username="verifikator")
    content = to_xlsx(resource().sheet(), title="Data")
    plain = modelresource_factory(RegisterRow)
    names = ["id", "code", "valid_from", "valid_to", "version"]
    bare = tablib.Dataset(
        *RegisterRow.objects.filter(code=register.code).values_list(*names), headers=names
    )

    def ours(_: int) -> None:
        resource().load(read_sheet(content), by=by, dry_run=True)

    value, floor, steady = paired(ours, lambda _: plainly_loaded(plain, bare), times=5)
    bench.add(
        "the same as reference data, to django-import-export alone", value, floor=floor,
        steady=steady, most=2,
    )  # fmt: skip


@contextmanager
def rows_of(bench: Bench, office: Agency) -> Iterator[Register]:
    """A register with many rows of one office, for as long as it takes."""
    register = bench.year.instrument.registers.get(code="kegiatan")
    by = User.objects.get(username=office.code)
    first = RegisterRow.objects.filter(register=register, agency=office).first()
    rows = []
    for number in range(ROWS):
        data = {**first.data, "nama": f"Kegiatan ukur {number}"}
        rows.append(
            RegisterRow(
                agency=office, code=register.code, register=register, data=data,
                words=words_of(register, data), valid_from=first.valid_from,
                created_by=by, changed_by=by,
            )
        )  # fmt: skip
    made = RegisterRow.objects.bulk_create(rows, 500)
    try:
        yield register
    finally:
        RegisterRow.objects.filter(pk__in=[each.pk for each in made]).delete()


def instrument_out_and_in(bench: Bench) -> None:
    """The instrument of the year as a workbook, and the same looked into."""
    browser = client("verifikator")
    address = reverse("instrument_sheet", args=[bench.year.instrument.code])
    got = browser.get(address)
    expect(got)
    content, cells = got.content, cells_of(got.content)

    def preview(_: int) -> None:
        upload = SimpleUploadedFile("instrumen.xlsx", content)
        expect(browser.post(reverse("instrument_import"), {"berkas": upload}, **LOCAL))

    bench.add_paired(
        "the instrument's workbook, to XlsxWriter alone with its cells",
        lambda _: expect(browser.get(address)),
        lambda _: plainly_written(cells), most=6, most_queries=15,
    )  # fmt: skip
    bench.add_paired(
        "the instrument's workbook looked into, to openpyxl read_only", preview,
        lambda _: cells_of(content), most=5,
    )  # fmt: skip


def reference(bench: Bench) -> None:
    """People as a sheet: looked into, beside the library's plain resource on the same rows."""
    content = to_xlsx(UserResource().sheet(), title="Data")
    rows = read_sheet(content)
    plain = modelresource_factory(User)
    bare = tablib.Dataset(
        *User.objects.values_list("id", "username", "name", "email", "role", "is_active"),
        headers=["id", "username", "name", "email", "role", "is_active"],
    )

    def ours(_: int) -> None:
        UserResource().load(read_sheet(content), dry_run=True)

    value, floor, steady = paired(ours, lambda _: plainly_loaded(plain, bare), times=10)
    bench.add(
        f"import of {len(rows)} people, to django-import-export alone", value, floor=floor,
        steady=steady, most=2,
    )  # fmt: skip


def plainly_loaded(plain: type[ModelResource], bare: tablib.Dataset) -> None:
    """Looked into by the library alone."""
    result = plain().import_data(bare, dry_run=True, use_transactions=True)
    if result.has_errors():
        raise UnmeasuredError("the plain resource failed")


def many_rows(bench: Bench) -> None:
    """A sheet far beyond any city's, to XlsxWriter alone."""
    table = tablib.Dataset(headers=[f"Kolom {number}" for number in range(8)])
    for row in range(MANY):
        table.append([f"baris {row} kolom {column}" for column in range(7)] + [row])

    def plainly() -> None:
        book = xlsxwriter.Workbook(BytesIO(), {"constant_memory": True})
        page = book.add_worksheet()
        for number, row in enumerate(table):
            for column, value in enumerate(row):
                page.write(number, column, value)
        book.close()

    value, floor = seconds(lambda: to_xlsx(table, title="Data")), seconds(plainly)
    bench.add(f"a sheet of {MANY} x 8, to XlsxWriter alone", value, floor=floor, unit="s", most=2)
    peak = peak_of(lambda: to_xlsx(table, title="Data"))
    bench.add(f"a sheet of {MANY} x 8, peak", peak, unit="MiB", most=60)


def memory(bench: Bench, name: str, work: Callable[[], object], floor: Callable[[], object]):
    """The peak of what Python holds meanwhile, in megabytes, beside the floor's."""
    bench.add(name, peak_of(work), floor=peak_of(floor), unit="MiB", most=5)


def peak_of(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MEGABYTE


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cells_of(content: bytes) -> list[list[tuple]]:
    """Every cell by openpyxl alone, as fast as it can."""
    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def plainly_written(sheets: list[list[tuple]]) -> None:
    """The same cells, with one format."""
    book = xlsxwriter.Workbook(BytesIO(), {"in_memory": True, "strings_to_formulas": False})
    style = book.add_format({"text_wrap": True, "border": 1})
    for rows in sheets:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                page.write(number, column, value, style)
    book.close()
