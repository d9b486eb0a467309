"""Proven points day by day towards the deadline, with the year before on the same days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from indicators.scoring import ZERO, BandEdge, next_band
from indicators.wording import MONTHS, NOTHING, points, points0, tanggal
from reports.charts.shapes import (
    LETTER,
    WIDE,
    Canvas,
    Chart,
    Shape,
    Sheet,
    cut,
    legend,
    line,
    n,
    nice,
    path,
    text,
)

PACE_DAYS = 14
Day = tuple[date, Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """Proven points at the end of each day on which they changed, and the day of the deadline."""

    year: int
    opened: date
    closes: date
    days: Sequence[Day]

    def at(self, day: date) -> Decimal:
        """What was proven at the end of a day."""
        found = ZERO
        for when, figure in self.days:
            if when > day:
                break
            found = figure
        return found


def burn_up_chart(
    now: Line,
    *,
    today: date,
    bands: Sequence[BandEdge],
    maximum: Decimal,
    before: Line | None = None,
    canvas: Canvas = WIDE,
) -> Chart:
    """Whether the pace is enough. The year before is laid so that the deadlines meet."""
    frame = _frame(now, today, bands, maximum, before, canvas)
    shapes, y = _drawing(frame, bands)
    reached = now.at(today)
    return Chart(
        name="laju",
        question="Cukup cepatkah poin terbukti sebelum tenggat?",
        finding=_finding(now, today, bands) + _compared(now, today, before),
        desc=f"Poin terbukti sejak {tanggal(now.opened)}: {points(reached)} pada "
        f"{tanggal(today)}; tenggat isian {tanggal(now.closes)}."
        + ("" if before is None else f" Garis putus-putus: tahun {before.year}."),
        canvas=canvas,
        height=round(y),
        shapes=tuple(shapes),
        sheet=_sheet(now, today, before),
    )


def _finding(now: Line, today: date, bands: Sequence[BandEdge]) -> str:
    reached = now.at(today)
    first = max(now.opened, today - timedelta(days=PACE_DAYS))
    gained, days = reached - now.at(first), (today - first).days
    pace = gained / days if days > 0 else ZERO
    said = f"{points(reached)} poin terbukti"
    if days > 0:  # on its first day a year has no pace yet
        said += f", {points(pace)} poin sehari dalam {days} hari terakhir"
    ahead, left = next_band(reached, bands), (now.closes - today).days
    if ahead is None:
        return said
    if left <= 0:
        return f"{said}; kurang {points(ahead[1])} ke {ahead[0].name}"
    return f"{said}; menuju {ahead[0].name} perlu {points(ahead[1] / left)} sehari"


def _compared(now: Line, today: date, before: Line | None) -> str:
    """How much there was a year before, as far from its deadline."""
    if before is None:
        return ""
    then = before.at(before.closes - (now.closes - today))
    return f"; tahun {before.year}, sama jauh dari tenggat, {points(then)}"


def _sheet(now: Line, today: date, before: Line | None) -> Sheet:
    """A row for each week, counted back from the deadline or today, whichever is later."""
    rows, day = [], max(today, now.closes)
    head: tuple[str, ...] = ("Tanggal", f"Terbukti {now.year}")
    if before is not None:
        head = (*head, f"Terbukti {before.year}, sama jauh dari tenggat")
    while day >= now.opened:
        told = points(now.at(day)) if day <= today else NOTHING
        past: tuple[str, ...] = ()
        if before is not None:
            past = (points(before.at(before.closes - (now.closes - day))),)
        rows.append((tanggal(day), told, *past))
        day = today if day > today and day - timedelta(days=7) < today else day - timedelta(days=7)
    return Sheet(head, tuple(reversed(rows)))


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plane of the drawing: days to the right, points upwards."""

    now: Line
    before: Line | None
    today: date
    canvas: Canvas
    first: date
    last: date
    step: Decimal
    top: Decimal

    @property
    def left(self) -> float:
        return self.canvas.text * 2.9

    @property
    def right(self) -> float:
        return self.canvas.width - self.canvas.text * 0.6

    @property
    def base(self) -> float:
        return min(self.canvas.width * 0.42, self.canvas.text * 24) + self.canvas.text * 1.5

    def x(self, day: date) -> float:
        whole = max((self.last - self.first).days, 1)
        return self.left + (self.right - self.left) * (day - self.first).days / whole

    def y(self, figure: Decimal) -> float:
        roof = self.canvas.text * 1.8
        return self.base - (self.base - roof) * float(figure / self.top)


def _frame(
    now: Line,
    today: date,
    bands: Sequence[BandEdge],
    maximum: Decimal,
    before: Line | None,
    canvas: Canvas,
) -> _Frame:
    highest = max([figure for _, figure in now.days], default=ZERO)
    if before is not None:
        highest = max([highest, *(figure for _, figure in before.days)])
    ahead = next_band(highest, bands)
    highest = min(max(highest, ahead[0].minimum if ahead else ZERO, Decimal(10)), maximum)
    step = nice(highest, 5)
    top = step
    while top < highest * Decimal("1.04"):
        top += step
    first = min([now.opened, *(day for day, _ in now.days[:1])])
    return _Frame(now, before, today, canvas, first, max(now.closes, today), step, top)


def _drawing(frame: _Frame, bands: Sequence[BandEdge]) -> tuple[list[Shape], float]:
    canvas, size = frame.canvas, frame.canvas.small
    shapes = [*_axes(frame), *_bands(frame, bands)]
    entries = [("path", f"terbukti {frame.now.year}")]
    if frame.before is not None:
        shift = frame.now.closes - frame.before.closes
        days = [(day + shift, figure) for day, figure in frame.before.days]
        shapes.append(path("before", _stepped(frame, days, frame.last)))
        entries.append(("before", f"{frame.before.year}, sama jauh dari tenggat"))
    steps = _stepped(frame, frame.now.days, frame.today)
    ground = [(steps[-1][0], frame.base), (steps[0][0], frame.base)]
    shapes += [path("area", [*steps, *ground], closed=True), path("path", steps)]
    x, y = steps[-1]
    shapes.append(Shape("circle", "proven", {"cx": n(x), "cy": n(y), "r": n(size * 0.4)}))
    reached = points(frame.now.at(frame.today))
    end = x > frame.left + canvas.text * 7
    shapes.append(
        text(
            "t-proven",
            x - size * 0.6 if end else x + size * 0.6,
            y - size * 0.7,
            reached,
            size=canvas.text,
            anchor="end" if end else "start",
        )
    )
    entries += [("band", "batas kategori"), ("due", f"tenggat {tanggal(frame.now.closes)}")]
    drawn, bottom = legend(canvas, frame.base + size * 3.4, entries)
    return shapes + drawn, bottom


def _stepped(frame: _Frame, days: Sequence[Day], until: date) -> list[tuple[float, float]]:
    """Level until the day on which it changed, then up or down."""
    here, found = ZERO, [(frame.left, frame.base)]
    for day, figure in days:
        if day > until:
            break
        x = max(frame.x(day), frame.left)
        found += [(x, frame.y(here)), (x, frame.y(figure))]
        here = figure
    found.append((max(frame.x(until), frame.left), frame.y(here)))
    return found


def _axes(frame: _Frame) -> list[Shape]:
    canvas, size = frame.canvas, frame.canvas.small
    shapes, figure = [text("t-soft", 0, size, "poin", size=size)], ZERO
    while figure <= frame.top:
        y = frame.y(figure)
        shapes.append(line("grid", frame.left, y, frame.right, y))
        label = points0(figure)
        shapes.append(
            text("t-soft", frame.left - size * 0.5, y + size * 0.35, label, size=size, anchor="end")
        )
        figure += frame.step
    whole = (frame.last - frame.first).days
    room = (frame.right - frame.left) / (canvas.text * 4.6)
    every = max(7, -(-int(whole / max(room, 1)) // 7) * 7)
    day = frame.first
    while day <= frame.last:
        x = frame.x(day)
        shapes.append(line("grid", x, frame.base, x, frame.base + size * 0.4))
        label = f"{day.day} {MONTHS[day.month - 1][:3]}"
        if x + len(label) * size * LETTER < canvas.width:
            shapes.append(text("t-soft", x, frame.base + size * 1.5, label, size=size))
        day += timedelta(days=every)
    x = frame.x(frame.now.closes)
    return [*shapes, line("due", x, canvas.text * 1.4, x, frame.base)]


def _bands(frame: _Frame, bands: Sequence[BandEdge]) -> list[Shape]:
    shapes: list[Shape] = []
    size = frame.canvas.small
    for band in bands:
        if ZERO < band.minimum <= frame.top:
            y = frame.y(band.minimum)
            name = cut(f"{band.name} {points0(band.minimum)}", 24)
            shapes.append(line("band", frame.left, y, frame.right, y))
            shapes.append(text("t-soft", frame.left + size * 0.5, y - size * 0.35, name, size=size))
    return shapes
