"""What slides are made of: texts, native tables and native charts in our clothes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_PATTERN
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from indicators.scoring import ZERO
from indicators.wording import points, points0

INK, SOFT, DEEP = "19211F", "56615D", "08403C"
PROVEN, RISK, RISK_INK, LEFT, WHITE = "0B6E63", "D99A17", "7A4F00", "D8D5CB", "FFFFFF"
TINT, LINE, PALE = "E7F1EF", "E2E0D8", "FFF6E2"
FONT = "Calibri"  # on every machine that opens .pptx, or set as Carlito
WIDTH, HEIGHT, EDGE = Inches(13.333), Inches(7.5), Inches(0.6)
INNER = Emu(WIDTH - 2 * EDGE)
DOT, DOTTED = "•", "• "  # how a line of a cell says that it is one of a list
ROW, LOW = Inches(0.4), Inches(0.24)  # how tall a row is where there is room, and at least
FOOT = Inches(6.95)
Cell = tuple[str, str] | str  # a text, or a text and its colour


def style(run: Any, *, size: float, colour: str = INK, bold: bool = False) -> None:
    run.font.name, run.font.size, run.font.bold = FONT, Pt(size), bold
    run.font.language_id = MSO_LANGUAGE_ID.INDONESIAN  # else each word is marked as misspelt
    run.font.color.rgb = RGBColor.from_string(colour)


def say(frame: Any, said: str, *, align: Any = PP_ALIGN.LEFT, **look: Any) -> Any:
    """The first paragraph of a frame."""
    frame.word_wrap = True
    part = frame.paragraphs[0]
    part.alignment = align
    run = part.add_run()
    run.text = said
    style(run, **look)
    return part


def more(frame: Any, said: str, **look: Any) -> Any:
    """One more paragraph."""
    part = frame.add_paragraph()
    part.space_before = Pt(4)
    run = part.add_run()
    run.text = said
    style(run, **look)
    return part


def bullet(part: Any) -> None:
    """A list's dot, with the lines after the first below its words."""
    around = part._p.get_or_add_pPr()  # noqa: SLF001  (python-pptx knows no lists)
    around.set("marL", str(Inches(0.16)))
    around.set("indent", str(-Inches(0.16)))
    around.append(around.makeelement(qn("a:buChar"), {"char": DOT}))


def text_box(made: Any, left: Any, top: Any, width: Any, height: Any) -> Any:
    frame = made.shapes.add_textbox(Emu(left), Emu(top), Emu(width), Emu(height)).text_frame
    frame.margin_left = frame.margin_right = 0
    return frame


def paint(shape: Any, colour: str) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    shape.line.fill.background()
    shape.shadow.inherit = False


def describe(frame: Any, name: str, said: str) -> None:
    """The text of a chart for those who hear it."""
    around = frame.element.nvGraphicFramePr.cNvPr
    around.set("name", name)
    around.set("descr", said)


def stacked(
    made: Any,
    rows: Sequence[tuple[str, Any]],
    *,
    top: Any,
    height: Any,
    title: str,
    labels: bool,
    bare: bool = False,
) -> None:
    """The proof bar as a native chart: solid, hatched, empty; its figures stand in its sheet."""
    data = _proof_data(rows)
    frame = made.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, EDGE, top, INNER, height, data)
    describe(
        frame,
        title,
        "; ".join(
            f"{name or title}: terbukti {points(x.proven)}, berisiko {points(x.at_risk)}, "
            f"maksimum {points0(x.maximum)}"
            for name, x in rows
        ),
    )
    chart = frame.chart
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    _dress(*plot.series)
    longest = float(max(x.maximum for _, x in rows))
    chart.category_axis.reverse_order = True
    chart.value_axis.maximum_scale = longest
    chart.value_axis.minimum_scale = 0
    axes(chart, size=13)
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    if bare:
        chart.category_axis.visible = False
        chart.has_legend = False
        return
    legend(chart)
    if labels:
        solid, hatched, _ = plot.series
        _label(solid, WHITE, least=longest / 22)
        _label(hatched, RISK_INK, least=longest / 22)


def _proof_data(rows: Sequence[tuple[str, Any]]) -> CategoryChartData:
    data = CategoryChartData(number_format="#,##0.00")
    data.categories = [name or " " for name, _ in rows]
    figures = [each for _, each in rows]
    data.add_series("Terbukti", [float(x.proven) for x in figures])
    data.add_series("Berisiko", [float(x.at_risk) for x in figures])
    data.add_series(
        "Belum diklaim", [float(max(x.maximum - x.proven - x.at_risk, ZERO)) for x in figures]
    )
    return data


def _dress(solid: Any, hatched: Any, empty: Any) -> None:
    for series, colour in ((solid, PROVEN), (empty, LEFT)):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour)
    fill = hatched.format.fill
    fill.patterned()
    fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
    fill.fore_color.rgb = RGBColor.from_string(RISK)
    fill.back_color.rgb = RGBColor.from_string(PALE)


def _label(series: Any, colour: str, *, least: float) -> None:
    """The figures in their bars; one below `least` has no room there."""
    texts = series.data_labels
    texts.show_value = True
    texts.number_format = (
        f'[>={least:.2f}]0;""'  # whole: a point or a comma is the machine's, not ours
    )
    texts.position = XL_LABEL_POSITION.CENTER
    texts.font.size, texts.font.bold, texts.font.name = Pt(11), True, FONT
    texts.font.color.rgb = RGBColor.from_string(colour)


def legend(chart: Any) -> None:
    chart.has_title = False
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False
    chart.legend.font.size, chart.legend.font.name = Pt(12), FONT
    chart.legend.font.color.rgb = RGBColor.from_string(SOFT)


def axes(chart: Any, *, size: float) -> None:
    chart.has_title = False
    for axis in (chart.category_axis, chart.value_axis):
        axis.tick_labels.font.size, axis.tick_labels.font.name = Pt(size), FONT
        axis.tick_labels.font.color.rgb = RGBColor.from_string(INK)
        axis.format.line.color.rgb = RGBColor.from_string(LINE)
    chart.value_axis.has_major_gridlines = True
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(LINE)


def table(
    made: Any,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    top: Any,
    size: float,
    numbers: Any = (),
) -> None:
    """A native table in our clothes: the head in deep green, rows as tall as there is room."""
    tall = Emu(max(LOW, min(ROW, (FOOT - top) // (len(rows) + 1))))
    low = tall < ROW
    frame = made.shapes.add_table(
        len(rows) + 1, len(heads), EDGE, top, INNER, Emu(tall * (len(rows) + 1))
    )
    table = frame.table
    table.horz_banding = False
    whole = sum(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(int(INNER * width / whole))
    for at, cells in enumerate([heads, *rows]):
        table.rows[at].height = tall
        for place, (cell, said) in enumerate(zip(table.rows[at].cells, cells, strict=True)):
            text, colour = (said, INK) if isinstance(said, str) else said
            cell.margin_top = cell.margin_bottom = Inches(0.01 if low else 0.04)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE if at == 0 or len(rows) > 1 else MSO_ANCHOR.TOP
            cell.fill.solid()
            shade = DEEP if at == 0 else WHITE if at % 2 else TINT
            cell.fill.fore_color.rgb = RGBColor.from_string(shade)
            align = PP_ALIGN.RIGHT if place in numbers else PP_ALIGN.LEFT
            look = {
                "size": size,
                "colour": WHITE if at == 0 else colour,
                "bold": at == 0 or colour in (PROVEN, RISK_INK),
            }
            first, *others = text.split("\n")
            parts = [say(cell.text_frame, first.removeprefix(DOTTED), align=align, **look)]
            parts += [more(cell.text_frame, other.removeprefix(DOTTED), **look) for other in others]
            for part, line in zip(parts, [first, *others], strict=True):
                if line.startswith(DOTTED):
                    bullet(part)
