"""The matrix as a drawing, for paper: each cell fills from below with what is proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from indicators.scoring import ZERO
from indicators.wording import points, points0
from reports.charts.bars import MEANINGS
from reports.charts.shapes import (
    LETTER,
    WIDE,
    Canvas,
    Chart,
    Shape,
    Sheet,
    cut,
    legend,
    rect,
    text,
)


class Filled(Protocol):
    """What stands in a cell."""

    @property
    def proven(self) -> Decimal: ...
    @property
    def at_risk(self) -> Decimal: ...
    @property
    def maximum(self) -> Decimal: ...


Cells = Mapping[tuple[str, str], Filled]
MEANING_ORDER = ("left", "risk", "proven")
FOR_ALL = 600  # a drawing must be so wide that every indicator has a cell of its own


@dataclass(frozen=True, slots=True)
class Sum:
    """Several cells as one."""

    proven: Decimal = ZERO
    at_risk: Decimal = ZERO
    maximum: Decimal = ZERO

    def and_(self, other: Filled) -> Sum:
        return Sum(
            self.proven + other.proven,
            self.at_risk + other.at_risk,
            self.maximum + other.maximum,
        )


def gathered(cells: Iterable[tuple[tuple[str, str], Filled]]) -> dict[tuple[str, str], Filled]:
    """Cells that share a place, together."""
    found: dict[tuple[str, str], Sum] = {}
    for place, cell in cells:
        found[place] = found.get(place, Sum()).and_(cell)
    return dict(found)


def heat_chart(
    rows: Sequence[str],
    columns: Mapping[str, str],
    cells: Cells,
    *,
    canvas: Canvas = WIDE,
) -> Chart:
    """Offices by indicators; `cells` by the office's name and the indicator's code, `columns` from
    the indicator's code to its cluster's, by which a phone draws them. A cell that nobody works on
    stays white. The height of a fill tells its share, so it reads in grey.
    """
    drawn, heads = cells, tuple(columns)
    if canvas.width < FOR_ALL:
        heads = tuple(dict.fromkeys(columns.values()))
        drawn = gathered(((who, columns[code]), cell) for (who, code), cell in cells.items())
    height, shapes = _grid(rows, heads, drawn, canvas)
    worst = max(cells.items(), key=lambda pair: pair[1].at_risk, default=None)
    finding = "Belum ada poin yang diklaim"
    if worst is not None and worst[1].at_risk:
        (who, code), figures = worst
        finding = f"{who} menyimpan {points(figures.at_risk)} poin berisiko pada indikator {code}"
    return Chart(
        name="matriks",
        question="Di mana bukti masih kosong?",
        finding=finding,
        desc=f"{len(rows)} perangkat daerah dan {len(columns)} indikator; angkanya dalam tabel.",
        canvas=canvas,
        height=height,
        shapes=shapes,
        sheet=_sheet(rows, tuple(columns), cells),
    )


def _sheet(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> Sheet:
    """A line for each cell that somebody works on: no sheet of paper is as wide as the matrix."""
    there = [
        (who, code, cell)
        for who in rows
        for code in columns
        if (cell := cells.get((who, code))) is not None and cell.maximum
    ]
    return Sheet(
        ("Perangkat daerah", "Indikator", "Terbukti", "Berisiko", "Maks"),
        tuple(
            (who, code, points(x.proven), points(x.at_risk), points0(x.maximum))
            for who, code, x in there
        ),
    )


def _grid(
    rows: Sequence[str], columns: Sequence[str], cells: Cells, canvas: Canvas
) -> tuple[int, tuple[Shape, ...]]:
    size = canvas.small
    left = canvas.width * (0.24 if canvas.width >= FOR_ALL else 0.44)
    wide, high = (canvas.width - left) / max(len(columns), 1), size * 1.35
    longest = max((len(code) for code in columns), default=1)
    head = min(size * 0.8, (wide - 3) / (longest * LETTER))
    shapes = [
        text("t-soft", left + wide * (at + 0.5), size, code, size=head, anchor="middle")
        for at, code in enumerate(columns)
    ]
    fits = int(left / (size * 0.5)) - 1
    y = size * 1.4
    fills: list[Shape] = []
    for who in rows:
        shapes.append(text("t", 0, y + high * 0.72, cut(who, fits), size=size * 0.9))
        for at, code in enumerate(columns):
            cell = cells.get((who, code))
            if cell is not None and cell.maximum:
                fills += _cell(cell, left + wide * at + 1, y + 1, wide - 2, high - 2)
        y += high
    # By what they mean, not by their cell: a page then draws each meaning at once.
    shapes += sorted(fills, key=lambda each: MEANING_ORDER.index(each.role))
    drawn, bottom = legend(canvas, y + size * 1.8, MEANINGS)
    return round(bottom), tuple(shapes + drawn)


def _cell(cell: Filled, x: float, y: float, wide: float, high: float) -> list[Shape]:
    solid, hatched = (
        float(min(max(figure / cell.maximum, ZERO), Decimal(1))) * high
        for figure in (cell.proven, cell.proven + cell.at_risk)
    )
    shapes = [] if hatched >= high else [rect("left", x, y, wide, high)]
    if hatched > solid:
        shapes.append(rect("risk", x, y + high - hatched, wide, hatched - solid))
    if solid:
        shapes.append(rect("proven", x, y + high - solid, wide, solid))
    return shapes
