"""The stairs of the categories: which step is reached, and what is missing to each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from indicators.scoring import ZERO, BandEdge, band_of
from indicators.wording import points, points0
from reports.charts.bars import MEANINGS, Figures
from reports.charts.shapes import WIDE, Canvas, Chart, Shape, Sheet, cut, legend, line, rect, text


def stairs_chart(total: Figures, bands: Sequence[BandEdge], *, canvas: Canvas = WIDE) -> Chart:
    """Each category is a step; it fills from the left as its points are proven."""
    steps = sorted(bands, key=lambda band: band.minimum)
    height, shapes = _steps(total, steps, canvas)
    reached = band_of(total.proven, steps)
    ahead = next((step for step in steps if not step.holds(total.proven)), None)
    finding = f"Kategori sekarang {reached.name}" if reached else "Belum ada kategori"
    if ahead:
        finding += f", {points(ahead.first - total.proven)} poin lagi menuju {ahead.name}"
    return Chart(
        name="tangga",
        question="Seberapa dekat kategori berikutnya?",
        finding=finding,
        desc=f"Terbukti {points(total.proven)}, berisiko {points(total.at_risk)}, "
        f"dari {points0(total.maximum)} poin. "
        + "; ".join(f"{step.name} {_from(step)}: {_missing(step, total.proven)}" for step in steps),
        canvas=canvas,
        height=height,
        shapes=shapes,
        sheet=Sheet(
            ("Kategori", "Mulai", "Dari poin terbukti", "Bila semua klaim terbukti"),
            tuple(
                (
                    step.name,
                    _from(step),
                    _missing(step, total.proven),
                    _missing(step, total.proven + total.at_risk),
                )
                for step in steps
            ),
        ),
    )


def _from(step: BandEdge) -> str:
    return (
        f"mulai {points0(step.minimum)}" if step.inclusive else f"di atas {points0(step.minimum)}"
    )


def _missing(step: BandEdge, reached: Decimal) -> str:
    return "tercapai" if step.holds(reached) else f"kurang {points(step.first - reached)}"


def _steps(
    total: Figures, steps: Sequence[BandEdge], canvas: Canvas
) -> tuple[int, tuple[Shape, ...]]:
    size = canvas.text
    edges = [ZERO, *(step.minimum for step in steps if step.minimum > 0)]
    ends = [*edges[1:], max(total.maximum, edges[-1] + 1)]
    names = ["", *(step.name for step in steps if step.minimum > 0)]
    wide = canvas.width / len(edges)
    rise, base = size * 2.1, size * 3.4 + size * 2.1 * len(edges)
    shapes: list[Shape] = []
    words: list[Shape] = []
    climbed = total.proven + total.at_risk
    for at, (low, high, name) in enumerate(zip(edges, ends, names, strict=True)):
        x, top = at * wide, base - rise * (at + 1)
        hatched, solid = (
            float(min(max((figure - low) / (high - low), ZERO), Decimal(1)))
            for figure in (climbed, total.proven)
        )
        inner, tall = wide - 2, rise * (at + 1)
        shapes.append(rect("left", x, top, inner, tall))
        if hatched > solid:
            shapes.append(rect("risk", x + inner * solid, top, inner * (hatched - solid), tall))
        if solid:
            shapes.append(rect("proven", x, top, inner * solid, tall))
        if low <= total.proven < high:
            spot = x + inner * solid
            shapes.append(line("mark", spot, top - size * 0.4, spot, base))
        if name:
            step = next(each for each in steps if each.name == name)
            words += _over(step, total.proven, x + wide / 2, top, wide, canvas)
        words.append(text("t-soft", x, base + size * 1.2, points0(low), size=canvas.small))
    drawn, y = legend(canvas, base + size * 3, MEANINGS)
    return round(y), tuple(shapes + words + drawn)


def _over(
    step: BandEdge, reached: Decimal, middle: float, top: float, wide: float, canvas: Canvas
) -> list[Shape]:
    """A step's name, and what is missing to it."""
    size, fits = canvas.text, canvas.letters(wide)
    here = step.holds(reached)
    lacks = _missing(step, reached)
    if len(lacks) > fits:
        lacks = lacks.removeprefix("kurang ")
    return [
        text(
            "t-proven" if here else "t-strong",
            middle,
            top - size * 1.75,
            cut(step.name, fits),
            size=size,
            anchor="middle",
        ),
        text("t-soft", middle, top - size * 0.6, lacks, size=canvas.small * 0.93, anchor="middle"),
    ]
