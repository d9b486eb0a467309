"""Sheets as nobody would think of them: what is asked for, altered in its cells, rows and columns.

A sheet here is a title and rows of plain cells; `Raw` is what no library writes by itself.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import xlsxwriter
from hypothesis import strategies as st

STAND_IN = 8_000_000  # numbers that no sheet of ours holds


@dataclass(frozen=True)
class Raw:
    """What stands in the file itself as a cell's number; `dated` if it is shown as a day."""

    text: str
    dated: bool = False


@dataclass(frozen=True)
class Formula:
    """A live formula with what it came to when the file was saved."""

    text: str
    value: object


RAW = [
    Raw(text, dated)
    for text in ("NaN", "1e999", "-1e999", "-0.0", "5e-324", "9" * 40, "1_0", "\u0661", "entah", "")
    for dated in (False, True)
] + [Raw(text, dated=True) for text in ("-1", "0", "60", "2958466", "1e15", "45000.9999999")]
FORMULAS = [Formula("=1+1", 2), Formula("=1/0", "#DIV/0!"), Formula("=A1", ""), Formula("=B2", 0)]
ODD = [
    None, "", "   ", True, False, 0, 1, -1, 3, 1.5, 26.1, 1e308, 2**31, 2**63, 10**30,
    date(1900, 1, 1), date(2024, 2, 29), datetime.fromisoformat("9999-12-31T23:59:59.999"),
    datetime.fromisoformat("2024-03-01T12:30"), time(23, 59), timedelta(days=400),
    "NaN", "nan", "Infinity", "-inf", "1e400", "1e-400", "1_000", "\u0661\u0662", "\u2462", "0x10",
    "1,5", "1.234,56", "1.234.56", "-5", "+5", "5%", "Rp 5", "99999999999999999999", "0" * 50,
    "2024-02-30", "31/13/2024", "0001-01-01", "10000-01-01", "29 Februari 2023", "=1+1", "@x",
    "#REF!", "#N/A", "=cmd|' /C calc'!A0", "'=1", "''", "\x01", "a\x0bb", "\x1f", "_x0000_",
    "_x000D_", "\ufffd", "\u200b", "\u202ebalik", "\u2028", "e\u0301", "\ufb01", "\u0130", "\u00df",
    "\U0001f9d1\u200d\U0001f9b1", "A" * 300, "A" * 5_000, "baris\ndua", "\t", "\r\n", "Ya", "tidak",
    "TRUE", "<b>x</b>", "{{ 7 * 7 }}", "%s %(x)s {0}", "'; DROP TABLE x; --", "../../x", "null",
    "operator", "administrator", "lead", "kota", "1.1", "4.10", "14.1", "a@b.example", ",", ";",
]  # fmt: skip
CELLS = (
    st.sampled_from(ODD)
    | st.sampled_from(RAW)
    | st.sampled_from(FORMULAS)
    | st.text(max_size=12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.dates(date(1900, 3, 1), date(9999, 12, 31))
    | st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-9, max_value=9)
)


WORDS = st.sampled_from(["Sesuatu yang lain", "Jambore anak 2023", "Lainnya", "2", "Ya"])


def sheets_of(content):
    """The sheets of a workbook of ours, as plain cells."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return [
        (sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)]) for sheet in book
    ]


# --- what happens to a sheet ----------------------------------------------------------------------


def _place(draw, rows):
    return draw(st.integers(0, len(rows) - 1)) if rows else None


def _column(draw, rows):
    return draw(st.integers(0, max((len(row) for row in rows), default=0) - 1 if any(rows) else 0))


def other_cell(draw, rows):
    at = _place(draw, rows)
    if at is not None and rows[at]:
        rows[at][draw(st.integers(0, len(rows[at]) - 1))] = draw(CELLS)


def borrowed_cell(draw, rows):
    """What stands there in another row: often right, or right but for its neighbours."""
    if len(rows) > 2:
        to, at = draw(st.integers(1, len(rows) - 1)), draw(st.integers(1, len(rows) - 1))
        column = _column(draw, rows)
        if column < min(len(rows[to]), len(rows[at])):
            rows[to][column] = rows[at][column]


def free_cell(draw, rows):
    """A cell that is empty, or holds a longer text, gets another one: names and notes."""
    places = [
        (y, x)
        for y, row in enumerate(rows[1:], 1)
        for x, cell in enumerate(row)
        if cell is None or (isinstance(cell, str) and (" " in cell or "," in cell))
    ]
    if places:
        y, x = draw(st.sampled_from(places))
        rows[y][x] = draw(WORDS | CELLS)


def several_cells(draw, rows):
    for _ in range(draw(st.integers(2, 6))):
        other_cell(draw, rows)


def other_heading(draw, rows):
    if rows and rows[0]:
        rows[0][draw(st.integers(0, len(rows[0]) - 1))] = draw(CELLS)


def column_gone(draw, rows):
    at = _column(draw, rows)
    for row in rows:
        del row[at : at + 1]


def column_twice(draw, rows):
    at, to = _column(draw, rows), _column(draw, rows)
    for row in rows:
        row.insert(to, row[at] if at < len(row) else None)


def columns_shuffled(draw, rows):
    width = max((len(row) for row in rows), default=0)
    order = draw(st.permutations(range(width)))
    for row in rows:
        row.extend([None] * (width - len(row)))
        row[:] = [row[at] for at in order]


def column_more(draw, rows):
    for row in rows:
        row.append(draw(CELLS))


def row_gone(draw, rows):
    if rows:
        del rows[_place(draw, rows)]


def row_twice(draw, rows):
    if rows:
        rows.append(list(rows[_place(draw, rows)]))


def rows_shuffled(draw, rows):
    rows[:] = draw(st.permutations(rows))


def rows_above(draw, rows):
    for _ in range(draw(st.integers(1, 12))):
        rows.insert(0, draw(st.lists(CELLS, max_size=3)))


def row_invented(draw, rows):
    width = len(rows[0]) if rows else 3
    rows.append([draw(CELLS) for _ in range(width)])


def all_gone(draw, rows):
    rows.clear()


def turned(draw, rows):
    width = max((len(row) for row in rows), default=0)
    rows[:] = [[row[at] if at < len(row) else None for row in rows] for at in range(width)]


DEEDS = [
    free_cell, free_cell, free_cell, borrowed_cell, borrowed_cell, row_gone, rows_shuffled,
    other_cell, other_cell, several_cells, other_heading, column_gone, column_twice,
    columns_shuffled, column_more, row_twice, rows_above, row_invented, all_gone, turned,
]  # fmt: skip
TITLES = ["Isian", "CSV", "Lembar", "x" * 31, "=1+1", "Pertanyaan", "isian ", "\U0001f9d1"]


def _size(sheet):
    return sum(len(row) for row in sheet[1])


@st.composite
def altered(draw, sheets):
    """The same sheets after one to three deeds on them, as the bytes of an XLSX or of a CSV."""
    book = [(title, [list(row) for row in rows]) for title, rows in sheets]
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        _, rows = max(book, key=_size) if draw(st.booleans()) else draw(st.sampled_from(book))
        draw(st.sampled_from(DEEDS))(draw, rows)
    deed = draw(st.sampled_from(["none"] * 16 + ["title", "more", "less", "order"]))
    if deed == "title":
        at = draw(st.integers(0, len(book) - 1))
        book[at] = (draw(st.sampled_from(TITLES)), book[at][1])
    elif deed == "more":
        book.append(("Lain", draw(st.lists(st.lists(CELLS, max_size=4), max_size=4))))
    elif deed == "less" and len(book) > 1:
        del book[draw(st.integers(0, len(book) - 1))]
    elif deed == "order":
        book = draw(st.permutations(book))
    if draw(st.integers(0, 5)) == 0:
        _, rows = draw(st.sampled_from(book))
        return as_csv(rows, draw(st.sampled_from(",;\t")), draw(st.sampled_from(ENCODINGS)))
    return as_xlsx(book)


# --- out ------------------------------------------------------------------------------------------
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]


def _plain(cell):
    if isinstance(cell, Raw):
        return cell.text
    return cell.value if isinstance(cell, Formula) else cell


def as_csv(rows, separator, encoding):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_MINIMAL, escapechar="\\")
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return out.getvalue().encode(encoding, "replace")


def as_xlsx(book):
    out = io.BytesIO()
    made = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    day, raws, seen = made.add_format({"num_format": "dd/mm/yyyy"}), [], set()
    for at, (title, rows) in enumerate(book):
        name = re.sub(r"[\[\]:*?/\\]", " ", title).strip("'")[:31] or f"Lembar{at}"
        name = f"Lembar{at}" if name.casefold() in seen else name
        seen.add(name.casefold())
        sheet = made.add_worksheet(name)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, Raw):
                    sheet.write_number(y, x, STAND_IN + len(raws), day if cell.dated else None)
                    raws.append(cell)
                else:
                    _put(sheet, y, x, cell, day)
    made.close()
    return with_raws(out.getvalue(), raws) if raws else out.getvalue()


def _put(sheet, y, x, cell, day):
    if isinstance(cell, Formula):
        sheet.write_formula(y, x, cell.text, None, cell.value)
    elif isinstance(cell, str):
        sheet.write_string(y, x, cell.encode("utf-8", "replace").decode())
    elif isinstance(cell, bool):
        sheet.write_boolean(y, x, cell)
    elif isinstance(cell, int | float | Decimal):
        sheet.write_number(y, x, cell)
    elif cell is not None:
        sheet.write_datetime(y, x, cell, day)


def with_raws(content, raws):
    """The numbers that stood in for what the library would not write, exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            if name.startswith("xl/worksheets/"):
                part = re.sub(
                    rf"<v>({STAND_IN // 1000}\d{{3}})</v>",
                    lambda found: f"<v>{raws[int(found[1]) - STAND_IN].text}</v>",
                    part,
                )
            new.writestr(name, part)
    return out.getvalue()
