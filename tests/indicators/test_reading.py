"""Files that are too much, broken, or not what they say: a clear sentence or the cells, in bounded
time and memory.
"""

import io
import tracemalloc

import openpyxl
import pytest

from indicators.resources.reading import WrongFileError, read_sheets
from tests.wrong_files import bomb, empty_rows, far_cell, with_part, written

BIG = "Isi berkas ini terlalu besar untuk dibaca"
REFUSED = {
    "100,000 rows": (lambda: written(100_000), ("Berkas terlalu besar", BIG)),
    "6,000 short rows": (lambda: written(6_000, columns=1), ("Terlalu banyak baris",)),
    "a million empty rows": (lambda: empty_rows(1_000_000), (BIG,)),
    "a bomb": (bomb, (BIG,)),
    "macros": (
        lambda: with_part("xl/vbaProject.bin", b"x"),
        ("Berkas ini memuat makro. Simpan sebagai XLSX biasa (tanpa makro)",),
    ),
    "a password or the old format": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100,
        ("Berkas ini berkata sandi atau berformat lama (XLS)",),
    ),
    "another file inside": (
        lambda: with_part("xl/embeddings/satu.docx", b"PK"),
        ("Di dalam berkas ini ada berkas lain",),
    ),
    "a document of Word": (
        lambda: with_part("word/document.xml", "<x/>"),
        ("Berkas ini bukan XLSX",),
    ),
    "cut off": (lambda: written(50)[:-200], ("Berkas ini tidak dapat dibaca",)),
    "no XML inside": (
        lambda: with_part("xl/worksheets/sheet1.xml", "bukan xml"),
        ("Berkas ini tidak dapat dibaca",),
    ),
    "no workbook inside": (
        lambda: with_part("xl/workbook.xml", "<workbook/>"),
        ("Berkas ini tidak dapat dibaca", "kosong"),
    ),
    "entities": (
        lambda: with_part(
            "xl/worksheets/sheet1.xml",
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
        ),
        ("Berkas ini tidak dapat dibaca",),
    ),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00", ("Berkas ini bukan XLSX",)),
    "a PDF under another name": (
        lambda: b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF",
        ("Berkas ini bukan XLSX. Simpan sebagai XLSX atau CSV",),
    ),
    "a page of the web under the name XLS": (
        lambda: b"\r\n<html><table><tr><td>1</td></tr></table></html>",
        ("Berkas ini bukan XLSX. Simpan sebagai XLSX atau CSV",),
    ),
    "nothing": (lambda: b"  \n ", ("Berkas ini kosong.",)),
    "CSV of 6,000 rows": (lambda: b"a;b\n" * 6_000, ("Terlalu banyak baris",)),
    "CSV with an endless cell": (
        lambda: b'Kode;Nilai\n"' + b"x" * 200_000,
        ("Berkas ini bukan CSV yang dapat dibaca",),
    ),
    "a long text without a break": (lambda: b"x" * (6 * 1024 * 1024), ("Berkas terlalu besar",)),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_too_much_or_broken_ends_in_a_sentence_and_stays_small(kind):
    make, sentences = REFUSED[kind]
    content = make()
    tracemalloc.start()
    with pytest.raises(WrongFileError) as refused:
        read_sheets(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(refused.value).startswith(sentences)
    assert peak < 80 * 1024 * 1024


def test_empty_rows_below_the_last_one_are_passed_over():
    [sheet] = read_sheets(empty_rows(20_000))
    assert sheet.rows == [(1, ["isi"]), (2, ["isi"])]


def test_a_cell_in_the_last_corner_is_never_reached():
    [sheet] = read_sheets(far_cell())
    assert [(number, cells[0]) for number, cells in sheet.rows] == [(1, 1)]


def test_merged_cells_hidden_sheets_do_no_harm():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Judul", None])
    sheet.merge_cells("A1:B1")
    sheet.append([1, "dua"])
    book.create_sheet("Tersembunyi").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    first, second = read_sheets(out.getvalue())
    assert first.rows == [(1, ["Judul"]), (2, [1, "dua"])]
    assert (second.title, second.rows) == ("Tersembunyi", [])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;b\n1,5;2", [["a", "b"], ["1,5", "2"]]),
        ("a,b\n1.5,2", [["a", "b"], ["1.5", "2"]]),
        ("a\tb\n1,5\t2", [["a", "b"], ["1,5", "2"]]),
        ("sep=|\na|b", [["a", "b"]]),
        ('a;b\n"x;y";"baris\nbaru"', [["a", "b"], ["x;y", "baris\nbaru"]]),
        ("Judul saja\n\na;b\n1;2\n3;4", [["Judul saja"], ["a", "b"], ["1", "2"], ["3", "4"]]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_separator_and_any_encoding_that_offices_have(text, rows, encoding):
    [sheet] = read_sheets(text.encode(encoding))
    assert [cells for _, cells in sheet.rows] == rows
