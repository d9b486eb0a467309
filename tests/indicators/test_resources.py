"""The base of every sheet: all or nothing, errors by their place, text never a formula."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
import tablib

from indicators.models import Cluster, Instrument
from indicators.resources.cells import Column, DateCell, NumberCell, TextCell, WholeCell, YesNoCell
from indicators.resources.formats import Xlsx
from indicators.resources.problems import UNTITLED, SheetError
from indicators.resources.sheets import Outcome, SheetResource
from indicators.resources.tables import read_sheet
from indicators.resources.writing import LONG, to_xlsx
from tests.factories import make_instrument

pytestmark = pytest.mark.django_db

HEADINGS = ["Kode", "Judul", "Tahun", "Nilai maksimum"]


class InstrumentSheet(SheetResource):
    code = Column("code", "Kode", TextCell())
    title = Column("title", "Judul", TextCell())
    year = Column("year", "Tahun", WholeCell())
    total_max_points = Column("total_max_points", "Nilai maksimum", NumberCell())

    class Meta:
        model = Instrument
        fields = ("code", "title", "year", "total_max_points")
        import_id_fields = ("code",)


def sheet(*rows, headings=HEADINGS):
    return tablib.Dataset(*rows, headers=headings)


def problems(*rows, headings=HEADINGS):
    with pytest.raises(SheetError) as caught:
        InstrumentSheet().load(sheet(*rows, headings=headings))
    assert Instrument.objects.count() == 0
    return [str(problem) for problem in caught.value.problems]


def book_of(sheets):
    """A workbook that a person might send."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                page.cell(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


BROKEN = (
    "Berkas ini tidak dapat dibaca. Buka di Excel atau LibreOffice, simpan sebagai XLSX, lalu "
    "kirim lagi."
)
GOOD = ("a", "Instrumen A", 2024, Decimal("1000.00"))


def test_a_sheet_is_stored_and_counted():
    make_instrument(code="b", title="Lama", year=2023)
    make_instrument(code="c", title="Sama", year=2024, total_max_points=Decimal(1000))
    rows = [GOOD, ("b", "Baru", 2023, 1000), ("c", "Sama", 2024, 1000)]

    outcome = InstrumentSheet().load(sheet(*rows))

    assert outcome == Outcome(created=1, updated=1, unchanged=1)
    assert list(Instrument.objects.order_by("code").values_list("code", "title")) == [
        ("a", "Instrumen A"),
        ("b", "Baru"),
        ("c", "Sama"),
    ]


def test_a_dry_run_counts_and_stores_nothing():
    assert InstrumentSheet().load(sheet(GOOD), dry_run=True) == Outcome(1, 0, 0)
    assert Instrument.objects.count() == 0


def test_one_bad_row_keeps_the_whole_sheet_out_and_is_named():
    assert problems(GOOD, ("b", "Instrumen B", "dua ribu", 1000)) == [
        "Baris 3, kolom Tahun, isi “dua ribu”: harus bilangan."
    ]


def test_every_bad_cell_is_named_at_once():
    assert problems(("a", 1.5, 2024.5, "x"), ("b", "", 2024, 1000)) == [
        "Baris 2, kolom Judul, isi “1.5”: harus teks; ubah format sel menjadi teks, "
        "lalu ketik ulang.",
        "Baris 2, kolom Tahun, isi “2024.5”: harus bilangan bulat.",
        "Baris 2, kolom Nilai maksimum, isi “x”: harus bilangan.",
        "Baris 3, kolom Judul, isi kosong: Field ini tidak boleh kosong.",
    ]


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["Kode", "Judul", "Tahun"], ["Kolom Nilai maksimum: kolom tidak ada."]),
        ([*HEADINGS, "Sandi"], ["Kolom Sandi: kolom tidak dikenal."]),
        ([*HEADINGS, "Kode"], ["Kolom Kode: kolom ada dua kali."]),
        (
            [*HEADINGS, ""],
            [f"Kolom E: {UNTITLED}"],
        ),
    ],
)
def test_headings_must_be_exactly_those_of_the_resource(headings, said):
    assert problems((*GOOD, "x")[: len(headings)], headings=headings) == said


def test_a_row_that_stands_twice_is_refused():
    assert problems(GOOD, GOOD) == ["Baris 3, kolom Kode, isi “a”: sudah ada di baris 2."]


def test_the_admin_way_in_is_refused_by_the_same_headings():
    result = InstrumentSheet().import_data(sheet(GOOD[:3], headings=HEADINGS[:3]))
    assert [str(error.error) for error in result.base_errors] == [
        "Kolom Nilai maksimum: kolom tidak ada."
    ]
    assert Instrument.objects.count() == 0


def test_empty_rows_at_the_end_are_no_rows():
    assert InstrumentSheet().load(sheet(GOOD, (None, "", None, None))) == Outcome(1, 0, 0)


def test_what_goes_out_comes_in_unchanged():
    make_instrument(code="a", title="=1+1", total_max_points=Decimal("1234.50"))
    out = to_xlsx(InstrumentSheet().sheet(Instrument.objects.all()), title="Instrumen")
    assert InstrumentSheet().load(read_sheet(out)) == Outcome(0, 0, 1)


def test_numbers_leave_as_numbers_and_text_never_as_a_formula():
    make_instrument(code="a", title='=HYPERLINK("http://x","y")', year=2024)
    exported = InstrumentSheet().sheet(Instrument.objects.all())
    for content in (to_xlsx(exported, title="Instrumen"), Xlsx().export_data(exported)):
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2))
        assert [(cell.value, cell.data_type) for cell in rows[0]] == [
            ("a", "s"),
            ('=HYPERLINK("http://x","y")', "s"),
            (2024, "n"),
            (1000, "n"),
        ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Berkas ini kosong."),
        (b"PK\x03\x04 nothing", BROKEN),
        (b"Kode\na,b", f"Baris 2, kolom B, isi “b”: {UNTITLED}"),
        (b"Kode;Judul\n\na;b\nc;d;e", f"Baris 4, kolom C, isi “e”: {UNTITLED}"),
        (b"x" * (5 * 1024 * 1024 + 1), "Berkas terlalu besar: paling besar 5 MB."),
        (
            book_of({"Data": [["Kode"], ["a"]], "Lain": [["x"]]}),
            "Ada 2 lembar yang berisi (Data, Lain). Sisakan satu, lalu kirim.",
        ),
        (
            book_of({"Data": [["Kode"], [], ["a", "b"]]}),
            f"Lembar Data, baris 3, kolom B, isi “b”: {UNTITLED}",
        ),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(content, said):
    with pytest.raises(SheetError) as caught:
        read_sheet(content)
    assert str(caught.value) == said


def test_a_problem_is_named_by_the_sheet_and_the_row_that_the_spreadsheet_shows():
    rows = [HEADINGS, [], list(GOOD), [], ["b", "B", "x", 1000]]
    with pytest.raises(SheetError) as caught:
        InstrumentSheet().load(read_sheet(book_of({"Instrumen": rows, "Kosong": []})))
    assert str(caught.value) == "Lembar Instrumen, baris 5, kolom Tahun, isi “x”: harus bilangan."


@pytest.mark.parametrize("text", ["Kode,Judul\na,b c\n", "\ufeffKode;Judul\r\na;b c\r\n"])
def test_csv_is_read_with_commas_or_semicolons(text):
    assert read_sheet(text.encode()).dict == [{"Kode": "a", "Judul": "b c"}]


@pytest.mark.parametrize(
    ("cell", "given", "kept"),
    [
        (TextCell(), "  a ", "a"),
        (TextCell(), 32, "32"),
        (TextCell(), None, ""),
        (NumberCell(), "1.234,50", Decimal("1234.50")),
        (NumberCell(), 12.5, Decimal("12.5")),
        (NumberCell(), "", None),
        (WholeCell(), 3.0, 3),
        (YesNoCell(), "YA ", True),
        (YesNoCell(), False, False),
        (DateCell(), "31/12/2024", date(2024, 12, 31)),
        (DateCell(), "2024-12-31", date(2024, 12, 31)),
    ],
)
def test_a_cell_is_read(cell, given, kept):
    assert cell.clean(given) == kept


@pytest.mark.parametrize(
    ("cell", "given", "said"),
    [
        (TextCell(), True, "harus teks; ubah format sel menjadi teks, lalu ketik ulang."),
        (NumberCell(), "NaN", "harus bilangan."),
        (NumberCell(), True, "harus bilangan."),
        (WholeCell(), "1,5", "harus bilangan bulat."),
        (WholeCell(), "1e400", "harus bilangan bulat."),
        (YesNoCell(), "mungkin", "harus Ya atau Tidak."),
        (YesNoCell(), None, "harus Ya atau Tidak."),
        (DateCell(), "31 Desember", "harus tanggal, misalnya 31/12/2024."),
    ],
)
def test_a_cell_is_refused_by_a_sentence(cell, given, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        cell.clean(given)


class ClusterSheet(SheetResource):
    instrument = Column("instrument__code", "Instrumen", TextCell(), readonly=True)
    code = Column("code", "Kode", TextCell())

    class Meta:
        model = Cluster
        fields = ("instrument", "code")
        import_id_fields = ("code",)


def test_a_row_that_the_database_refuses_is_named_without_the_database_s_words():
    with pytest.raises(SheetError) as caught:
        ClusterSheet().load(sheet(("a", "I"), headings=["Instrumen", "Kode"]))
    assert all(problem.row == 2 for problem in caught.value.problems)
    assert Cluster.objects.count() == 0


def test_a_long_sheet_is_written_from_the_disk_and_says_the_same():
    rows = [(f"=kode {number}", Decimal("1.5"), date(2024, 1, 2)) for number in range(LONG + 1)]
    table = tablib.Dataset(*rows, headers=["Kode", "Nilai", "Tanggal"])
    page = openpyxl.load_workbook(io.BytesIO(to_xlsx(table, title="Data")), read_only=True).active
    read = list(page.iter_rows(values_only=True))
    assert read[0] == ("Kode", "Nilai", "Tanggal")
    assert read[-1] == (f"=kode {LONG}", 1.5, datetime(2024, 1, 2))  # noqa: DTZ001  (as sheets have it)
    assert len(read) == LONG + 2
