"""The recapitulation of a stage as people have it: which row is which question, and what it got."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms

from indicators.resources.problems import Problem
from indicators.resources.reading import TYPES, Sheet, is_empty
from indicators.scoring import CENT
from submissions.actions.record import RefusedError
from submissions.actions.stages import (
    CLUSTER,
    INDICATOR,
    NAME_LENGTH,
    QUESTION,
    TOTAL,
    Given,
    Node,
    Outline,
)
from submissions.forms.answering import parse_number

HEADINGS = {
    "Kode": {"kode", "kode pertanyaan", "kode indikator", "no", "nomor", "no pertanyaan",
             "nomor pertanyaan", "pertanyaan", "indikator", "indikator/pertanyaan",
             "indikator dan pertanyaan", "uraian"},
    "Nilai": {"nilai", "skor", "poin", "nilai diperoleh", "nilai akhir", "skor diperoleh",
              "nilai hasil", "perolehan", "nilai perolehan", "diperoleh"},
    "Nilai maks": {"nilai maks", "nilai maksimal", "nilai maksimum", "maks", "maksimal",
                   "maksimum", "skor maks", "skor maksimal", "skor maksimum", "poin maksimum"},
}  # fmt: skip
BIGGEST = Decimal(99_999)  # what no sum of points reaches
SEARCHED = 40  # rows above which the heading must stand
TOTALS = {"total", "total nilai", "nilai total", "total skor", "jumlah total", "grand total",
          "jumlah seluruhnya", "total keseluruhan", "seluruh penilaian"}  # fmt: skip
SUMS = re.compile(r"^(?:sub ?-?total|jumlah|total|nilai)\s+")
ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "7": "VII"}
THREE = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
FULL = re.compile(r"([0-9]{1,2}[a-z]?)\s?[.,]\s?([0-9]{1,2})\s?([a-z]{0,2})(?=$|[\s:.\u2013)-])")
SHORT = re.compile(r"([0-9]{1,2})\s?([a-z]{1,2})?(?=$|[\s:.\u2013)-])")
DASHES = {"-", "\u2013", "\u2014", "n/a", "tidak dinilai"}


@dataclass(slots=True)
class Recap:
    """What a file says: its rows, or what keeps it out."""

    sheet: str = ""
    given: list[Given] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    rounded: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def missing(self, outline: Outline) -> list[str]:
        """The questions that the file does not speak of."""
        there = {each.code for each in self.given if each.level == QUESTION}
        return [code for code in outline.questions if code not in there]


def read_recap(sheets: list[Sheet], outline: Outline) -> Recap:
    """The first sheet that has the columns; RefusedError if none has."""
    for sheet in sheets:
        for at, (_, cells) in enumerate(sheet.rows[:SEARCHED]):
            under = sheet.rows[at + 1][1] if at + 1 < len(sheet.rows) else []
            found, depth = _columns(cells, under)
            if found is not None:
                heads = _heads(cells, under if depth == 2 else [])
                below = sheet.rows[at + depth :]
                codes = max(found["Kode"], key=lambda each: _questions_in(below, each, outline))
                columns = {name: places[0] for name, places in found.items()} | {"Kode": codes}
                return _read(sheet, at + depth, columns, heads, outline)
    raise RefusedError(
        "Kolom Kode dan Nilai tidak ditemukan. Baris judul harus memuat keduanya, misalnya "
        "Kode, Nilai, Nilai maks."
    )


def _heads(cells: list[Any], under: list[Any]) -> list[str]:
    """The titles of the columns; in a heading of two rows the lower one counts, where it says
    something.
    """
    width = max(len(cells), len(under))
    pairs = zip(
        list(cells) + [None] * (width - len(cells)),
        list(under) + [None] * (width - len(under)),
        strict=True,
    )
    return [_text(top if is_empty(low) else low) for top, low in pairs]


def _columns(cells: list[Any], under: list[Any]) -> tuple[dict[str, list[int]] | None, int]:
    """Where each column may stand, the likeliest first, and whether the heading takes one row or
    two.
    """
    for depth, heads in ((1, _heads(cells, [])), (2, _heads(cells, under))):
        words = [re.sub(r"[.:\s]+", " ", head).strip().casefold() for head in heads]
        found: dict[str, list[int]] = {}
        for name, known in HEADINGS.items():
            places = [i for i, word in enumerate(words) if word in known]
            places.sort(key=lambda i, name=name: words[i] != name.casefold())  # type: ignore[misc]
            if places:
                found[name] = places
        if "Kode" in found and "Nilai" in found:
            return found, depth
    return None, 0


def _questions_in(rows: list[tuple[int, list[Any]]], at: int, outline: Outline) -> int:
    """How many cells of a column name a question: beside the codes there may be running numbers,
    or what is asked.
    """
    count, context, doubtful = 0, "", _doubtful(rows, at, outline)
    for _, cells in rows:
        if at < len(cells) and not is_empty(cells[at]):
            with suppress(ValueError):
                level, code = _code(cells[at], outline, context, doubtful)
                context = code if level == INDICATOR else context
                count += level == QUESTION
    return count


def _read(
    sheet: Sheet, start: int, columns: dict[str, int], heads: list[str], outline: Outline
) -> Recap:
    recap = Recap(sheet.title)
    used = set(columns.values())
    recap.ignored = [head for at, head in enumerate(heads) if head and at not in used]
    twice = _doubtful(sheet.rows[start:], columns["Kode"], outline)
    context = ""
    for number, cells in sheet.rows[start:]:
        raw, value, most = (
            cells[columns[name]] if name in columns and columns[name] < len(cells) else None
            for name in HEADINGS
        )
        says = not is_empty(value) or not is_empty(most)
        if is_empty(raw):
            if says:
                recap.problems.append(Problem("baris bernilai tanpa kode.", number, "Kode"))
            continue
        try:
            level, code = _code(raw, outline, context, twice)
        except ValueError as error:
            if says:  # a title, a note, a place and a day below the table say nothing
                recap.problems.append(Problem(str(error), number, "Kode", raw))
            continue
        if level == INDICATOR:
            context = code
        node = outline.node(level, code)
        points = _points(recap, number, node, level, value)
        maximum = _maximum(recap, number, node, most)
        if level == QUESTION and points is None:
            recap.empty.append(code)
        if level == QUESTION or points is not None or maximum is not None:
            recap.given.append(Given(number, level, code, points, maximum))
    _repeated(recap)
    return recap


def _repeated(recap: Recap) -> None:
    """A question that stands twice: nobody can tell which counts. A sum may, above and below what
    it adds up: each is compared.
    """
    first: dict[str, int] = {}
    for each in recap.given:
        if each.level != QUESTION:
            continue
        if each.code in first:
            reason = f"sudah ada di baris {first[each.code]}."
            recap.problems.append(Problem(reason, each.row, "Kode", each.code))
        first.setdefault(each.code, each.row)
    recap.problems.sort(key=lambda each: each.row or 0)


# --- codes ---------------------------------------------------------------------------------------


def _text(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).replace("\u00a0", " ").split())


def _doubtful(rows: list[tuple[int, list[Any]]], at: int, outline: Outline) -> dict[str, list[str]]:
    """Numbers that stand for a code: 14.1 typed as a number may have been 14.10.

    Where both exist and both stand there as the same number, the first is 14.1 and the second
    14.10, in the order of the rows.
    """
    numbers = Counter(
        str(cells[at]) for _, cells in rows if at < len(cells) and isinstance(cells[at], float)
    )
    texts = {
        _text(cells[at]) for _, cells in rows if at < len(cells) and isinstance(cells[at], str)
    }
    found = {}
    for text, times in numbers.items():
        both = [code for code in (text, f"{text}0") if code in outline.questions]
        left = [code for code in both if code not in texts]
        found[text] = left if len(left) == times else (left if len(both) < 2 else [])
    return found


def _code(
    raw: Any, outline: Outline, context: str, doubtful: dict[str, list[str]]
) -> tuple[str, str]:
    """The level and the code of a row; ValueError with a reason if there is none."""
    if isinstance(raw, datetime | date):
        raise ValueError(  # noqa: TRY004  (a reason for people)
            "kode berubah menjadi tanggal; ubah format sel menjadi teks, lalu ketik ulang."
        )
    if isinstance(raw, float) and not raw.is_integer():
        left = doubtful.get(str(raw), [])
        if not left:
            raise ValueError(
                "kode berupa angka dan dapat berarti dua pertanyaan; ubah format sel menjadi teks."
            )
        return QUESTION, left.pop(0) if len(left) > 1 else left[0]
    text = _text(int(raw) if isinstance(raw, float) else raw)
    word = text.casefold().rstrip(".:")
    if word in TOTALS:
        return TOTAL, "TOTAL"
    for each in (word, SUMS.sub("", word)):
        found = (
            _cluster(each, outline)
            or _indicator(each, outline)
            or _question(each, outline, context)
        )
        if found is not None:
            return found
    if word in {"jumlah", "subtotal", "sub total", "sub-total"}:
        raise ValueError(
            "tidak jelas jumlah dari apa; tulis TOTAL, kode indikator, atau kode klaster."
        )
    raise ValueError("kode tidak dikenal dalam instrumen tahun ini.")


def _cluster(word: str, outline: Outline) -> tuple[str, str] | None:
    said = word.startswith("klaster ")
    rest = word.removeprefix("klaster ").strip()
    head = re.split(r"[\s:.\u2013-]+", rest)[0] if said else rest
    for code, node in outline.clusters.items():
        name = node.name.casefold()
        if (
            rest in {code.casefold(), name}
            or re.match(rf"{code.casefold()}[\s.:]+{re.escape(name)}", rest)
            or (said and (head == code.casefold() or ROMAN.get(head) == code or name in rest))
        ):
            return CLUSTER, code
    return None


def _indicator(word: str, outline: Outline) -> tuple[str, str] | None:
    match = re.match(
        r"(?:indikator|ind)\.?\s*(?:ke-?\s*)?([0-9]{1,2}\s?[a-z]?)(?=$|[\s:.\u2013-])", word
    )
    rest = match.group(1).replace(" ", "") if match else word
    for code in outline.indicators:
        if rest == code.casefold():
            return INDICATOR, code
    if match:  # "Indikator 1 a…" where the letter began a word
        digits = re.sub(r"[a-z\s]", "", rest)
        if digits in outline.indicators:
            return INDICATOR, digits
    return None


def _question(word: str, outline: Outline, context: str) -> tuple[str, str] | None:
    """`1.2a`, `1.2 a`, `1,2a`; under an indicator also `Pertanyaan 2a` and `2a`."""
    known = {code.casefold(): code for code in outline.questions}
    match = re.match(r"(?:pertanyaan|p)\.?\s*(?:no\.?\s*)?(?=[0-9])", word)
    rest = word[match.end() :] if match else word
    if found := FULL.match(rest):
        start, letters = f"{found.group(1)}.{found.group(2)}", found.group(3)
    elif context and (found := SHORT.match(rest)) and (match or found.group(2)):
        start, letters = f"{context.casefold()}.{found.group(1)}", found.group(2) or ""
    else:
        return None
    # "1.1 di kota": what follows a blank may be a word and no letter of the code.
    codes = [f"{start}{letters}", *([start] if " " in found.group(0) else [])]
    return next(((QUESTION, known[code]) for code in codes if code in known), None)


# --- figures -------------------------------------------------------------------------------------


def read_points(raw: Any, maximum: Decimal) -> Decimal | None:
    """A figure as people type it; ValueError with a reason. 7,500 is 7.5 where 7500 cannot be."""
    if is_empty(raw):
        return None
    if isinstance(raw, bool | datetime | date):
        raise ValueError("bukan angka.")  # noqa: TRY004  (a reason for people)
    if isinstance(raw, int | float | Decimal):
        exact = Decimal(str(raw))
    else:
        text = re.sub(r"[\s\u00a0\u202f]", "", raw)
        if text.casefold() in DASHES:
            return None
        if text.startswith("-"):
            raise ValueError("tidak boleh kurang dari nol.")
        try:
            exact = Decimal(parse_number(text))
        except ValueError:
            raise ValueError("bukan angka.") from None
        if exact > maximum and THREE.fullmatch(text):
            exact = Decimal(text.replace(",", "."))
    if not exact.is_finite():
        raise ValueError("bukan angka.")
    if exact < 0:
        raise ValueError("tidak boleh kurang dari nol.")
    return exact


def _points(recap: Recap, row: int, node: Node, level: str, raw: Any) -> Decimal | None:
    try:
        exact = read_points(raw, node.maximum)
    except ValueError as error:
        recap.problems.append(Problem(str(error), row, "Nilai", raw))
        return None
    if exact is None:
        return None
    most = node.maximum if level == QUESTION else BIGGEST
    if exact > most:
        reason = f"lebih dari nilai maksimum {_short(most)}."
        recap.problems.append(Problem(reason, row, "Nilai", raw))
        return None
    points = exact.quantize(CENT, ROUND_HALF_UP)
    if abs(points - exact) > Decimal("0.000001"):
        recap.rounded.append(node.code)
    return points


def _maximum(recap: Recap, row: int, node: Node, raw: Any) -> Decimal | None:
    try:
        exact = read_points(raw, node.maximum)
    except ValueError as error:
        recap.problems.append(Problem(str(error), row, "Nilai maks", raw))
        return None
    return None if exact is None else exact.quantize(CENT, ROUND_HALF_UP)


def _short(figure: Decimal) -> str:
    return f"{figure.quantize(CENT)}".replace(".", ",")


# --- the page ------------------------------------------------------------------------------------


class StageForm(forms.Form):
    """Name and day of a stage."""

    nama = forms.CharField(
        label="Nama tahap",
        max_length=NAME_LENGTH,
        help_text="Misalnya: Evaluasi mandiri, Verifikasi administrasi, Verifikasi lapangan.",
        widget=forms.TextInput(attrs={"list": "nama-tahap", "autocomplete": "off"}),
        error_messages={"required": "Tulis nama tahapnya."},
    )
    tanggal = forms.DateField(
        label="Tanggal tahap",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="Hari hasilnya diberikan; menentukan urutan tahap.",
    )


class StageFileForm(StageForm):
    """The same, with the file."""

    berkas = forms.FileField(
        label="Berkas rekap (XLSX atau CSV)",
        widget=forms.ClearableFileInput(attrs={"accept": TYPES}),
        help_text="Kolom Kode dan Nilai, boleh juga Nilai maks. Paling besar 5 MB.",
        error_messages={"required": "Pilih berkas rekapnya."},
        max_length=200,
    )


class StageStoreForm(StageForm):
    """The second step: what was read comes back as it was signed."""

    isi = forms.CharField(widget=forms.HiddenInput)
    terima = forms.BooleanField(required=False)
