"""Programmes and budget: which indicator has rupiah, which has none, and none counted twice."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.roles import Role
from indicators.models import Instrument
from indicators.wording import NOTHING
from reports.ledger import ledger_of
from reports.paper import pdf_of
from reports.programmes import action_plan_of, budget_of, plan_paper
from reports.scores import score
from reports.stamp import stamp_of
from submissions.models import Event, RegisterRow, Response, ResponseRow
from tests import factories as make

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 3, 1, tzinfo=UTC)
AKTA = "Anggaran APBD/lainnya untuk registrasi dan akta kelahiran anak"
SRA = "Anggaran APBD/lainnya untuk SRA"
COLUMNS = [
    {"key": "program", "label": "Program", "type": "text"},
    {"key": "kegiatan", "label": "Kegiatan", "type": "text"},
    {"key": "sumber_dana", "label": "Sumber dana", "type": "choice", "options": ["APBD", "CSR"]},
    {"key": "pagu_lalu", "label": "Pagu tahun lalu (Rp)", "type": "money"},
    {"key": "pagu", "label": "Pagu tahun data (Rp)", "type": "money"},
    {"key": "realisasi", "label": "Realisasi (Rp)", "type": "money", "required": False},
]


class City:
    """Indicator 1 asks for the budgets of 4 (akta) and 19 (SRA); 26 asks for none."""

    def __init__(self) -> None:
        made: Instrument = make.make_instrument()
        self.register = make.make_register(made, code="program-anggaran", columns=COLUMNS)
        rules = make.make_indicator(made, code="1", name="Peraturan daerah", order=1)
        akta = make.make_indicator(
            made, code="9", name="Anak teregistrasi dan berakta kelahiran", order=2
        )
        sra = make.make_indicator(
            made, code="19", name="Satuan Pendidikan/Sekolah Ramah Anak (SRA)", order=3
        )
        questions = [
            make.make_question(rules, code="1.3e", text=AKTA, register=self.register),
            make.make_question(rules, code="1.3w", text=f" {SRA.upper()}", register=self.register),
            make.make_question(rules, code="1.9", text="Lainnya", register=self.register),
            make.make_question(akta, code="9.1"),
            make.make_question(sra, code="19.1"),
        ]
        self.region = make.make_region()
        self.office = make.make_agency(self.region, name="Disdukcapil")
        for question in questions:
            make.assign(question, self.office)
        make.publish(made)
        self.assessment = make.make_assessment(self.region, made)
        self.by = make.make_user(Role.VERIFIKATOR, region=self.region)
        self.operator = make.make_user(agency=self.office)

    def row(self, name: str, *, year: int = 2023, agency=None, **data) -> RegisterRow:
        values = {"program": name, "kegiatan": "Jemput bola", "sumber_dana": "APBD"} | data
        return RegisterRow.objects.create(
            agency=agency or self.office, register=self.register, code=self.register.code,
            data=values, words=name, valid_from=year, valid_to=year, created_by=self.operator,
            changed_by=self.operator,
        )  # fmt: skip

    def tick(self, row: RegisterRow, code: str, **changes) -> None:
        response = Response.objects.get(assessment=self.assessment, question__code=code)
        ResponseRow.objects.create(response=response, row=row, added_by=self.operator, **changes)

    def budget(self, user=None):
        ledger = ledger_of(self.assessment, self.by)
        return budget_of(self.assessment, ledger, score(ledger), user or self.by)


@pytest.fixture
def city():
    return City()


def test_a_programme_stands_at_the_indicator_that_its_budget_question_pays_for(city):
    row = city.row("Akta", pagu_lalu="900", pagu="1000", realisasi="750")
    city.tick(row, "1.3e")
    found = {each.indicator.code: each for each in city.budget().rows}
    akta = found["9"]
    assert (akta.questions, [each.name for each in akta.programmes]) == (("1.3e",), ["Akta"])
    money = akta.money
    assert (money.before, money.planned, money.realised, money.share) == (
        900, 1000, 750, Decimal("0.75"),
    )  # fmt: skip
    assert (akta.sources, akta.line.maximum) == ("APBD", 100)


def test_what_is_asked_and_has_none_is_told_from_what_is_not_asked(city):
    city.tick(city.row("Akta", pagu="1000"), "1.3e")
    found = {each.indicator.code: each for each in city.budget().rows}
    assert {code: (row.questions, row.is_missing) for code, row in found.items()} == {
        "1": (("1.9",), True),  # a text that pays for nothing known stands at its own indicator
        "9": (("1.3e",), False),
        "19": (("1.3w",), True),  # neither case nor blanks part a text
    }


def test_a_programme_for_two_indicators_is_counted_once_in_the_sum(city):
    row = city.row("Keduanya", pagu="500", pagu_lalu="100")
    city.tick(row, "1.3e")
    city.tick(row, "1.3w")
    budget = city.budget()
    assert [each.money.planned for each in budget.rows] == [0, 500, 500]
    assert (budget.total.planned, budget.total.before) == (500, 100)


def test_what_no_question_names_and_what_is_gone_does_not_count_for_an_indicator(city):
    loose = city.row("Lepas", pagu="70", sumber_dana="CSR")
    city.row("Tahun lain", year=2021, pagu="80")
    gone = city.row("Dihapus", pagu="90")
    RegisterRow.objects.filter(pk=gone.pk).update(retired_at=datetime(2024, 1, 1, tzinfo=UTC))
    city.tick(gone, "1.3e")
    unticked = city.row("Dilepas", pagu="60")
    city.tick(unticked, "1.3e", removed_at=datetime(2024, 1, 1, tzinfo=UTC))
    budget = city.budget()
    assert [each.pk for each in budget.loose] == [loose.pk, unticked.pk]
    assert [(source, money.planned) for source, money in budget.sources] == [
        ("CSR", 70),
        ("APBD", 60),
    ]
    assert [each.programmes for each in budget.rows] == [(), (), ()]


def test_another_citys_programmes_are_not_seen(city):
    far = City()
    far.tick(far.row("Jauh", pagu="1"), "1.3e")
    assert city.budget().programmes == ()
    assert city.budget(make.make_user(Role.PIMPINAN, region=far.region)).programmes == ()


def test_an_amount_that_cannot_be_read_counts_as_nothing(city):
    city.tick(city.row("Rusak", pagu="banyak", pagu_lalu=None, realisasi="NaN"), "1.3e")
    [row] = [each for each in city.budget().rows if each.programmes]
    assert (row.money.planned, row.money.before, row.money.realised) == (0, 0, 0)


def test_the_action_plan_lays_each_programme_over_the_years(city):
    city.row("Akta", year=2022, pagu_lalu="700", pagu="800", realisasi="790")
    city.row("AKTA ", year=2023, pagu_lalu="811", pagu="1000")
    city.row("Akta", year=2023, pagu_lalu="9", pagu="50", sumber_dana="CSR")
    plan = action_plan_of(city.assessment, city.by)
    assert plan.years == (2021, 2022, 2023)
    assert [(row.source, plan.cells(row)) for row in plan.rows] == [
        ("APBD", [(Decimal(700), None), (Decimal(800), Decimal(790)), (Decimal(1000), None)]),
        ("CSR", [(None, None), (Decimal(9), None), (Decimal(50), None)]),
    ]


def test_the_page_says_which_indicators_have_none(client, city):
    city.tick(city.row("Akta", pagu="1250000", realisasi="1000000"), "1.3e")
    client.force_login(city.by)
    said = client.get("/penilaian/2024/program/").content.decode()
    assert "1.250.000" in said
    assert "80\u00a0%" in said
    assert "Belum ada program" in said
    assert "Matriks RAD KLA" in client.get("/penilaian/2024/program/rad/").content.decode()


def table(sheet):
    """The heading and what stands below it, without what is told above."""
    rows = list(sheet.iter_rows(values_only=True))
    return rows[rows.index(next(row for row in rows if row[1] is not None)) :]


def test_the_workbook_has_the_figures_of_the_page_and_leaves_an_event(client, city):
    city.tick(city.row("=1+1", pagu="1250000", pagu_lalu="900000"), "1.3e")
    client.force_login(make.make_user(Role.PIMPINAN, region=city.region))
    answer = client.post("/ekspor/2024/program.xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["Indikator", "Program", "RAD KLA"]
    rows = table(book["Indikator"])
    assert rows[2][:8] == (
        "9", "Anak teregistrasi dan berakta kelahiran", "1.3e", 1, 900000, 1250000, 0, "APBD",
    )  # fmt: skip
    assert rows[3][-1] == "Belum ada program yang disebut"
    assert table(book["Program"])[1][:3] == ("9", "Disdukcapil", "=1+1")
    [cell] = [each for row in book["Program"] for each in row if each.value == "=1+1"]
    assert cell.data_type == "s"
    assert list(table(book["RAD KLA"])[0])[5:] == [
        "Pagu 2022 (Rp)", "Realisasi 2022 (Rp)", "Pagu 2023 (Rp)", "Realisasi 2023 (Rp)",
    ]  # fmt: skip
    assert Event.objects.get(verb="export").data == {"sheet": "program.xlsx"}


@pytest.mark.parametrize("name", ["programmes", "action_plan"])
def test_the_pages_take_the_same_queries_for_one_programme_or_many(client, city, name):
    client.force_login(city.by)
    address = reverse(name, args=[2024])
    city.tick(city.row("Satu", pagu="1"), "1.3e")
    client.get(address)
    counts = []
    for step in range(2):
        if step:
            for number in range(20):
                office = make.make_agency(city.region)
                city.tick(city.row(f"Program {number}", pagu="1"), "1.3w")
                city.row(f"Lain {number}", agency=office, pagu="1")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_the_plan_on_paper_says_the_figures_of_the_page_by_office_and_leaves_an_event(client, city):
    other = make.make_agency(city.region, name="Dinas Kesehatan")
    city.row("#Akta *tebal*", year=2022, pagu="800", realisasi="790")
    city.row("Gizi", year=2023, agency=other, pagu="1250000", realisasi="1000000")
    city.row("Air", year=2023, agency=other, pagu="50")
    plan = action_plan_of(city.assessment, city.by)
    said = plan_paper(plan, stamp_of(city.assessment, by=city.by, now=NOW))
    parts = {each["office"]: each for each in said["parts"]}
    assert said["years"] == ["2021", "2022", "2023"]
    assert parts["Dinas Kesehatan"]["sum"]["cells"] == [NOTHING] * 2 + [
        "0",
        NOTHING,
        "1.250.050",
        "1.000.000",
    ]
    assert parts["Disdukcapil"]["rows"][0]["cells"][2:] == ["800", "790", NOTHING, NOTHING]
    made = pdf_of("action_plan", said)
    assert (made[:5], b"/StructTreeRoot" in made, b"pdfuaid" in made) == (b"%PDF-", True, True)
    client.force_login(make.make_user(Role.PIMPINAN, region=city.region))
    answer = client.post("/ekspor/2024/rad.pdf")
    assert (answer["Content-Type"], b"".join(answer.streaming_content)[:5]) == (
        "application/pdf",
        b"%PDF-",
    )
    assert Event.objects.filter(verb="export", data__sheet="rad.pdf").count() == 1


def test_a_plan_without_any_programme_is_still_paper(city):
    stamp = stamp_of(city.assessment, by=city.by, now=NOW)
    said = plan_paper(action_plan_of(city.assessment, city.by), stamp)
    assert (said["parts"], pdf_of("action_plan", said)[:5]) == ([], b"%PDF-")
