"""Years beside each other: what was claimed, what was proven, what each outside stage gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.scoring import ZERO, BandEdge
from indicators.wording import NOTHING, points, points0
from reports.charts.shapes import (
    WIDE,
    Canvas,
    Chart,
    Shape,
    Sheet,
    cut,
    legend,
    line,
    nice,
    rect,
    text,
)


@dataclass(frozen=True, slots=True)
class YearColumn:
    """A year: its figures where we have them, its stages in order, and what it was awarded."""

    year: int
    claimed: Decimal | None = None
    proven: Decimal | None = None
    stages: tuple[tuple[str, Decimal], ...] = ()
    category: str = ""

    @property
    def bars(self) -> list[tuple[str, str, Decimal]]:
        """(role, name, points) of each column that the year has."""
        found = []
        if self.claimed is not None:
            found.append(("risk", "diklaim", self.claimed))
        if self.proven is not None:
            found.append(("proven", "terbukti", self.proven))
        return found + [("stage", name, figure) for name, figure in self.stages]


def years_chart(
    years: Sequence[YearColumn],
    bands: Sequence[BandEdge],
    *,
    maximum: Decimal,
    canvas: Canvas = WIDE,
) -> Chart:
    """What became of what was claimed, year by year."""
    height, shapes = _columns(years, bands, maximum, canvas)
    return Chart(
        name="tahun",
        question="Apa yang tersisa dari klaim, dari tahun ke tahun?",
        finding=_finding(years),
        desc="; ".join(_said(year) for year in years),
        canvas=canvas,
        height=height,
        shapes=shapes,
        sheet=_sheet(years),
    )


def _finding(years: Sequence[YearColumn]) -> str:
    known = [year for year in years if year.proven is not None and year.claimed]
    if not known:
        return "Belum ada tahun dengan poin yang diklaim"
    last = known[-1]
    final = last.stages[-1][1] if last.stages else last.proven
    name = last.stages[-1][0] if last.stages else "terbukti"
    return f"{last.year}: diklaim {points(last.claimed)}, {name} {points(final)}"


def _said(year: YearColumn) -> str:
    said = [f"{name} {points(figure)}" for _, name, figure in year.bars]
    if year.category:
        said.append(f"penghargaan {year.category}")
    return f"{year.year}: {', '.join(said) or 'tanpa angka'}"


def _sheet(years: Sequence[YearColumn]) -> Sheet:
    stages = list(dict.fromkeys(name for year in years for name, _ in year.stages))
    return Sheet(
        ("Tahun", "Diklaim", "Terbukti", *stages, "Penghargaan"),
        tuple(
            (
                str(year.year),
                points(year.claimed),
                points(year.proven),
                *(points(dict(year.stages).get(name)) for name in stages),
                year.category or NOTHING,
            )
            for year in years
        ),
    )


def _columns(
    years: Sequence[YearColumn], bands: Sequence[BandEdge], maximum: Decimal, canvas: Canvas
) -> tuple[int, tuple[Shape, ...]]:
    size, small = canvas.text, canvas.small
    left, right = size * 2.9, canvas.width - size * 0.2
    roof, base = size * 2.2, min(canvas.width * 0.4, size * 22) + size * 2.2
    top = max([maximum, *(figure for year in years for _, _, figure in year.bars)], default=maximum)
    top = top or Decimal(1)

    def y(figure: Decimal) -> float:
        return base - (base - roof) * float(figure / top)

    shapes: list[Shape] = [text("t-soft", 0, small, "poin", size=small)]
    step, figure = nice(top, 5), ZERO
    while figure <= top:
        shapes.append(line("grid", left, y(figure), right, y(figure)))
        shapes.append(
            text(
                "t-soft",
                left - small / 2,
                y(figure) + small * 0.35,
                points0(figure),
                size=small,
                anchor="end",
            )
        )
        figure += step
    for band in bands:
        if ZERO < band.minimum < top:
            shapes.append(line("band", left, y(band.minimum), right, y(band.minimum)))
            shapes.append(
                text(
                    "t-soft",
                    right,
                    y(band.minimum) - small * 0.3,
                    band.name,
                    size=small * 0.9,
                    anchor="end",
                )
            )
    wide = (right - left - size * 4) / max(len(years), 1)
    for at, year in enumerate(years):
        shapes += _year(year, left + at * wide, wide, base, y, canvas)
    entries = [("risk", "diklaim"), ("proven", "terbukti")]
    if any(year.stages for year in years):
        entries.append(("stage", "tahap luar dan nilai akhir, menurut urutan"))
    drawn, bottom = legend(canvas, base + size * 4.6, entries)
    return round(bottom), tuple(shapes + drawn)


def _year(
    year: YearColumn, x: float, wide: float, base: float, y: object, canvas: Canvas
) -> list[Shape]:
    assert callable(y)  # noqa: S101
    size, bars = canvas.text, year.bars
    shapes: list[Shape] = []
    each = min(wide * 0.8 / max(len(bars), 1), size * 4)
    start = x + (wide - each * len(bars)) / 2
    for at, (role, _, figure) in enumerate(bars):
        left, top = start + at * each, y(figure)
        inset = 1 if role == "stage" else 0  # its line is drawn on its edge
        shapes.append(
            rect(role, left + inset, top + inset, each * 0.86 - 2 * inset, base - top - inset)
        )
        if each >= canvas.small * 2.6:
            said = points0(figure.quantize(Decimal(1))) if each < size * 3.6 else points(figure)
            shapes.append(
                text(
                    "t-strong",
                    left + each * 0.43,
                    top - size * 0.35,
                    said,
                    size=canvas.small * 0.92,
                    anchor="middle",
                )
            )
    middle = x + wide / 2
    shapes.append(
        text("t-strong", middle, base + size * 1.3, str(year.year), size=size, anchor="middle")
    )
    if year.category:
        said = cut(year.category, canvas.letters(wide))
        shapes.append(
            text("t-soft", middle, base + size * 2.6, said, size=canvas.small, anchor="middle")
        )
    return shapes
