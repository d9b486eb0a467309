"""Wrong files as people send them, and the sentence of each; made here, so that none is carried."""

import io
import zipfile
from functools import cache

import openpyxl
import xlsxwriter

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def written(rows, *, columns=8):
    """A workbook with that many full rows."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("Isian")
    for row in range(rows):
        for column in range(columns):
            sheet.write_string(row, column, f"sel {row} {column}")
    book.close()
    return out.getvalue()


def with_part(name, content, *, base=None):
    """A small workbook with one part put in or replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or written(3))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for each in source.namelist():
            if each != name:
                target.writestr(each, source.read(each))
        target.writestr(name, content)
    return out.getvalue()


def empty_rows(count):
    """What Excel leaves behind: two rows that say something, and then formatted empty ones."""
    head = '<row r="{}"><c r="A{}" t="inlineStr"><is><t>isi</t></is></c></row>'
    body = "".join(head.format(row, row) for row in (1, 2))
    body += "".join(f'<row r="{row}" spans="1:1" s="1"/>' for row in range(3, count))
    return with_part(
        "xl/worksheets/sheet1.xml",
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        f'2006/main"><sheetData>{body}</sheetData></worksheet>',
    )


def bomb():
    """Half a megabyte that becomes seventy."""
    return with_part("xl/sharedStrings.xml", b"<sst>" + b"<si><t>aaaaaaaa</t></si>" * 3_000_000)


def far_cell():
    """One cell in the last corner of the sheet."""
    return with_part(
        "xl/worksheets/sheet1.xml",
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        '2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    )


def far_below(row, *, sheets=1):
    """A row that says something on top, and one far below it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    for _ in range(sheets):
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "atas")
        sheet.write_string(row - 1, 0, "bawah")
    book.close()
    return out.getvalue()


def of_something_else(*, merged=False):
    """A workbook that is in order, but not what is asked for; or its heading spans two columns."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Belanja"
    sheet.append(["Uraian", None] if merged else ["Uraian", "Jumlah"])
    if merged:
        sheet.merge_cells("A1:B1")
    sheet.append(["Alat tulis", 12])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def encrypted():
    """As Excel wraps a workbook with a password: an old container with the package inside."""
    return OLE + b"\x00" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 4000


BIG = "Isi berkas ini terlalu besar untuk dibaca. Sering kali ribuan baris kosong ikut tersimpan"
MANY = "Terlalu banyak baris: paling banyak 5.000."
LOCKED = (
    "Berkas ini berkata sandi atau berformat lama (XLS). Simpan sebagai XLSX tanpa kata sandi, "
    "lalu kirim lagi."
)
NO_SHEET = "Berkas ini bukan XLSX. Simpan sebagai XLSX atau CSV, lalu kirim lagi."
# Refused before a cell is read, so by the same sentence wherever a sheet comes in.
SAME_EVERYWHERE = {
    "100,000 rows": (lambda: written(100_000, columns=2), MANY),
    "100,000 wide rows": (lambda: written(100_000, columns=4), BIG),
    "100,000 rows as CSV": (
        lambda: b"a;b\n" * 100_000,
        "Terlalu banyak baris: paling banyak 5.000.",
    ),
    "more than 5 MB": (lambda: b"a;b\n" * 1_400_000, "Berkas terlalu besar: paling besar 5 MB."),
    "a million empty rows": (lambda: empty_rows(1_000_000), BIG),
    "an XLSX bomb": (bomb, BIG),
    "macros": (
        lambda: with_part("xl/vbaProject.bin", b"x"),
        "Berkas ini memuat makro. Simpan sebagai XLSX biasa (tanpa makro), lalu kirim lagi.",
    ),
    "the old XLS": (lambda: OLE + b"\x00" * 2000, LOCKED),
    "an encrypted XLSX": (encrypted, LOCKED),
    "a renamed PDF": (lambda: b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\n%%EOF", NO_SHEET),
    "a page of the web as XLS": (lambda: b"<html><table><tr><td>1</td></tr></table>", NO_SHEET),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00", NO_SHEET),
    "cut off": (lambda: written(50)[:-200], "Berkas ini tidak dapat dibaca."),
    "blanks alone": (lambda: b"  \n ", "Berkas ini kosong."),
}
# In order as files, but nothing that this place can take: each place says so in its own words.
BY_PLACE = {
    "a wrong sheet": of_something_else,
    "merged headers": lambda: of_something_else(merged=True),
    "one cell at XFD1048576": far_cell,
}


@cache
def content_of(name):
    """The bytes of a wrong file, made once."""
    make = BY_PLACE.get(name) or SAME_EVERYWHERE[name][0]
    return make()
