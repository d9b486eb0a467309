"""An instrument in from a workbook: its cells become the values of the file, and the one set of
rules for that file judges them; what is wrong is told by sheet, row, column and value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from indicators.actions.checking import FORMAT, InstrumentData, check_instrument
from indicators.actions.nodes import InstrumentError, Wrong
from indicators.resources.cells import INDONESIAN_NUMBER
from indicators.resources.instrument.layout import (
    BANDS,
    CLUSTERS,
    FIELDS,
    GUIDE,
    HEAD,
    HEAD_ROWS,
    INDICATORS,
    LABEL,
    LEVELS,
    PARENT,
    QUESTIONS,
    REGISTERS,
    RUBRICS,
    SHEETS,
    VALUE,
    Cell,
    Column,
)
from indicators.resources.problems import UNKNOWN, UNTITLED, Problem, SheetError
from indicators.resources.reading import (
    BROKEN_FORMULA,
    BROKEN_FORMULAS,
    CSV_TITLE,
    Sheet,
    WrongFileError,
    is_empty,
    read_sheets,
)

# The words that open a complaint of the rules without quotes, and whose cell it is.
MEANT = {"kode": "code", "rubrik": "rubric", "daftar": "register", "kategori": "name"}
EMPTY = {
    '"indicators" kosong': "belum punya indikator",
    '"questions" kosong': "belum punya pertanyaan",
    '"columns" kosong': "belum punya kolom",
    '"levels" kosong': "belum punya tingkat",
    '"bands" kosong': "belum ada kategori",
    '"clusters" kosong': "belum ada klaster",
}
WORDS = {"ya": True, "tidak": False, "true": True, "false": False}
TEXT_FORMAT = "harus teks; ubah format sel menjadi teks, lalu ketik ulang."


@dataclass(slots=True)
class Row:
    """One row of a sheet: its number, and its cells by their keys."""

    sheet: str
    number: int
    cells: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)


def read_workbook(content: bytes) -> InstrumentData:
    """The instrument of a workbook; SheetError with every problem, and nothing is kept."""
    try:
        sheets = read_sheets(content)
    except WrongFileError as error:
        raise SheetError([Problem(str(error))]) from None
    reader = _Reader({sheet.title: sheet for sheet in sheets})
    values = reader.values()
    if reader.problems:
        raise SheetError(reader.problems)
    try:
        return check_instrument(values)
    except InstrumentError as error:
        raise SheetError([reader.said(each) for each in error.problems]) from None


class _Reader:
    """One pass over the sheets; it remembers which row each object of the file came from."""

    def __init__(self, sheets: dict[str, Sheet]) -> None:
        self.sheets = sheets
        self.problems: list[Problem] = []
        self.places: dict[str, Row] = {}
        self.head: dict[str, tuple[int, Any]] = {}

    def values(self) -> dict[str, Any]:
        """The values of the file."""
        if CSV_TITLE in self.sheets and len(self.sheets) == 1:
            self.problems.append(Problem("Instrumen dikirim sebagai XLSX, bukan CSV."))
            return {}
        known = (GUIDE, HEAD, *SHEETS)
        self.problems += [
            Problem(
                f"Lembar {title} tidak dikenal; hapus, atau pakai nama dari buku kerja unduhan."
            )
            for title in self.sheets
            if title not in known
        ]
        self.problems += [
            Problem(f"Lembar {title} tidak ada.") for title in known[1:] if title not in self.sheets
        ]
        if self.problems:
            return {}
        root = self._head()
        rows = {title: self._rows(title) for title in SHEETS}
        root["bands"] = self._listed("bands", rows[BANDS])
        root["rubrics"] = self._named("rubrics", rows[RUBRICS])
        root["registers"] = self._named("registers", rows[REGISTERS])
        rubrics = {row.cells["code"]: row for row in rows[RUBRICS]}
        registers = {row.cells["code"]: row for row in rows[REGISTERS]}
        clusters = {row.values.get("code"): row for row in rows[CLUSTERS]}
        indicators = {row.values.get("code"): row for row in rows[INDICATORS]}
        self._hang(rows[LEVELS], rubrics, "levels", RUBRICS, 'rubrics["{}"].levels[{}]')
        self._hang(rows[FIELDS], registers, "columns", REGISTERS, 'registers["{}"].columns[{}]')
        root["clusters"] = self._listed("clusters", rows[CLUSTERS])
        self._hang(rows[INDICATORS], clusters, "indicators", CLUSTERS, "")
        self._hang(rows[QUESTIONS], indicators, "questions", INDICATORS, "")
        self._place_questions(rows[CLUSTERS], rows[INDICATORS], rows[QUESTIONS])
        return root

    # --- sheets ---------------------------------------------------------------------------------

    def _head(self) -> dict[str, Any]:
        lines = {each.heading: each for each in HEAD_ROWS}
        values: dict[str, Any] = {"format": FORMAT}
        for number, cells in self.sheets[HEAD].rows:
            label = str(cells[0] if cells else "").strip()
            value = cells[1] if len(cells) > 1 else None
            if (number, label) == (1, LABEL):
                continue
            if label not in lines:
                self.problems.append(Problem("isian tidak dikenal.", number, LABEL, label, HEAD))
                continue
            column = lines.pop(label)
            self.head[column.key] = (number, value)
            self._take(values, column, value, Problem("", number, VALUE, value, HEAD))
        self.problems += [Problem(f"Lembar {HEAD}: isian {label} tidak ada.") for label in lines]
        return values

    def _rows(self, title: str) -> list[Row]:
        columns = SHEETS[title]
        wanted = [each.heading for each in columns]
        lines = self.sheets[title].rows
        first = lines[0] if lines and lines[0][0] == 1 else (1, [])
        given = ["" if is_empty(each) else str(each).strip() for each in first[1]]
        wrong = [
            Problem(UNKNOWN if each else UNTITLED, 1, each or "tanpa judul", each, title)
            for each in given
            if each not in wanted
        ]
        wrong += [
            Problem("kolom tidak ada.", column=each, sheet=title)
            for each in wanted
            if each not in given
        ]
        wrong += [
            Problem("kolom ada dua kali.", column=each, sheet=title)
            for each in dict.fromkeys(given)
            if given.count(each) > 1 and each in wanted
        ]
        self.problems += wrong
        if wrong:
            return []
        return [self._row(title, number, cells, given) for number, cells in lines[1:]]

    def _row(self, title: str, number: int, cells: list[Any], given: list[str]) -> Row:
        by_heading = dict(zip(given, [*cells, *[None] * len(given)], strict=False))
        if any(not is_empty(each) for each in cells[len(given) :]):
            reason = "ada isi di luar kolom yang berjudul."
            self.problems.append(Problem(reason, number, sheet=title))
        found = Row(title, number, {})
        for column in SHEETS[title]:
            value = by_heading.get(column.heading)
            found.cells[column.key] = value
            where = Problem("", number, column.heading, value, title)
            self._take(found.values, column, value, where)
        return found

    def _take(self, values: dict[str, Any], column: Column, cell: Any, where: Problem) -> None:
        """A cell as a value of the file; what is no such value is left for the rules to name."""
        if column.kind is Cell.LINES:
            lines = "" if is_empty(cell) else str(cell)
            values[column.key] = [line for line in lines.splitlines() if line.strip()]
        elif is_empty(cell):
            if column.kind is Cell.TEXT:
                values[column.key] = ""
        elif column.kind is Cell.NUMBER:
            values[column.key] = number_of(cell)
        elif column.kind is Cell.FLAG:
            word = str(cell).strip().lower()
            values[column.key] = WORDS.get(word, cell) if isinstance(cell, str) else cell
        elif isinstance(cell, date | float | bool) or cell in BROKEN_FORMULAS:
            reason = BROKEN_FORMULA if isinstance(cell, str) else TEXT_FORMAT
            self.problems.append(Problem(reason, where.row, where.column, cell, where.sheet))
            values[column.key] = str(cell)
        else:
            text = str(cell)
            meant = {word: key for key, word in column.words}
            values[column.key] = meant.get(text.strip().lower(), text) if meant else text

    # --- what belongs to what -------------------------------------------------------------------

    def _listed(self, name: str, rows: list[Row]) -> list[dict[str, Any]]:
        for at, row in enumerate(rows):
            self.places[f"{name}[{at}]"] = row
        return [row.values for row in rows]

    def _named(self, name: str, rows: list[Row]) -> dict[str, Any]:
        """Rows whose code is the key of the object; a code stands once."""
        found: dict[str, Row] = {}
        for row in rows:
            code = row.values.pop("code")
            row.cells["code"] = code
            if code in found:
                reason = f"kode {code} sudah ada di baris {found[code].number}."
                self.problems.append(Problem(reason, row.number, "Kode", code, row.sheet))
            elif not code:
                self.problems.append(Problem("belum diisi.", row.number, "Kode", code, row.sheet))
            found[code] = row
            self.places[f'{name}["{code}"]'] = row
        return {code: row.values for code, row in found.items()}

    def _hang(
        self, rows: list[Row], parents: dict[Any, Row], key: str, sheet: str, place: str
    ) -> None:
        """Put each row under the one whose code it names."""
        for parent in parents.values():
            parent.values[key] = []
        for row in rows:
            code = row.values.pop(PARENT)
            above = parents.get(code)
            if above is None:
                heading = next(each.heading for each in SHEETS[row.sheet] if each.key == PARENT)
                reason = f"tidak ada di lembar {sheet}."
                self.problems.append(Problem(reason, row.number, heading, code, row.sheet))
                continue
            if place:
                self.places[place.format(code, len(above.values[key]))] = row
            if row.sheet == LEVELS and row.values.get("min") is None:
                row.values.pop("min", None)
            if row.sheet == FIELDS and not row.values["options"]:
                row.values.pop("options")
            above.values[key].append(row.values)

    def _place_questions(
        self, clusters: list[Row], indicators: list[Row], questions: list[Row]
    ) -> None:
        """Where the rules will find each indicator and question."""
        rows = {id(row.values): row for row in (*indicators, *questions)}
        for at, cluster in enumerate(clusters):
            for i, indicator in enumerate(cluster.values.get("indicators", ())):
                here = f"clusters[{at}].indicators[{i}]"
                self.places[here] = rows[id(indicator)]
                for q, question in enumerate(indicator.get("questions", ())):
                    self.places[f"{here}.questions[{q}]"] = rows[id(question)]

    # --- what the rules say, in the words of the sheet --------------------------------------------

    def said(self, wrong: str) -> Problem:
        """A complaint of the rules with its sheet, row, column and value."""
        place, reason = (wrong.place, wrong.reason) if isinstance(wrong, Wrong) else ("", wrong)
        row = self.places.get(place)
        columns = SHEETS[row.sheet] if row else HEAD_ROWS
        keys = {each.key: each for each in columns}
        key = _key_of(reason, keys)
        text = self._in_words(reason, keys.values())
        if row is not None:
            column = keys.get(key) or columns[0]
            value = row.cells.get(column.key)
            return Problem(text, row.number, column.heading, value, row.sheet)
        if key in self.head:
            number, value = self.head[key]
            return Problem(text, number, VALUE, value, HEAD)
        return Problem(text[:1].upper() + text[1:])

    def _in_words(self, reason: str, columns: Iterable[Column]) -> str:
        for english, ours in EMPTY.items():
            reason = reason.replace(english, ours)
        for column in columns:
            reason = reason.replace(f'"{column.key}" tidak ada', "belum diisi")
            reason = reason.replace(f'"{column.key}" kosong', "belum diisi")
            reason = reason.replace(f'"{column.key}"', column.heading)
            reason = re.sub(rf"^{column.key} ", f"{column.heading} ", reason)
            if column.words and "yang ada:" in reason and reason.startswith(column.heading):
                start = reason.partition("yang ada:")[0]
                reason = f"{start}yang ada: {', '.join(word for _, word in column.words)}"
        for place in sorted(self.places, key=len, reverse=True):
            if place in reason:
                row = self.places[place]
                reason = reason.replace(place, f"lembar {row.sheet} baris {row.number}")
        return reason.replace("true/false", "Ya atau Tidak") + "."


def _key_of(reason: str, keys: dict[str, Column]) -> str:
    """Which cell a complaint is about: the key that it names, or what its first word means."""
    quoted = re.match(r'"(\w+)', reason)
    first = quoted[1] if quoted else reason.partition(" ")[0]
    if first in keys:
        return first
    return MEANT.get(first, first)


def number_of(cell: Any) -> Any:
    """A cell as an exact number, also typed as Indonesian text (0,75); else as it stands."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        return Decimal(repr(round(cell, 9)))
    if not isinstance(cell, str):
        return str(cell)
    text = cell.strip()
    if INDONESIAN_NUMBER.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return cell
    return number if number.is_finite() else cell
