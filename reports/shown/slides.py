"""The pack as slides: the presenter view with native tables and charts that staff can change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from indicators.wording import points, points0, short, tanggal
from reports.shown.paper import charts_of, findings_of, gathered, standing_of
from reports.shown.reading import Shown, ShownDecision, ShownIndicator, ShownLine, finished
from reports.shown.shapes import (
    DEEP,
    EDGE,
    HEIGHT,
    INK,
    INNER,
    PROVEN,
    RISK_INK,
    SOFT,
    WHITE,
    WIDTH,
    Cell,
    axes,
    describe,
    legend,
    more,
    paint,
    say,
    stacked,
    style,
    table,
    text_box,
)

TITLE_ONLY = 5  # of the layouts that python-pptx brings along
RISKS, OFFICES, FOLLOWED, LINES, LONG = 8, 12, 8, 5, 130
HEADS = ("Telah dilaksanakan", "Belum dilaksanakan", "Penanggung jawab", "Data yang dibutuhkan")


def write_slides(
    shown: Shown, target: IO[bytes], *, at: datetime, made: datetime, final: bool
) -> None:
    """Every slide of the wall; no query."""
    deck = _Deck(shown, standing_of(shown, at=at, final=final), final=final, made=made)
    deck.cover()
    deck.total()
    deck.clusters()
    deck.pace(at)
    deck.risks()
    for cluster in shown.shown_clusters:
        rows = shown.of_cluster(cluster.code)
        if rows:
            deck.cluster(cluster, rows)
        for each in rows:
            deck.indicator(each)
    deck.offices()
    deck.decisions("Tindak lanjut rakor lalu", shown.followups, standing=True)
    deck.decisions("Keputusan rakor ini", shown.decisions, standing=False)
    deck.save(target)


class _Deck:
    """A presentation being made, slide by slide."""

    def __init__(self, shown: Shown, standing: str, *, final: bool, made: datetime) -> None:
        self.shown, self.standing, self.final = shown, standing, final
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = WIDTH, HEIGHT
        facts = shown.facts
        self.deck.core_properties.title = f"{facts['title']}, {facts['region']}"
        self.deck.core_properties.language = "id-ID"
        self.deck.core_properties.author = f"Gugus Tugas KLA {facts['region']}"
        self.deck.core_properties.created = made.replace(tzinfo=None)
        self.count = 0

    def save(self, target: IO[bytes]) -> None:
        self.deck.save(target)

    def slide(self, title: str, *, big: str = "", after: str = "") -> Any:
        """A slide with its title in the place of titles, a figure on its right, and its foot."""
        made = self.deck.slides.add_slide(self.deck.slide_layouts[TITLE_ONLY])
        self.count += 1
        head = made.shapes.title
        room = Inches(3.9) if big else 0
        head.left, head.top, head.width, head.height = (
            EDGE,
            Inches(0.35),
            Emu(INNER - room),
            Inches(0.95),
        )
        say(head.text_frame, title, size=26 if len(title) < 70 else 21, bold=True, colour=DEEP)
        head.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        head.text_frame.margin_left = 0
        if big:
            box = text_box(made, WIDTH - EDGE - room, Inches(0.35), room, Inches(0.95))
            part = say(box, big, size=36, bold=True, colour=PROVEN, align=PP_ALIGN.RIGHT)
            run = part.add_run()
            run.text = f" {after}"
            style(run, size=14, colour=SOFT)
            box.vertical_anchor = MSO_ANCHOR.MIDDLE
        self.foot(made)
        return made

    def foot(self, made: Any) -> None:
        facts = self.shown.facts
        left = f"{facts['title']} · {facts['region']}"
        if not self.final:
            left = f"SEMENTARA · {left}"
        if facts["example"]:
            left += " · data contoh"
        box = text_box(made, EDGE, Inches(7.02), Emu(INNER - Inches(1)), Inches(0.35))
        say(box, left, size=11, colour=RISK_INK if not self.final else SOFT)
        box = text_box(made, WIDTH - EDGE - Inches(1), Inches(7.02), Inches(1), Inches(0.35))
        say(box, str(self.count), size=11, colour=SOFT, align=PP_ALIGN.RIGHT)

    def cover(self) -> None:
        facts, total = self.shown.facts, self.shown.total
        made = self.deck.slides.add_slide(self.deck.slide_layouts[TITLE_ONLY])
        self.count += 1
        back = made.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, WIDTH, Inches(4.9))
        paint(back, DEEP)
        tree = made.shapes.element
        tree.remove(back.element)
        tree.insert(2, back.element)  # behind the title
        head = made.shapes.title
        head.left, head.top, head.width, head.height = EDGE, Inches(1.5), INNER, Inches(1.7)
        say(head.text_frame, facts["title"], size=44, bold=True, colour=WHITE)
        head.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        head.text_frame.margin_left = 0
        box = text_box(made, EDGE, Inches(0.6), INNER, Inches(0.8))
        say(
            box,
            f"Gugus Tugas Kabupaten/Kota Layak Anak · {facts['region']}",
            size=18,
            colour="F0B429",
            bold=True,
        )
        box = text_box(made, EDGE, Inches(3.3), INNER, Inches(1.3))
        say(box, facts["when"], size=18, colour=WHITE)
        more(box, facts["place"], size=18, colour=WHITE)
        box = text_box(made, EDGE, Inches(5.1), Inches(6.2), Inches(1.1))
        part = say(box, points(total.proven), size=54, bold=True, colour=PROVEN)
        run = part.add_run()
        run.text = f" / {points0(total.maximum)} poin terbukti"
        style(run, size=18, colour=SOFT)
        box = text_box(
            made, Inches(7.4), Inches(5.25), Emu(WIDTH - EDGE - Inches(7.4)), Inches(1.2)
        )
        say(box, f"Kategori: {self.shown.band or 'belum ada'}", size=22, bold=True, colour=INK)
        more(box, _ahead(self.shown), size=15, colour=SOFT)
        box = text_box(made, EDGE, Inches(6.3), INNER, Inches(0.6))
        say(
            box,
            self.standing if self.final else f"SEMENTARA. {self.standing}",
            size=12,
            colour=SOFT if self.final else RISK_INK,
        )
        self.foot(made)

    def total(self) -> None:
        shown, total = self.shown, self.shown.total
        made = self.slide(
            "Capaian tahun ini",
            big=points(total.proven),
            after=f"/ {points0(total.maximum)} terbukti",
        )
        box = text_box(made, EDGE, Inches(1.35), INNER, Inches(1.35))
        for at, each in enumerate(findings_of(shown)):
            (say if not at else more)(box, each, size=16, colour=INK)
        stacked(
            made,
            [("Seluruh penilaian", total)],
            top=Inches(2.6),
            height=Inches(1.8),
            title="Terbukti, berisiko dan belum diklaim dari seluruh penilaian",
            labels=True,
        )
        if shown.bands:
            rows: list[Sequence[Cell]] = []
            for step in sorted(shown.bands, key=lambda band: band.minimum):
                lacks, hope = (
                    _lacks(step, total.proven),
                    _lacks(step, total.proven + total.at_risk),
                )
                reached = step.holds(total.proven)
                word = "mulai" if step.inclusive else "di atas"
                rows.append(
                    (
                        (step.name, PROVEN if reached else INK),
                        f"{word} {points0(step.minimum)}",
                        (lacks, PROVEN if reached else INK),
                        hope,
                    )
                )
            table(
                made,
                ("Kategori", "Batas", "Dari poin terbukti", "Bila semua klaim terbukti"),
                rows,
                (3, 2, 3, 3),
                top=Inches(4.4),
                size=13,
                numbers=(2, 3),
            )

    def clusters(self) -> None:
        shown = self.shown
        worst = max(shown.clusters, key=lambda each: each.at_risk, default=None)
        title = "Per klaster"
        if worst is not None and worst.at_risk:
            title = f"Klaster {worst.code} menyimpan {points(worst.at_risk)} poin berisiko"
        made = self.slide(title)
        rows = [(f"{each.code} {short(each.label, 46)}", each) for each in shown.clusters]
        stacked(
            made, rows, top=Inches(1.25), height=Inches(3.0), title=f"Klaster: {title}", labels=True
        )
        before = shown.past.clusters
        heads = ["Klaster", "Terbukti", "Berisiko", "Diklaim", "Maks"]
        if before:
            heads.append(f"Terbukti {shown.past.year}")
        cells: list[Sequence[Cell]] = [
            (f"{x.code} {x.label}", *_figures(x), *([points(before.get(x.code))] if before else []))
            for x in shown.clusters
        ]
        table(
            made,
            heads,
            cells,
            (5, *(1.4,) * (len(heads) - 1)),
            top=Inches(4.3),
            size=11,
            numbers=range(1, len(heads)),
        )

    def pace(self, at: datetime) -> None:
        """The way upwards as a line chart, week by week, from the drawing's own table."""
        sheet = next((each for each in charts_of(self.shown, at=at) if each.name == "laju"), None)
        if sheet is None:
            return
        made = self.slide("Cukup cepatkah poin terbukti sebelum tenggat?")
        box = text_box(made, EDGE, Inches(1.25), INNER, Inches(0.6))
        say(box, f"{sheet.finding}.", size=16, colour=INK)
        data = CategoryChartData()
        rows = sheet.sheet.rows
        data.categories = [row[0] for row in rows]
        for column, name in enumerate(sheet.sheet.head[1:], 1):
            data.add_series(name, [_number(row[column]) for row in rows])
        frame = made.shapes.add_chart(
            XL_CHART_TYPE.LINE_MARKERS, EDGE, Inches(1.9), INNER, Inches(5), data
        )
        describe(frame, "Poin terbukti menurut minggu", sheet.desc)
        chart = frame.chart
        legend(chart)
        for series, colour in zip(chart.plots[0].series, (PROVEN, SOFT), strict=False):
            series.format.line.color.rgb = RGBColor.from_string(colour)
            series.format.line.width = Pt(2.5)
            series.smooth = False
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.rgb = RGBColor.from_string(colour)
            series.marker.format.line.color.rgb = RGBColor.from_string(colour)
        axes(chart, size=11)

    def risks(self) -> None:
        found = self.shown.risks(RISKS)
        made = self.slide("Poin yang paling berisiko")
        if not found:
            say(
                text_box(made, EDGE, Inches(1.5), INNER, Inches(1)),
                "Tidak ada poin yang diklaim tanpa terbukti.",
                size=20,
                colour=INK,
            )
            return
        rows: list[Sequence[Cell]] = [
            (
                (points(x.line.at_risk), RISK_INK),
                short(f"{x.line.code} {x.line.label}", LONG),
                x.who,
                short(x.state, 90),
            )
            for x in found
        ]
        table(
            made,
            ("Berisiko", "Pertanyaan", "Penanggung jawab", "Keadaan"),
            rows,
            (1.3, 5, 2.5, 3.7),
            top=Inches(1.4),
            size=14,
            numbers=(0,),
        )

    def cluster(self, cluster: ShownLine, rows: Sequence[ShownIndicator]) -> None:
        made = self.slide(
            f"Klaster {cluster.code}: {cluster.label}",
            big=points(cluster.proven),
            after=f"/ {points0(cluster.maximum)} terbukti",
        )
        pairs = [
            (f"{each.code} {short(each.label, 46 if len(rows) < 5 else 32)}", each.line)
            for each in rows
        ]
        stacked(
            made,
            pairs,
            top=Inches(1.3),
            height=Inches(2.9),
            title=f"Indikator klaster {cluster.code}",
            labels=len(rows) <= 6,
        )
        cells: list[Sequence[Cell]] = [
            (f"{x.code} {short(x.label, LONG)}", *_figures(x.line)) for x in rows
        ]
        size = 14 if len(rows) <= 6 else 11
        table(
            made,
            ("Indikator", "Terbukti", "Berisiko", "Diklaim", "Maks"),
            cells,
            (7, 1.3, 1.3, 1.3, 1.1),
            top=Inches(4.3),
            size=size,
            numbers=range(1, 5),
        )

    def indicator(self, each: ShownIndicator) -> None:
        line = each.line
        made = self.slide(
            f"{each.code}. {each.label}",
            big=points(line.proven),
            after=f"/ {points0(line.maximum)} terbukti",
        )
        stacked(
            made,
            [("", line)],
            top=Inches(1.25),
            height=Inches(0.85),
            title=f"Batang bukti indikator {each.code}",
            labels=False,
            bare=True,
        )
        needed = [" ".join(pair) for pair in gathered(each.needed)]
        said = [_listed(column) for column in (each.done, each.undone, each.offices, needed)]
        longest = max(len(one) for one in said)
        size = 14 if longest < 420 else 12 if longest < 620 else 10.5
        table(made, HEADS, [said], (3.3, 3.3, 2.2, 2.7), top=Inches(2.2), size=size)

    def offices(self) -> None:
        found = self.shown.holders
        parts = [found[at : at + OFFICES] for at in range(0, len(found), OFFICES)]
        for place, part in enumerate(parts, 1):
            made = self.slide(
                f"Perangkat daerah menurut poin dipertaruhkan ({place} dari {len(parts)})"
            )
            rows: list[Sequence[Cell]] = [
                (
                    short(x.name, 70),
                    f"{x.answered} / {x.asked}",
                    (points(x.proven), PROVEN),
                    (points(x.at_risk), RISK_INK),
                    points(x.claimed),
                    points(x.maximum),
                )
                for x in part
            ]
            table(
                made,
                ("Perangkat daerah", "Terjawab", "Terbukti", "Berisiko", "Diklaim", "Maks"),
                rows,
                (6, 1.4, 1.4, 1.4, 1.4, 1.4),
                top=Inches(1.4),
                size=13,
                numbers=range(1, 6),
            )

    def decisions(self, title: str, rows: Sequence[ShownDecision], *, standing: bool) -> None:
        parts = [rows[at : at + FOLLOWED] for at in range(0, len(rows), FOLLOWED)]
        if standing and rows:
            title = f"{title}: {finished(rows)}"
        if not parts and not standing:
            made = self.slide(title)
            say(
                text_box(made, EDGE, Inches(1.5), INNER, Inches(1)),
                "Belum ada keputusan.",
                size=20,
                colour=INK,
            )
        heads = (
            "No",
            "Keputusan",
            "Penanggung jawab",
            "Paling lambat",
            *(["Keadaan"] if standing else []),
        )
        widths = (0.6, 5, 3.2, 2.3, *([2.3] if standing else []))
        for part in parts:
            cells: list[Sequence[Cell]] = [
                (
                    str(x.number),
                    short(x.text, LONG),
                    ", ".join(filter(None, (x.agency, x.person))),
                    tanggal(x.due_on),
                    *([(x.standing, _tone(x))] if standing else []),
                )
                for x in part
            ]
            table(self.slide(title), heads, cells, widths, top=Inches(1.4), size=14)


def _ahead(shown: Shown) -> str:
    ahead = shown.next
    return f"{points(ahead['missing'])} poin lagi menuju {ahead['name']}" if ahead else ""


def _lacks(band: Any, reached: Any) -> str:
    return "tercapai" if band.holds(reached) else f"kurang {points(band.first - reached)}"


def _figures(line: Any) -> tuple[Cell, ...]:
    return (
        (points(line.proven), PROVEN),
        (points(line.at_risk), RISK_INK),
        points(line.claimed),
        points0(line.maximum),
    )


def _tone(decision: ShownDecision) -> str:
    return PROVEN if decision.is_done else INK


def _listed(said: Sequence[str]) -> str:
    """So many lines as can be read; how many more there are."""
    if not said:
        return "tidak ada"
    shown = [f"• {short(each, LONG)}" for each in said[:LINES]]
    more = len(said) - LINES
    return "\n".join([*shown, *([f"dan {more} lagi"] if more > 0 else [])])


def _number(said: str) -> float | None:
    """A figure of a drawing's table; None where it has none."""
    try:
        return float(said.replace(".", "").replace(",", "."))
    except ValueError:
        return None
