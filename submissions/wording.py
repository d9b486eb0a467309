"""How an answer is said in Indonesian: stored values in, a short text out."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from indicators import wording
from indicators.scoring import Mode, Scale, Value, level_of, number, percentage
from indicators.wording import INDONESIAN, NOTHING, percent

# A NIK or the number of a family card: six digits of the place, day (40 more for women), month,
# year, and four that count; with or without gaps in the usual places.
_GAP = r"[ .\-]?"
_DAY = r"(?:[04][1-9]|[1256]\d|[37][01])"
_NIK = re.compile(
    rf"(?<!\d)[1-9]\d{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}{_DAY}{_GAP}(?:0[1-9]|1[0-2]){_GAP}\d{{2}}{_GAP}\d{{4}}(?!\d)"
)

DIGITS = 15  # of a number in a spreadsheet; what has more leaves as a text, exact


# How a file that the scanner for malware holds back is told, and what its sender does, by the state
# of `Scan`.
SCANNED = {
    "memeriksa": "sedang diperiksa dari virus, belum dapat dibuka orang lain",
    "terinfeksi": "mengandung virus, tidak dapat dibuka siapa pun: periksa komputer Anda, lepas "
    "berkas ini, lalu unggah berkas yang bersih",
}


def personal(text: str) -> str:
    """A sentence if a text holds what looks like somebody's NIK; nothing otherwise."""
    if _NIK.search(text) is None:
        return ""
    return (
        "Ada angka yang tampak seperti NIK atau nomor KK. Hapus atau samarkan, misalnya "
        "3277************, karena data pribadi tidak boleh ditulis di sini; ketikan Anda masih ada."
    )


def answer_text(scale: Scale, value: Value | None) -> str:
    """An answer as people read it: its level, or the figures it was worked out from and the level.

    12 dari 15 (80,00 %): 75-89,99 %; 80,5 lalu 82: Membaik; Ya. A dash while there is none.
    """
    if not value:
        return NOTHING
    level = level_of(scale, value)
    label = "" if level is None else scale.options()[level].label
    figures = ""
    if scale.mode is Mode.THRESHOLD:
        figures = _ratio(value)
    elif scale.mode is Mode.TREND:
        values = value.get("values")
        if isinstance(values, list):
            figures = " lalu ".join(_figure(each) for each in values)
    return ": ".join(part for part in (figures, label) if part) or NOTHING


def _ratio(value: Value) -> str:
    text = f"{_figure(value.get('numerator'))} dari {_figure(value.get('denominator'))}"
    share = percentage(value)
    return text if share is None else f"{text} ({percent(share / 100, 2)})"


def _figure(raw: object) -> str:
    """A figure as typed, in our notation; a dash where it is missing."""
    exact = number(raw)
    if exact is None:
        return NOTHING
    plain = exact.normalize() if exact != exact.to_integral_value() else exact.quantize(Decimal(1))
    return f"{plain:,f}".translate(INDONESIAN)


def request_text(data: dict[str, Any]) -> str:
    """What happened to a request, from its event: meminta dari Dinas X: daftar hadir."""
    agency, what = data.get("agency", ""), data.get("what", "")
    state = data.get("state")
    if state == "dijawab":
        return f"menjawab permintaan ke {agency} ({what}): {data.get('reply', '')}"
    if state == "ditarik":
        return f"menarik kembali permintaan ke {agency}: {what}"
    return f"meminta dari {agency}: {what}"


def cell_text(kind: str, value: Any) -> str:
    """A register's cell as people read it, by the type of its column; nothing stays empty.

    Read again as typed it gives the same value. What was typed under another type, in an older
    instrument, is shown as it is.
    """
    if value is None or value == "":
        return ""
    try:
        if kind == "date":
            return wording.tanggal(date.fromisoformat(str(value)))
        if kind == "money":
            return rupiah(Decimal(str(value)))
        if kind == "integer":
            return wording.number(int(value))
    except (ValueError, ArithmeticError):
        pass
    return str(value)


def rupiah(amount: Decimal) -> str:
    """1250000 becomes 1.250.000; sen are shown where there are any."""
    whole = amount == amount.to_integral_value()
    return f"{amount:,.{0 if whole else 2}f}".translate(INDONESIAN)
