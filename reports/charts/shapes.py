"""What a chart is made of, and its two clothes: classes for a page, attributes for a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from typing import NamedTuple

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Number = Decimal | float | int
HATCH = "arsir"  # the pattern that every page carries (`components/hatch.html`)
FONT = "Plus Jakarta Sans, Liberation Sans, Arial, sans-serif"
# How wide a letter is on average, as a part of its size; enough to know what fits.
LETTER = 0.54

# Each role as a page's class is `c-<role>`; as a file of its own it has these attributes. Colours
# are those of `static/css/tokens.css`, and the pattern tells proven from claimed without them.
INK, SOFT, EDGE, GRID = "#19211f", "#56615d", "#848e89", "#e2e0d8"
PROVEN, RISK_INK, STAGE, LEFT = "#0b6e63", "#7a4f00", "#3f4e9e", "#e9e7e0"
# Words that may stand on a line are kept apart from it.
HALO = {"stroke": "#fff", "stroke-width": "4", "paint-order": "stroke"}
STYLES: dict[str, dict[str, str]] = {
    "proven": {"fill": PROVEN},
    "risk": {"fill": f"url(#{HATCH})"},
    "left": {"fill": LEFT},
    "stage": {"fill": "#ebedf8", "stroke": STAGE, "stroke-width": "2"},
    "area": {"fill": PROVEN, "fill-opacity": "0.12"},
    "path": {"fill": "none", "stroke": PROVEN, "stroke-width": "3", "stroke-linejoin": "round"},
    "before": {"fill": "none", "stroke": INK, "stroke-width": "2", "stroke-dasharray": "7 5"},
    "rim": {"fill": "none", "stroke": "#fff", "stroke-width": "6"},
    "mark": {"fill": "none", "stroke": INK, "stroke-width": "2"},
    "grid": {"fill": "none", "stroke": GRID, "stroke-width": "1"},
    "band": {"fill": "none", "stroke": EDGE, "stroke-width": "1", "stroke-dasharray": "2 4"},
    "due": {"fill": "none", "stroke": "#b3372b", "stroke-width": "2"},
    "t": {"fill": INK},
    "t-strong": {"fill": INK, "font-weight": "700", **HALO},
    "t-soft": {"fill": SOFT},
    "t-proven": {"fill": PROVEN, "font-weight": "700", **HALO},
    "t-risk": {"fill": RISK_INK},
}


class Shape(NamedTuple):
    """One element: its tag, its role in the chart, where it stands, and what it says."""

    tag: str
    role: str
    at: Mapping[str, str]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Canvas:
    """How wide a chart is drawn and how large it is written; heights follow from both."""

    width: int
    text: int

    @property
    def small(self) -> float:
        return self.text * 0.87

    def letters(self, width: Number) -> int:
        """How many letters fit into a width."""
        return int(float(width) / (self.text * LETTER))


WIDE = Canvas(920, 15)
NARROW = Canvas(340, 14)
PAPER = Canvas(760, 15)  # words of 7 to 8 points on a sheet of A4
HALL = Canvas(1720, 30)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A chart's figures as a table; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its question, what it finds, what it shows in words, and its figures."""

    name: str
    question: str
    finding: str
    desc: str
    canvas: Canvas
    height: int
    shapes: tuple[Shape, ...]
    sheet: Sheet

    @property
    def width(self) -> int:
        return self.canvas.width

    @property
    def key(self) -> str:
        """What tells its title from those of other charts and sizes on the page."""
        return f"{self.name}-{self.width}"


def n(value: Number) -> str:
    """A coordinate with one decimal at most."""
    return f"{float(value):.1f}".removesuffix(".0")


def rect(role: str, x: Number, y: Number, width: Number, height: Number) -> Shape:
    at = {"x": n(x), "y": n(y), "width": n(max(float(width), 0)), "height": n(height)}
    return Shape("rect", role, at)


def line(role: str, x1: Number, y1: Number, x2: Number, y2: Number) -> Shape:
    return Shape("line", role, {"x1": n(x1), "y1": n(y1), "x2": n(x2), "y2": n(y2)})


def path(role: str, points: Iterable[tuple[Number, Number]], *, closed: bool = False) -> Shape:
    said = "L".join(f"{n(x)} {n(y)}" for x, y in points)
    return Shape("path", role, {"d": f"M{said}{'Z' if closed else ''}"})


def text(
    role: str, x: Number, y: Number, said: str, *, size: Number, anchor: str = "start"
) -> Shape:
    at = {"x": n(x), "y": n(y), "font-size": n(size)}
    if anchor != "start":
        at["text-anchor"] = anchor
    return Shape("text", role, at, said)


def cut(said: str, letters: int) -> str:
    """A label that fits; the whole of it stands in the table."""
    return said if len(said) <= letters else f"{said[: max(letters - 1, 1)].rstrip(' ,')}…"


def nice(highest: Decimal, steps: int = 5) -> Decimal:
    """The distance of grid lines, so that some `steps` of them reach above the highest figure."""
    rough = highest / steps
    for power in range(-1, 5):
        for digit in (1, 2, 5):
            step = Decimal(digit).scaleb(power)
            if step >= rough:
                return step
    return rough.to_integral_value(ROUND_CEILING)


def legend(
    canvas: Canvas, y: float, entries: Iterable[tuple[str, str]], *, x: float = 0
) -> tuple[list[Shape], float]:
    """Samples with their words, on as many lines as they need; says where the next line is."""
    shapes: list[Shape] = []
    left, size = x, canvas.small
    for role, said in entries:
        width = size * 1.6 + len(said) * size * LETTER + size * 1.4
        if left > x and left + width > canvas.width:
            left, y = x, y + size * 1.7
        if role == "mark":  # as it stands on a bar
            spot = left + size * 0.65
            shapes.append(line(role, spot, y - size * 0.85, spot, y + size * 0.15))
        elif role in {"path", "before", "band", "due"}:
            middle = y - size * 0.32
            shapes.append(line(role, left, middle, left + size * 1.3, middle))
        else:
            shapes.append(rect(role, left, y - size * 0.75, size * 1.3, size * 0.8))
        shapes.append(text("t-soft", left + size * 1.6, y, said, size=size))
        left += width
    return shapes, y + size * 0.8


def _worn(role: str, scale: float) -> dict[str, str]:
    """A role's attributes, its lines as thick as the chart is large."""
    worn = dict(STYLES[role])
    if "stroke-width" in worn:
        worn["stroke-width"] = n(float(worn["stroke-width"]) * scale)
    return worn


def _drawn(chart: Chart) -> SafeString:
    """Each element with the attributes of its role, for a file of its own."""
    scale = chart.canvas.text / WIDE.text

    def one(shape: Shape) -> SafeString:
        attributes = flatatt({**_worn(shape.role, scale), **shape.at})
        if not shape.text:
            return format_html("<{}{}/>", shape.tag, attributes)
        return format_html("<{0}{1}>{2}</{0}>", shape.tag, attributes, shape.text)

    return format_html_join("", "{}", ((one(shape),) for shape in chart.shapes))


SHARED = ("font-size", "text-anchor")  # of words that stand beside each other


def _worn_together(shape: Shape) -> tuple[str, ...]:
    return (shape.tag, shape.role, *(shape.at.get(name, "") for name in SHARED))


def _strokes(shape: Shape) -> str:
    """A rectangle or a line as a part of a path."""
    at = shape.at
    if shape.tag == "rect":
        x, y, width, height = (at[name] for name in ("x", "y", "width", "height"))
        return "" if width == "0" else f"M{x} {y}h{width}v{height}h-{width}z"
    x1, y1, x2, y2 = (at[name] for name in ("x1", "y1", "x2", "y2"))
    return (
        f"M{x1} {y1}H{x2}"
        if y1 == y2
        else f"M{x1} {y1}V{y2}"
        if x1 == x2
        else (f"M{x1} {y1}L{x2} {y2}")
    )


def _on_page(chart: Chart) -> SafeString:
    """Each element by the class of its role. Neighbours that share it say it once, which makes a
    page of charts a third smaller: rectangles and lines are one path, words stand in a group.
    """
    parts: list[SafeString] = []
    for _, run in groupby(chart.shapes, _worn_together):
        shapes = list(run)
        first = shapes[0]
        worn: dict[str, str] = {"class": f"c-{first.role}"}
        if first.tag in {"rect", "line"}:
            worn["d"] = "".join(_strokes(each) for each in shapes)
            parts.append(format_html("<path{}/>", flatatt(worn)))
        elif first.tag == "text":
            worn |= {name: first.at[name] for name in SHARED if name in first.at}
            words = format_html_join(
                "", '<text x="{}" y="{}">{}</text>',
                ((each.at["x"], each.at["y"], each.text) for each in shapes),
            )  # fmt: skip
            parts.append(format_html("<g{}>{}</g>", flatatt(worn), words))
        else:
            parts += [
                format_html("<{}{}/>", each.tag, flatatt({**worn, **each.at})) for each in shapes
            ]
    return format_html_join("", "{}", ((each,) for each in parts))


def tags_of(chart: Chart) -> SafeString:
    """The drawing for a page of ours: classes, and the hatching that the page carries."""
    return format_html(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="xMinYMin" role="img" '
        'aria-labelledby="{key}-t {key}-d">'
        '<title id="{key}-t">{}</title><desc id="{key}-d">{}</desc>{}</svg>',
        chart.width,
        chart.height,
        chart.finding,
        chart.desc,
        _on_page(chart),
        key=chart.key,
    )


def to_svg(chart: Chart) -> str:
    """The drawing as a file of its own: attributes only, its own hatching, no style and no font
    that must be fetched.
    """
    scale = n(chart.canvas.text / WIDE.text)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'role="img" font-family="{font}"><title>{title}</title><desc>{desc}</desc><defs>'
        '<pattern id="{hatch}" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="scale({scale})"><rect width="8" height="8" fill="#fff6e2"/>'
        '<path d="M-2 2 2-2M0 8 8 0M6 10 10 6" fill="none" stroke="#d99a17" stroke-width="3"/>'
        "</pattern></defs>{shapes}</svg>",
        w=chart.width,
        h=chart.height,
        font=FONT,
        title=chart.finding,
        desc=chart.desc,
        hatch=HATCH,
        scale=scale,
        shapes=_drawn(chart),
    )
