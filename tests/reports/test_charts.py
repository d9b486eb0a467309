"""Charts: drawn from the figures and nothing else, readable without colour, and whole as a file."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import Award
from indicators.scoring import BandEdge, Tally
from indicators.wording import NOTHING
from kla_tracker import samples
from reports.charts import (
    HALL,
    NARROW,
    BarRow,
    Line,
    burn_up_chart,
    clusters_chart,
    stairs_chart,
    tags_of,
    to_svg,
)
from reports.charts.shapes import STYLES, cut, nice
from reports.figures import material_of
from reports.history import moves_of, proven_by_day
from reports.ledger import ledger_of
from reports.scores import score, score_of
from reports.years import changes_of, years_of
from submissions.actions import reviewing
from submissions.models import Review, Stage, StageResult
from tests import factories as make
from tests.reports import world as by_hand

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
BANDS = [BandEdge("Pratama", Decimal(20), inclusive=True), BandEdge("Madya", Decimal(40))]


def tally(proven: str, risk: str, maximum: int) -> Tally:
    claimed = Decimal(proven) + Decimal(risk)
    return Tally(claimed, Decimal(proven), Decimal(risk), Decimal(maximum), Decimal(maximum))


def widths(chart, role):
    return [shape.at["width"] for shape in chart.shapes if shape.role == role]


def texts(chart):
    return [shape.text for shape in chart.shapes if shape.text]


# --- drawing -----------------------------------------------------------------------------------


def test_the_longest_bar_fills_the_chart_and_the_others_compare_with_it():
    rows = [BarRow("A", tally("50", "25", 100)), BarRow("B", tally("10", "0", 50))]
    chart = clusters_chart(rows)
    legend = 1  # the last of each is the sample in the legend
    assert widths(chart, "left")[:-legend] == ["920", "460"]
    assert widths(chart, "proven")[:-legend] == ["460", "92"]
    assert widths(chart, "risk")[:-legend] == ["230"]
    assert chart.finding == "Klaster A menyimpan 25,00 poin berisiko"


def test_a_chart_says_the_same_in_its_drawing_its_words_and_its_table():
    chart = clusters_chart([BarRow("A", tally("50", "25", 100), Decimal(40))], before=2023)
    assert {"50,00", "+25,00", "100", "terbukti 2023", "± 2023", "+10,00"} <= set(texts(chart))
    assert chart.desc == "A: terbukti 50,00, berisiko 25,00, dari 100 poin"
    assert chart.sheet.head[-1] == "Terbukti 2023"
    assert chart.sheet.rows == (("A", "50,00", "25,00", "75,00", "100", "40,00"),)


def test_each_cluster_says_how_much_more_or_less_is_proven_than_last_year():
    """With its sign; a dash where there was no such cluster; on a phone the mark alone."""
    figures = tally("50", "25", 100)
    last = {"A": Decimal(40), "B": Decimal("62.5"), "C": Decimal(50), "D": None}
    rows = [BarRow(name, figures, before) for name, before in last.items()]
    said = texts(clusters_chart(rows, before=2023))
    told = [said[said.index(name) + 5] for name in last]
    assert told == ["+10,00", "-12,50", "0,00", NOTHING]
    narrow = clusters_chart(rows, before=2023, canvas=NARROW)
    assert "± 2023" not in texts(narrow)
    assert [shape.role for shape in narrow.shapes].count("mark") == 3 + 1  # and in the legend
    assert "± 2023" not in texts(clusters_chart(rows))


def test_the_stairs_say_what_is_missing_to_each_category():
    chart = stairs_chart(tally("26.50", "17.75", 58), BANDS)
    assert chart.finding == "Kategori sekarang Pratama, 13,51 poin lagi menuju Madya"
    assert chart.sheet.rows == (
        ("Pratama", "mulai 20", "tercapai", "tercapai"),
        ("Madya", "di atas 40", "kurang 13,51", "tercapai"),
    )


def test_the_pace_is_compared_with_what_the_next_category_needs():
    line = Line(2024, date(2024, 3, 1), date(2024, 3, 29), [(date(2024, 3, 10), Decimal(28))])
    chart = burn_up_chart(line, today=date(2024, 3, 22), bands=BANDS, maximum=Decimal(58))
    assert chart.finding == (
        "28,00 poin terbukti, 2,00 poin sehari dalam 14 hari terakhir; "
        "menuju Madya perlu 1,72 sehari"
    )
    assert chart.sheet.rows[-2:] == (("22 Maret 2024", "28,00"), ("29 Maret 2024", NOTHING))


def test_on_its_first_day_a_year_has_no_pace():
    line = Line(2024, date(2024, 3, 1), date(2024, 3, 11), [])
    chart = burn_up_chart(line, today=date(2024, 3, 1), bands=BANDS, maximum=Decimal(58))
    assert chart.finding == "0,00 poin terbukti; menuju Pratama perlu 2,00 sehari"


def test_the_year_before_is_laid_so_that_the_deadlines_meet():
    now = Line(2024, date(2024, 3, 1), date(2024, 3, 29), [])
    before = Line(2023, date(2023, 2, 1), date(2023, 3, 24), [(date(2023, 3, 17), Decimal(30))])
    chart = burn_up_chart(
        now, today=date(2024, 3, 22), bands=BANDS, maximum=Decimal(58), before=before
    )
    assert chart.finding.endswith("; tahun 2023, sama jauh dari tenggat, 30,00")
    told = {row[0]: row[2] for row in chart.sheet.rows}
    assert (told["15 Maret 2024"], told["22 Maret 2024"]) == ("0,00", "30,00")
    assert "before" in {shape.role for shape in chart.shapes}


def test_grid_lines_are_round_and_labels_are_cut_only_where_they_must():
    assert [nice(Decimal(figure)) for figure in (800, 58, 9)] == [200, 20, 2]
    assert (cut("Perlindungan", 12), cut("Perlindungan khusus", 12)) == (
        "Perlindungan",
        "Perlindunga…",
    )


@pytest.mark.parametrize("pair", samples.charts(), ids=lambda pair: pair.wide.name)
def test_a_chart_is_a_file_of_its_own(pair):
    for chart in (pair.wide, pair.narrow):
        root = ET.fromstring(to_svg(chart))  # noqa: S314  (our own text)
        assert [root.find(f"{SVG}title").text, root.find(f"{SVG}desc").text] == [
            chart.finding,
            chart.desc,
        ]
        drawn = list(root.iter())
        assert [each.tag for each in drawn if {"class", "style"} & set(each.attrib)] == []
        fills = {each.get("fill") for each in drawn} - {None, "none"}
        assert {fill for fill in fills if fill.startswith("url")} <= {"url(#arsir)"}
        assert root.find(f"{SVG}defs/{SVG}pattern").get("id") == "arsir"


@pytest.mark.parametrize("pair", samples.charts(), ids=lambda pair: pair.wide.name)
def test_nothing_of_a_chart_stands_outside_it(pair):
    for chart in (pair.wide, pair.narrow):
        for shape in chart.shapes:
            at = {key: float(value) for key, value in shape.at.items() if key in {"x", "y"}}
            right = at.get("x", 0) + float(shape.at.get("width", 0))
            assert -1 <= at.get("x", 0) <= right <= chart.width + 1
            assert at.get("y", 0) <= chart.height


def test_on_a_page_a_chart_has_no_colour_of_its_own():
    drawn = tags_of(samples.charts()[0].wide)
    assert re.findall(r"(?:fill|stroke|style)=", drawn) == []
    assert 'role="img" aria-labelledby="tangga-920-t tangga-920-d"' in drawn


@pytest.mark.parametrize("pair", samples.charts(), ids=lambda pair: pair.wide.name)
def test_on_a_page_neighbours_are_drawn_together_and_none_is_lost(pair):
    for chart in (pair.wide, pair.narrow):
        root = ET.fromstring(tags_of(chart).replace(">", f' xmlns="{SVG[1:-1]}">', 1))  # noqa: S314
        words = [each.text for each in root.iter(f"{SVG}text")]
        assert words == texts(chart)
        drawn = [each for each in chart.shapes if each.tag in {"rect", "line"}]
        seen = [each for each in drawn if each.at.get("width") != "0"]
        own = [each.at["d"] for each in chart.shapes if each.tag == "path"]
        paths = [each.get("d") for each in root.iter(f"{SVG}path")]
        assert sum(path.count("M") for path in paths if path not in own) == len(seen)


def test_hostile_words_stay_words():
    chart = clusters_chart([BarRow("<script>\"&'", tally("1", "0", 2))])
    assert "<script>" not in tags_of(chart)
    assert ET.fromstring(to_svg(chart)) is not None  # noqa: S314


def test_every_role_has_its_class_in_the_style_sheet():
    css = (ROOT / "static/css/components.css").read_text()
    assert [role for role in STYLES if f".c-{role}" not in css] == []


def test_a_chart_for_the_hall_is_written_large():
    chart = clusters_chart([BarRow("A", tally("50", "25", 100))], canvas=HALL)
    sizes = [float(shape.at["font-size"]) for shape in chart.shapes if shape.text]
    assert (chart.width, min(sizes) > 25) == (1720, True)
    assert NARROW.width < 358  # what a phone of 390 has inside a card


@pytest.mark.django_db
def test_the_matrix_is_drawn_with_the_figures_of_the_matrix():
    found = by_hand.world()
    ledger = ledger_of(found.assessment, None)
    material = material_of(found.assessment, ledger, None, today=timezone.localdate())
    chart = material.heat()
    assert chart.sheet.rows[:2] == (
        ("Dinas Kesehatan", "1", "13,50", "11,00", "30"),
        ("Dinas Kesehatan", "2", "15,00", "0,00", "15"),
    )
    assert len(chart.sheet.rows) == 2 + 1 + 3  # two of the dinas, one of the badan, three areas
    assert chart.finding == "Dinas Kesehatan menyimpan 11,00 poin berisiko pada indikator 1"

    def left(drawn):
        """Cells that are not filled to their top, and the sample in the legend."""
        return sum(shape.role == "left" for shape in drawn.shapes)

    assert left(chart) == 3 + 1  # one of the dinas, that of the badan, the area that is silent
    assert [shape.text for shape in material.heat(NARROW).shapes][:2] == ["KA", "KB"]


# --- how it came about -------------------------------------------------------------------------


def at(day: int) -> datetime:
    return datetime(2024, 3, day, 20, 0, tzinfo=UTC)  # after midnight in WIB: the next day


@pytest.mark.django_db
def test_the_last_day_of_the_history_is_the_score():
    found = by_hand.world()
    ledger = ledger_of(found.assessment, None)
    days = proven_by_day(ledger, moves_of(found.assessment))
    assert [figure for _, figure in days] == [score(ledger).total.proven]
    assert days[0][1] == Decimal(by_hand.PROVEN)


@pytest.mark.django_db
def test_the_history_knows_the_day_of_each_verdict_and_of_one_taken_back():
    found = by_hand.city(by_hand.instrument())
    by = found.users["verifikator"]
    for code in ("1.1", "2.1", "2.2"):
        by_hand.claim(found.response(code), {"level": 0})
    by_hand.hand_in(found, "1", "2")

    def verdict(code: str, day: int, said: str = "diterima") -> Review:
        response = found.response(code)
        return reviewing.review(
            response, version=response.version, seen_review=response.last_review_id,
            verdict=said, level=0 if said == "diterima" else None, note="Lihat catatan.",
            unproven_reason="Dilihat.", by=by, now=at(day),
        )  # fmt: skip

    verdict("1.1", 1)
    verdict("2.1", 3)
    verdict("2.2", 3)
    verdict("1.1", 6, "dikembalikan")
    response = found.response("2.1")
    reviewing.unreview(response, seen_review=response.last_review_id, by=by, now=at(8))
    ledger = ledger_of(found.assessment, None)
    assert proven_by_day(ledger, moves_of(found.assessment)) == [
        (date(2024, 3, 2), Decimal(10)),
        (date(2024, 3, 4), Decimal(20)),  # 8 and 7 of an indicator that is capped at 10
        (date(2024, 3, 7), Decimal(10)),
        (date(2024, 3, 9), Decimal(7)),
    ]
    assert score(ledger).total.proven == Decimal(7)


@pytest.mark.django_db
def test_years_stand_beside_each_other_with_awards_and_the_same_figures():
    found = by_hand.world()
    make.make_assessment(found.region, found.assessment.instrument, year=2025, data_year=2024)
    rows = years_of(found.assessment, found.users["pimpinan"])
    assert [(row.year, row.proven, row.award and row.award.category) for row in rows] == [
        (2023, None, "Madya"),
        (2024, score_of(found.assessment).total.proven, None),
        (2025, Decimal(0), None),
    ]
    assert [row.changes for row in rows] == [(), (), ()]


@pytest.mark.django_db
def test_an_outside_stage_stands_beside_its_year_as_its_own_page_adds_it_up():
    found = by_hand.world()
    questions = {each.code: each for each in found.assessment.instrument.questions.all()}
    whole = Stage.objects.create(
        assessment=found.assessment, name="Provinsi", held_on=date(2024, 5, 1)
    )
    for code, each in questions.items():
        given = Decimal(8) if code == "2.1" else Decimal(5) if code == "2.2" else Decimal(1)
        StageResult.objects.create(stage=whole, question=each, points=given)
    part = Stage.objects.create(assessment=found.assessment, name="VLH", held_on=date(2024, 6, 1))
    StageResult.objects.create(stage=part, question=questions["1.1"], points=Decimal("7.50"))
    [row] = [row for row in years_of(found.assessment, None) if row.year == 2024]
    assert row.stages == (
        ("Provinsi", Decimal(16)),  # 8 and 5 of an indicator that is capped at 10
        ("VLH (1 dari 8 pertanyaan)", Decimal("7.50")),
    )
    assert row.column.stages == row.stages


@pytest.mark.django_db
def test_another_instrument_says_what_it_changed():
    one, two = by_hand.instrument("satu"), by_hand.instrument("dua-draf")
    two.published_at = None
    plans = []
    for made in (one, two):
        from reports.plan import _read  # noqa: PLC0415

        plans.append(_read(made.pk, made.code, made.title))
    from dataclasses import replace  # noqa: PLC0415

    first = plans[1].clusters[0]
    swapped = replace(first.indicators[0], name="Nama lain")
    fewer = replace(first, maximum=Decimal(50), indicators=(swapped,))
    after = replace(plans[1], clusters=(fewer, *plans[1].clusters[1:]))
    assert changes_of(plans[0], after) == (
        "Instrumen berganti dari «Instrumen satu» menjadi «Instrumen dua-draf».",
        "Klaster KA: maksimum 40 menjadi 50 poin.",
        "Indikator 1 kini «Nama lain», sebelumnya «Indikator 1»: isinya tidak sama.",
        "Indikator 2 tidak ada lagi: Indikator 2, 10 poin.",
    )
    assert changes_of(plans[0], plans[0]) == ()


# --- the pages ---------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "who", "status"),
    [
        (name, who, status)
        for name in ("figures", "years")
        for who, status in (("operator", 404), ("verifikator", 200), ("pimpinan", 200))
    ],
)
def test_who_sees_the_charts_of_the_region(client, name, who, status):
    found = by_hand.world()
    client.force_login(found.users[who])
    assert client.get(reverse(name, args=[2024])).status_code == status


@pytest.mark.django_db
def test_the_charts_show_the_figures_of_the_dashboard(client):
    found = by_hand.world()
    client.force_login(found.users["pimpinan"])
    pairs = client.get("/penilaian/2024/grafik/").context["pairs"]
    sheets = {pair.wide.name: pair.wide.sheet for pair in pairs}
    assert list(sheets) == ["tangga", "laju", "klaster", "perangkat", "matriks", "tahun"]
    total = score_of(found.assessment).total
    assert sheets["tahun"].rows[-1][:3] == ("2024", "44,25", "26,50")
    assert total.proven == Decimal("26.50")
    assert [pair.wide.sheet for pair in pairs] == [pair.narrow.sheet for pair in pairs]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["figures", "years"])
def test_the_pages_take_the_same_queries_for_one_year_or_many(client, name):
    found = by_hand.city(by_hand.instrument())
    make.make_assessment(found.region, found.assessment.instrument, year=2023, data_year=2022)
    client.force_login(found.users["verifikator"])
    address = reverse(name, args=[2024])
    client.get(address)
    counts = []
    for step in range(3):
        if step == 1:
            by_hand.fill(found)
        elif step == 2:
            for year in range(2017, 2021):
                make.make_assessment(
                    found.region, found.assessment.instrument, year=year, data_year=year - 1
                )
                Award.objects.create(region=found.region, year=year, category="Pratama")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
    assert counts[0] <= (16 if name == "figures" else 10)


@pytest.mark.django_db
def test_a_year_without_verdicts_is_drawn_too():
    found = by_hand.city(by_hand.instrument())
    ledger = ledger_of(found.assessment, None)
    today = timezone.localdate() + timedelta(days=1)
    charts = material_of(found.assessment, ledger, None, today=today).draw()
    assert [chart.finding for chart in charts if chart.name == "klaster"] == [
        "Belum ada poin yang diklaim"
    ]
