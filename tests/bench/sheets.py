"""Sheets in and out, beside the library alone on the same sheet: time and peak memory."""

import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import openpyxl
import tablib
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from django.urls import reverse
from import_export.resources import modelresource_factory

from agencies.models import User
from agencies.resources import UserResource
from indicators.resources import read_sheet, to_xlsx
from tests.bench.figures import paired
from tests.bench.measure import LOCAL, Bench, UnmeasuredError, client, expect

MANY = 140_000
MEGABYTE = 1024 * 1024


def sheets(bench: Bench, *, alone: bool) -> None:
    """Every figure of this file; what no region changes only where there is one of them."""
    for group in (office_out_and_in, reference, *((many_rows,) if alone else ())):
        try:
            group(bench)
        except UnmeasuredError as error:
            bench.missing(group.__name__, error)


def office_out_and_in(bench: Bench) -> None:
    """The office with the most answers takes its workbook and sends it back."""
    offices = bench.year.submissions.values_list("agency__code", flat=True)
    code = offices.annotate(n=Count("responses")).order_by("-n", "agency__code").first()
    browser = client(code or "")
    got = browser.get(reverse("work_sheet"))
    expect(got)
    content, address = got.content, reverse("work_import")

    def out(_: int) -> None:
        expect(browser.get(reverse("work_sheet")))

    def preview(_: int) -> None:
        upload = SimpleUploadedFile("isian.xlsx", content)
        response = browser.post(address, {"berkas": upload}, **LOCAL)
        if response.status_code != 200 or b"sama dengan yang tersimpan" not in response.content:
            raise UnmeasuredError(f"the preview answered {response.status_code}")

    cells = cells_of(content)
    bench.add_paired(
        "an office's workbook, to XlsxWriter alone with its cells", out,
        lambda _: plainly_written(cells), most=6, most_queries=15,
    )  # fmt: skip
    bench.add_paired(
        "import of a whole office with preview, to openpyxl read_only", preview,
        lambda _: cells_of(content), most=5, most_queries=15,
    )  # fmt: skip
    memory(bench, "import of a whole office, peak", lambda: preview(0), lambda: cells_of(content))


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

    def theirs(_: int) -> None:
        result = plain().import_data(bare, dry_run=True, use_transactions=True)
        if result.has_errors():
            raise UnmeasuredError("the plain resource failed")

    value, floor, steady = paired(ours, theirs, times=10)
    bench.add(
        f"import of {len(rows)} people, to django-import-export alone", value, floor=floor,
        steady=steady, most=2,
    )  # fmt: skip


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
