"""Proof bars below each other: clusters, and offices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from indicators.scoring import ZERO
from indicators.wording import NOTHING, points, points0, signed
from reports.charts.shapes import (
    WIDE,
    Canvas,
    Chart,
    Shape,
    Sheet,
    cut,
    legend,
    line,
    rect,
    text,
)


class Figures(Protocol):
    """What a line of `reports.scores`, an office of `reports.progress` and a tally have."""

    @property
    def proven(self) -> Decimal: ...
    @property
    def claimed(self) -> Decimal: ...
    @property
    def at_risk(self) -> Decimal: ...
    @property
    def maximum(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class BarRow:
    """A name with its figures; `before` is what was proven the year before, where it is known."""

    label: str
    figures: Figures
    before: Decimal | None = None


MEANINGS = [("proven", "terbukti"), ("risk", "diklaim, belum terbukti"), ("left", "belum diklaim")]
BEFORE = ("mark", "terbukti tahun lalu")
FIGURES = ("klaim", "terbukti", "berisiko", "maks")
ROOMY = 600  # a narrower drawing leaves the claim to the end of the hatched bar


def clusters_chart(
    rows: Sequence[BarRow], *, canvas: Canvas = WIDE, before: int | None = None
) -> Chart:
    """Where the points are, and where they are only claimed. `before` is the year of the marks: how
    much more is proven now than in all of that year stands beside each bar that has room for it.
    """
    height, shapes = _bars(rows, canvas, before)
    return Chart(
        name="klaster",
        question="Klaster mana yang poinnya belum terbukti?",
        finding=_finding(rows, "Klaster "),
        desc=_said(rows),
        canvas=canvas,
        height=height,
        shapes=shapes,
        sheet=_sheet("Klaster", rows, before),
    )


def offices_chart(rows: Sequence[BarRow], *, canvas: Canvas = WIDE, shown: int = 12) -> Chart:
    """Whose points are proven and whose are at risk: the `shown` with most at risk, as they come;
    the table has them all.
    """
    drawn = rows[:shown]
    height, shapes = _bars(drawn, canvas, None)
    return Chart(
        name="perangkat",
        question="Perangkat daerah mana yang memegang poin berisiko?",
        finding=_finding(rows, ""),
        desc=_said(drawn),
        canvas=canvas,
        height=height,
        shapes=shapes,
        sheet=_sheet("Perangkat daerah", rows, None),
    )


def _finding(rows: Sequence[BarRow], before: str) -> str:
    worst = max(rows, key=lambda row: row.figures.at_risk, default=None)
    if worst is None or not any(row.figures.claimed or row.figures.proven for row in rows):
        return "Belum ada poin yang diklaim"
    if not worst.figures.at_risk:
        best = max(rows, key=lambda row: row.figures.proven)
        return f"{before}{best.label} paling banyak terbukti: {points(best.figures.proven)} poin"
    return f"{before}{worst.label} menyimpan {points(worst.figures.at_risk)} poin berisiko"


def _said(rows: Sequence[BarRow]) -> str:
    """The bars in words, for those who hear them."""
    return "; ".join(
        f"{row.label}: terbukti {points(row.figures.proven)}, berisiko "
        f"{points(row.figures.at_risk)}, dari {points0(row.figures.maximum)} poin"
        for row in rows
    )


def _sheet(name: str, rows: Sequence[BarRow], before: int | None) -> Sheet:
    head = (name, "Terbukti", "Berisiko", "Diklaim", "Maks")
    cells = [
        (
            row.label,
            points(row.figures.proven),
            points(row.figures.at_risk),
            points(row.figures.claimed),
            points0(row.figures.maximum),
            *(() if before is None else (points(row.before),)),
        )
        for row in rows
    ]
    return Sheet(head if before is None else (*head, f"Terbukti {before}"), tuple(cells))


def _bars(
    rows: Sequence[BarRow], canvas: Canvas, before: int | None
) -> tuple[int, tuple[Shape, ...]]:
    """A line of words and figures over each bar; the bars share one scale."""
    size, width = canvas.text, canvas.width
    longest = max((row.figures.maximum for row in rows), default=ZERO) or Decimal(1)
    scale = width / float(longest)
    words: Sequence[str] = FIGURES if width >= ROOMY else FIGURES[1:]
    places: Sequence[float] = (14, 8.8, 4.2, 0)[-len(words) :]
    if before is not None and width >= ROOMY:
        words, places = (*words, f"± {before}"), (*(each + 5.4 for each in places), 0)
    ends = [width - size * each for each in places]
    shapes = [
        text("t-soft", end, canvas.small, word, size=canvas.small, anchor="end")
        for end, word in zip(ends, words, strict=True)
    ]
    y = canvas.small * 0.9
    for row in rows:
        y += size * 1.7
        shapes += _words(row, canvas, ends, y)
        shapes += _bar(row, canvas, scale, y + size * 0.45)
        y += size * 1.35
    entries = [*MEANINGS, *([] if before is None else [(BEFORE[0], f"terbukti {before}")])]
    drawn, y = legend(canvas, y + size * 1.8, entries)
    return round(y), tuple(shapes + drawn)


def _words(row: BarRow, canvas: Canvas, ends: Sequence[float], y: float) -> list[Shape]:
    size, figures = canvas.text, row.figures
    fits = canvas.letters(ends[0] - size * 4)
    said = [
        ("t", points(figures.claimed)),
        ("t-proven", points(figures.proven)),
        ("t-risk", f"+{points(figures.at_risk)}"),
        ("t-soft", points0(figures.maximum)),
    ]
    if len(ends) > len(said):
        said.append(("t", NOTHING if row.before is None else signed(figures.proven - row.before)))
    return [
        text("t", 0, y, cut(row.label, fits), size=size),
        *(
            text(role, end, y, figure, size=size, anchor="end")
            for end, (role, figure) in zip(ends, said[-len(ends) :], strict=True)
        ),
    ]


def _bar(row: BarRow, canvas: Canvas, scale: float, y: float) -> list[Shape]:
    figures, high = row.figures, canvas.text * 0.9
    solid, hatched = float(figures.proven) * scale, float(figures.at_risk) * scale
    whole = float(figures.maximum) * scale
    shapes = [rect("left", 0, y, whole, high)]
    if hatched:
        shapes.append(rect("risk", solid, y, hatched, high))
    if solid:
        shapes.append(rect("proven", 0, y, solid, high))
    if row.before is not None:
        at = float(row.before) * scale
        top, foot = y - high * 0.2, y + high * 1.2
        shapes += [line("rim", at, top, at, foot), line("mark", at, top, at, foot)]
    return shapes
