"""What is typed into a register: one row, or a block of cells pasted out of Excel."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

from indicators.models import Register
from submissions.actions.registers import PASTE_ROWS, Cells, words_of
from submissions.forms.cells import CellError, Column, columns_of, read, read_year
from submissions.models import RegisterRow
from submissions.wording import cell_text

FROM, TO = "Berlaku dari tahun", "Berlaku sampai tahun"
OFFICE = "perangkat daerah"
IGNORED = frozenset(
    {"", "no", "no urut", "nomor urut", "data dukung", "dihitung pada pertanyaan", OFFICE}
)
PASTE_LENGTH = 1_000_000
STRANGER = "Baris ini milik perangkat daerah lain; kirim dari daftar perangkat daerah itu."
# A cell that Excel put into quotes: it holds a tab, a line break, or quotes, which are doubled.
QUOTED = re.compile(r'"((?:[^"]|"")*+)"(?=\t|\n|$)')


class CellField(forms.CharField):
    """One cell: what is typed stays as it is, the value is what is stored."""

    def __init__(self, column: Column, *, today: date, **kwargs: Any) -> None:
        super().__init__(
            label=column.label, required=False, strip=False, widget=_widget(column), **kwargs
        )
        self.column, self.today = column, today

    def clean(self, value: Any) -> Any:
        try:
            return read(self.column, super().clean(value), today=self.today)
        except CellError as error:
            raise forms.ValidationError(str(error)) from None


class YearField(forms.CharField):
    """A year of validity; empty is an open end."""

    def __init__(self, label: str, *, today: date) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=40,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )
        self.today = today

    def clean(self, value: Any) -> Any:
        try:
            return read_year(str(self.label), super().clean(value), today=self.today)
        except CellError as error:
            raise forms.ValidationError(str(error)) from None


class ValidityForm(forms.Form):
    """The years in which rows hold."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["dari"] = YearField(FROM, today=today)
        self.fields["sampai"] = YearField(TO, today=today)

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        begins, ends = typed.get("dari"), typed.get("sampai")
        if begins is not None and ends is not None and ends < begins:
            self.add_error("sampai", f"{TO} tidak boleh sebelum {FROM.lower()}.")
        return typed


class RowForm(ValidityForm):
    """One row, by the columns of its register. `versi` is the one that was read; `token` makes a
    resent form add nothing twice.
    """

    token = forms.UUIDField(required=False)
    versi = forms.IntegerField(min_value=0, required=False)

    def __init__(
        self, *args: Any, register: Register, today: date, form_id: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, today=today, auto_id=f"{form_id or 'baris'}-%s", **kwargs)
        self.columns = columns_of(register)
        validity = {name: self.fields.pop(name) for name in ("dari", "sampai")}
        for column in self.columns:
            self.fields[column.name] = CellField(column, today=today)
        self.fields |= validity
        for name in self.shown:
            if form_id:  # the cells of a table belong to a form that stands outside it
                self.fields[name].widget.attrs |= {
                    "form": form_id,
                    "aria-label": str(self.fields[name].label),
                }

    @property
    def shown(self) -> list[str]:
        """The fields that people fill in, in order."""
        return [*(column.name for column in self.columns), "dari", "sampai"]

    def bound(self) -> list[forms.BoundField]:
        return [self[name] for name in self.shown]

    def cells(self) -> Cells:
        """What is stored; an empty cell is left out."""
        typed = self.cleaned_data
        data = {column.key: typed[column.name] for column in self.columns}
        return Cells(
            {key: value for key, value in data.items() if value is not None},
            typed["dari"],
            typed["sampai"],
        )

    def sentences(self) -> list[str]:
        """What is wrong, each once, in the order of the columns."""
        found = [error for name in self.fields for error in self.errors.get(name, [])]
        return list(dict.fromkeys(str(each) for each in found))


def initial_of(register: Register, row: RegisterRow) -> dict[str, Any]:
    """A row as it would be typed."""
    cells = {
        each.name: cell_text(each.type, row.data.get(each.key)) for each in columns_of(register)
    }
    return cells | {"dari": row.valid_from, "sampai": row.valid_to}


def _widget(column: Column) -> forms.Widget:
    attrs = {"autocomplete": "off"}
    if column.type == "choice":
        choices = [("", ""), *((each, each) for each in column.options)]
        return forms.Select(choices=choices)
    if column.type == "text":
        return forms.Textarea(attrs=attrs | {"rows": 1})
    if column.type == "date":
        return forms.TextInput(attrs=attrs | {"placeholder": "24/11/2023"})
    kind = "decimal" if column.type == "money" else "numeric"
    return forms.TextInput(attrs=attrs | {"inputmode": kind})


# --- pasted --------------------------------------------------------------------------------------


class PasteForm(ValidityForm):
    """A block of cells, and the years that its rows get where they say none of their own."""

    isi = forms.CharField(
        label="Isi dari Excel",
        strip=False,
        max_length=PASTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "wrap": "off"}),
        error_messages={
            "required": "Tempel dahulu selnya di sini.",
            "max_length": f"Terlalu banyak. Tempel paling banyak {PASTE_ROWS} baris sekali.",
        },
    )
    token = forms.UUIDField()
    lewati = forms.BooleanField(
        label="Lewati baris yang sama dengan yang sudah ada", required=False
    )
    berkas = forms.BooleanField(required=False)  # out of a file, whose empty years are open ends


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be read, and where it stands in what was pasted."""

    line: int
    column: str
    text: str
    sentence: str


@dataclass(slots=True)
class PastedRow:
    """A row that can be stored; `same` says which other it repeats."""

    line: int
    cells: Cells
    words: str
    same: str = ""


@dataclass(slots=True)
class Pasted:
    """What was found in a pasted block."""

    heading: bool = False
    office: int | None = None  # the place of the column that says whose each row is
    rows: list[PastedRow] = field(default_factory=list)
    bad: list[BadCell] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def bad_lines(self) -> int:
        return len({each.line for each in self.bad})

    @property
    def repeated(self) -> list[PastedRow]:
        return [each for each in self.rows if each.same]


def read_pasted(
    register: Register,
    text: str,
    *,
    valid_from: int | None,
    valid_to: int | None,
    today: date,
    office: str = "",
    own_years: bool = False,
) -> Pasted:
    """Look into every cell; nothing is stored. Lines are counted as they were pasted, from 1.

    A row that names another office than `office` is refused. With `own_years` an empty year is an
    open end where the block has such a column.
    """
    found = Pasted()
    lines = [(number, cells) for number, cells in enumerate(split(text), 1) if any(cells)]
    if len(lines) > PASTE_ROWS + 1:
        found.refusals = [
            f"Ada {len(lines)} baris. Tempel paling banyak {PASTE_ROWS} baris sekali, lalu ulangi "
            "untuk sisanya."
        ]
        return found
    columns = columns_of(register)
    if not lines:
        found.refusals = ["Tidak ada isi. Salin sel-sel di Excel, lalu tempel di sini."]
        return found
    if len(columns) > 1 and all(len(cells) == 1 for _, cells in lines):
        found.refusals = [
            "Sel tidak terpisah. Salin langsung dari Excel atau Google Spreadsheet (bukan dari "
            "berkas CSV atau PDF), lalu tempel di sini."
        ]
        return found
    places = _heading(columns, lines[0][1], found)
    if found.heading:
        lines = lines[1:]
    if found.refusals:
        return found
    if len(lines) > PASTE_ROWS:
        found.refusals = [f"Tempel paling banyak {PASTE_ROWS} baris sekali."]
        return found
    held = {place - len(columns) for place in places.values()} if own_years else set()
    years = (None if 0 in held else valid_from, None if 1 in held else valid_to)
    for number, cells in lines:
        if (whose := _stranger(found, cells, office)) is not None:
            found.bad.append(BadCell(number, "Perangkat daerah", whose, STRANGER))
            continue
        _read_line(register, columns, places, number, cells, found, years, today)
    _mark_repeated(found)
    return found


def split(text: str) -> list[list[str]]:
    """Lines of cells, as Excel puts them on the clipboard: tabs between cells, and quotes only
    around a cell that holds a tab, a line break or quotes.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[str]] = [[]]
    at = 0
    while at <= len(text):
        quoted = QUOTED.match(text, at) if text.startswith('"', at) else None
        if quoted is not None and re.search(r'[\t\n]|""', quoted[1]):
            cell, at = quoted[1].replace('""', '"'), quoted.end()
        else:
            ends = [end for mark in "\t\n" if (end := text.find(mark, at)) >= 0]
            end = min(ends, default=len(text))
            cell, at = text[at:end], end
        rows[-1].append(cell.strip())
        if text.startswith("\n", at):
            rows.append([])
        at += 1
    return rows


def plain(label: str) -> str:
    """A title as far as it tells columns and sheets apart."""
    return re.sub(r"\W+", " ", label.casefold()).strip()


def _stranger(found: Pasted, cells: list[str], office: str) -> str | None:
    """The name of another office, where a row says whose it is."""
    if not office or found.office is None or found.office >= len(cells):
        return None
    whose = cells[found.office]
    return whose if whose and plain(whose) != plain(office) else None


def is_heading(columns: list[Column], cells: list[str]) -> bool:
    """Whether a line names columns rather than filling them."""
    names = _names(columns)
    called = [plain(cell) for cell in cells]
    known = [each for each in called if each in names]
    return len(known) >= 2 and 2 * len(known) >= len([each for each in called if each])


def _names(columns: list[Column]) -> dict[str, int]:
    """What a heading may call each column; the two years of validity stand behind the columns."""
    names = {plain(FROM): len(columns), plain(TO): len(columns) + 1}
    names |= {"berlaku dari": len(columns), "berlaku sampai": len(columns) + 1}
    for place, column in enumerate(columns):
        names[plain(column.key)] = place
    for place, column in enumerate(columns):
        names[plain(column.label.partition("(")[0])] = place
    for place, column in enumerate(columns):
        names[plain(column.label)] = place
    return names


def _heading(columns: list[Column], first: list[str], found: Pasted) -> dict[int, int]:
    """Which column each place of a line holds: by the heading if there is one, else in order."""
    names = _names(columns)
    called = [plain(cell) for cell in first]
    if not is_heading(columns, first):
        return {place: place for place in range(len(columns) + 2)}
    found.heading = True
    places: dict[int, int] = {}
    for place, (name, cell) in enumerate(zip(called, first, strict=True)):
        if name in names:
            if names[name] in places.values():
                found.refusals.append(f"Kolom “{cell}” ada dua kali dalam baris judul.")
            places[place] = names[name]
        elif name == OFFICE:
            found.office = place
        elif name not in IGNORED:
            found.refusals.append(
                f"Kolom “{cell}” tidak dikenal. Hapus kolom itu, atau samakan judulnya dengan "
                "judul dalam daftar."
            )
    missing = [
        column.label
        for place, column in enumerate(columns)
        if column.required and place not in places.values()
    ]
    if missing:
        found.refusals.append(f"Kolom wajib tidak ada: {', '.join(missing)}.")
    return places


def _read_line(
    register: Register,
    columns: list[Column],
    places: dict[int, int],
    number: int,
    cells: list[str],
    found: Pasted,
    validity: tuple[int | None, int | None],
    today: date,
) -> None:
    texts = {places[place]: cell for place, cell in enumerate(cells) if place in places}
    bad: list[BadCell] = []
    data: dict[str, Any] = {}
    for place, column in enumerate(columns):
        text = texts.get(place, "")
        try:
            value = read(column, text, today=today)
        except CellError as error:
            bad.append(BadCell(number, column.label, text, str(error)))
        else:
            if value is not None:
                data[column.key] = value
    years: list[int | None] = []
    for place, label in enumerate((FROM, TO)):
        text = texts.get(len(columns) + place, "")
        try:
            years.append(read_year(label, text, today=today) if text else validity[place])
        except CellError as error:
            bad.append(BadCell(number, label, text, str(error)))
    if not bad and years[0] is not None and years[1] is not None and years[1] < years[0]:
        sentence = f"{TO} tidak boleh sebelum {FROM.lower()} ({years[0]})."
        bad.append(BadCell(number, TO, str(years[1]), sentence))
    if not found.heading:
        bad += [
            BadCell(
                number,
                f"ke-{place + 1}",
                cell,
                f"Kosongkan: daftar ini punya {len(columns)} kolom.",
            )
            for place, cell in enumerate(cells)
            if place not in places and cell
        ]
    if bad:
        found.bad += bad
    else:
        found.rows.append(
            PastedRow(number, Cells(data, years[0], years[1]), words_of(register, data))
        )


def _mark_repeated(found: Pasted) -> None:
    first: dict[str, int] = {}
    for row in found.rows:
        if row.words in first:
            row.same = f"sama dengan baris {first[row.words]} di atasnya"
        first.setdefault(row.words, row.line)


def new_token() -> uuid.UUID:
    """What makes a form that is sent twice count once."""
    return uuid.uuid4()
