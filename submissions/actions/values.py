"""What a value may be: the one shape in which each kind of answer is stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from indicators.scoring import Mode, Scale, Value, level_of, number
from submissions.actions.record import RefusedError

BIGGEST = Decimal(10) ** 15
DECIMALS = 6


def checked(scale: Scale, value: Value | None, *, support: bool = False) -> dict[str, Any] | None:
    """A value in the one shape that is stored, or RefusedError; what is half typed is kept."""
    if not value:
        return None
    if support:
        raise RefusedError(
            "Pendukung memberi catatan dan data dukung; jawabannya dari penanggung jawab."
        )
    if scale.mode is Mode.AREA_SHARE:
        if not isinstance(value.get("yes"), bool):
            raise RefusedError("Pilih Ya atau Tidak.")
        return {"yes": value["yes"]}
    if scale.mode is Mode.THRESHOLD:
        figures = {name: _figure(value.get(name)) for name in ("numerator", "denominator")}
        if figures["denominator"] is not None and Decimal(figures["denominator"]) == 0:
            raise RefusedError("Jumlah seluruhnya harus lebih dari nol.")
        kept = {name: text for name, text in figures.items() if text is not None}
        return kept or None
    if scale.mode is Mode.TREND:
        values = value.get("values")
        if not isinstance(values, list) or len(values) != 2:
            raise RefusedError("Isi angka untuk dua tahun.")
        years = [_figure(each) for each in values]
        return {"values": years} if any(each is not None for each in years) else None
    if level_of(scale, value) is None:
        raise RefusedError("Pilih salah satu tingkat.")
    return {"level": value["level"]}


def _figure(raw: object) -> str | None:
    """A figure as plain digits; None while nothing is typed."""
    if raw is None or raw == "":
        return None
    exact = number(raw)
    if exact is None:
        raise RefusedError("Isi dengan angka.")
    if not 0 <= exact < BIGGEST:
        raise RefusedError("Angka harus nol atau lebih, dan masuk akal besarnya.")
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if len(text.partition(".")[2]) > DECIMALS:
        raise RefusedError(f"Paling banyak {DECIMALS} angka di belakang koma.")
    return text or "0"
