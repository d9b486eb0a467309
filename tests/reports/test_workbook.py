"""The workbook: the page's figures, numbers as numbers, dates as dates, text never a formula."""

import json
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.actions import export_assessment
from reports.scores import score_of
from reports.workbook.sheets import CELL_LIMIT, Column, Sheets, put
from submissions.models import Event, Response, Submission
from tests import factories as make
from tests.reports import world as by_hand

NOW = datetime(2026, 11, 24, 3, 42, tzinfo=timezone.get_fixed_timezone(0))


def book_of(found, *, by="verifikator", own=None):
    target = BytesIO()
    user = found.users[by] if by else None
    export_assessment(found.assessment, target, by=user, now=NOW, own=own)
    return openpyxl.load_workbook(target)


def table(sheet, start=1):
    """The rows below the heading, by the heading's words."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=start)]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def heading(sheet):
    return next(
        row[0].row for row in sheet.iter_rows() if row[0].value == "Bagian" and row[2].value
    )


@pytest.mark.django_db
def test_it_has_the_four_sheets_with_frozen_headings_and_filters():
    book = book_of(by_hand.world())
    assert book.sheetnames == ["Ringkasan", "Penilaian", "Progres", "Data dukung"]
    for sheet in book:
        start = heading(sheet) if sheet.title == "Ringkasan" else 1
        assert sheet.freeze_panes == f"B{start + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{start}:")


@pytest.mark.django_db
def test_its_totals_are_those_of_the_page_and_of_the_command():
    found = by_hand.world()
    sheet = book_of(found)["Ringkasan"]
    rows = {row["Bagian"]: row for row in table(sheet, heading(sheet))}
    total = rows["TOTAL"]
    assert (total["Diklaim"], total["Terbukti"], total["Berisiko"]) == (44.25, 26.5, 17.75)
    assert total["Diterima tanpa data dukung"] == 7
    figures = score_of(found.assessment)
    for line in [*figures.clusters, *figures.indicators.values()]:
        row = rows.get(line.code) or rows[f"Klaster {line.code}"]
        assert Decimal(str(row["Terbukti"])) == line.proven
        assert Decimal(str(row["Berisiko"])) == line.at_risk
    out = StringIO()
    call_command("scores", "2024", "--region", found.region.code, "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert Decimal(said["total"]) == Decimal(str(total["Terbukti"]))
    assert {code: Decimal(each) for code, each in said["indicators"].items()} == {
        code: Decimal(str(rows[code]["Terbukti"])) for code in figures.indicators
    }


@pytest.mark.django_db
def test_every_question_stands_once_in_the_instruments_order_with_its_points():
    rows = table(book_of(by_hand.world())["Penilaian"])
    assert [row["Kode"] for row in rows] == list(by_hand.QUESTIONS)
    assert {
        row["Kode"]: (f"{row['Poin diklaim']:.2f}", f"{row['Poin terbukti']:.2f}") for row in rows
    } == by_hand.QUESTIONS


@pytest.mark.django_db
def test_a_row_says_the_answer_the_levels_the_verdict_and_the_evidence_in_words():
    rows = {row["Kode"]: row for row in table(book_of(by_hand.world())["Penilaian"])}
    assert rows["1.1"]["Jawaban"] == "Sebagian besar"
    assert rows["1.1"]["Data dukung"] == "Peraturan Wali Kota.pdf"
    assert rows["1.1"]["Penanggung jawab"] == "Dinas Kesehatan"
    assert rows["1.2"]["Jawaban"].startswith("9 dari 12 (75,00")
    assert rows["1.2"]["Tingkat diklaim"] == "75-89,99 %"
    assert rows["1.2"]["Tingkat terbukti"] == "50-74,99 %"
    assert rows["1.2"]["Hasil verifikasi"] == "Diterima"
    assert rows["1.2"]["Catatan verifikasi"] == "Penyebutnya 18."
    assert rows["2.2"]["Keterangan"] == (
        "diterima tanpa data dukung: Naskah asli sedang dijilid., perkiraan"
    )
    assert rows["3.1"]["Jawaban"] == "2 dari 3 kelurahan menjawab ya, 1 belum menjawab"
    assert rows["3.1"]["Penanggung jawab"] == "3 kelurahan"
    assert rows["3.1"]["Keterangan"] is None
    assert rows["3.3"]["Jawaban"] == "belum dijawab"


@pytest.mark.django_db
def test_progress_and_evidence_have_numbers_as_numbers_and_dates_as_dates():
    book = book_of(by_hand.world())
    rows = {row["Perangkat daerah"]: row for row in table(book["Progres"])}
    assert (rows["Dinas Kesehatan"]["Terjawab"], rows["Dinas Kesehatan"]["Ditanyakan"]) == (5, 6)
    assert rows["Badan Perencanaan"]["Poin berisiko"] == 3.75
    assert rows["Badan Perencanaan"]["Tenggat terdekat"] == datetime(2099, 3, 29)  # noqa: DTZ001
    (proof,) = table(book["Data dukung"])
    assert proof["Nama data dukung"] == "Peraturan Wali Kota.pdf"
    assert proof["Tautan"] == "https://contoh.example/a"
    assert isinstance(proof["Dilampirkan"], datetime)
    assert book["Data dukung"]["F2"].hyperlink is None


@pytest.mark.django_db
def test_it_says_when_by_whom_on_which_instrument_and_that_it_is_an_example():
    found = by_hand.world()
    found.assessment.is_example = True
    found.assessment.save()
    said = {row[0].value: row[1].value for row in book_of(found)["Ringkasan"].iter_rows(max_row=9)}
    assert said["Instrumen"] == "Instrumen uji (uji)"
    assert said["Dibuat"] == "24 November 2026 pukul 10.42 WIB"
    assert said["Oleh"] == found.users["verifikator"].name
    assert said["Data contoh"].startswith("Angka dan dokumen")


@pytest.mark.django_db
def test_an_operators_workbook_holds_the_own_part_only():
    found = by_hand.world()
    book = book_of(found, by="operator_badan", own=found.badan)
    assert [row["Kode"] for row in table(book["Penilaian"])] == ["3.2", "3.3"]
    assert [row["Perangkat daerah"] for row in table(book["Progres"])] == ["Badan Perencanaan"]
    assert table(book["Data dukung"]) == []


@pytest.mark.django_db
def test_exporting_leaves_one_event_that_says_whose_part_it_was():
    found = by_hand.world()
    book_of(found)
    book_of(found, by="operator", own=found.dinas)
    events = Event.objects.filter(verb="export").order_by("pk")
    assert [(event.by, event.data["agency"]) for event in events] == [
        (found.users["verifikator"], ""),
        (found.users["operator"], "Dinas Kesehatan"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "own", "allowed"),
    [
        ("verifikator", None, True),
        ("pimpinan", None, True),
        ("operator", None, False),
        ("operator", "dinas", True),
        ("operator", "badan", False),
        ("far_verifikator", None, False),
        ("far_operator", None, False),
        ("far_operator", "far", False),
    ],
)
def test_who_may_export_what(who, own, allowed):
    found = by_hand.world()
    other = by_hand.city(found.assessment.instrument)
    user = (other if who.startswith("far_") else found).users[who.removeprefix("far_")]
    agency = {"far": other.dinas, None: None}.get(own) or (getattr(found, own) if own else None)
    target = BytesIO()
    if allowed:
        export_assessment(found.assessment, target, by=user, now=NOW, own=agency)
        return
    with pytest.raises(PermissionDenied):
        export_assessment(found.assessment, target, by=user, now=NOW, own=agency)
    assert target.getvalue() == b""
    assert not Event.objects.filter(verb="export").exists()


@pytest.mark.django_db
def test_the_command_writes_the_file_whole_or_not_at_all(tmp_path):
    found = by_hand.world()
    target = tmp_path / "penilaian.xlsx"
    call_command(
        "export_assessment",
        "2024",
        "--region",
        found.region.code,
        "-o",
        str(target),
        stdout=StringIO(),
    )
    assert openpyxl.load_workbook(target).sheetnames[0] == "Ringkasan"
    assert [path.name for path in tmp_path.iterdir()] == ["penilaian.xlsx"]
    with pytest.raises(CommandError, match="belum dibuka"):
        call_command("export_assessment", "2023", "--region", found.region.code, "-o", str(target))
    with pytest.raises(CommandError, match="tidak dapat ditulis"):
        call_command(
            "export_assessment",
            "2024",
            "--region",
            found.region.code,
            "-o",
            str(tmp_path / "tidak-ada" / "a.xlsx"),
        )


HARMFUL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "{=A1}",
    "=HYPERLINK(A1)",
    "https://a.example",
    "007",
    "_x0041_",
]


@pytest.mark.django_db
def test_text_that_looks_like_a_formula_stays_the_text_it_is():
    found = by_hand.world()
    for number, name in enumerate(HARMFUL):
        by_hand.attach(found.response("1.1"), name, found.users["operator"])
        Response.objects.filter(pk=found.response("2.2").pk).update(unproven_reason=name)
        found.dinas.name = name
        found.dinas.save()
        book = book_of(found)
        names = [row["Nama data dukung"] for row in table(book["Data dukung"])]
        assert names[1:] == HARMFUL[: number + 1]
        assert {row["Penanggung jawab"] for row in table(book["Penilaian"])} >= {name}
        assert formulas(book) == []


def formulas(book):
    return [
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


printable = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n"),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(printable, st.sampled_from(HARMFUL)), min_size=1, max_size=8))
def test_any_text_comes_back_unchanged_and_is_never_a_formula(texts):
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheets = Sheets(book)
    sheet = book.add_worksheet("Uji")
    for row, text in enumerate(texts):
        put(sheet, row, 0, text, sheets.formats["text"])
    book.close()
    read = openpyxl.load_workbook(target)
    assert formulas(read) == []
    assert [read["Uji"].cell(row, 1).value or "" for row in range(1, len(texts) + 1)] == texts


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheets = Sheets(book)
    put(book.add_worksheet("Uji"), 0, 0, "a" * (CELL_LIMIT + 1), sheets.formats["text"])
    book.close()
    value = openpyxl.load_workbook(target)["Uji"]["A1"].value
    assert (len(value), value[-12:]) == (CELL_LIMIT, "… (dipotong)")


@pytest.mark.django_db
@pytest.mark.parametrize("filled", [False, True])
def test_it_takes_the_same_queries_empty_or_full(filled, django_assert_num_queries):
    found = by_hand.city(by_hand.instrument())
    if filled:
        by_hand.fill(found)
    score_of(found.assessment)
    with django_assert_num_queries(9):  # answers 3, texts, evidence, and the event in a transaction
        book_of(found)


@pytest.mark.django_db
def test_a_year_without_answers_and_a_question_without_an_agency_still_make_a_workbook():
    made = by_hand.instrument()
    agency = make.make_agency()
    make.assign(made.questions.first(), agency)
    assessment = make.make_assessment(agency.region, made)
    target = BytesIO()
    export_assessment(assessment, target, by=None, now=NOW)
    rows = table(openpyxl.load_workbook(target)["Penilaian"])
    assert [row["Penanggung jawab"] for row in rows][1:] == ["belum ada pengampu"] * 7
    assert Submission.objects.get().due_on == date(2099, 3, 29)


def test_rows_are_as_high_as_their_texts_since_libreoffice_does_not_make_them_so():
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheets, columns = Sheets(book), (Column("Diterima tanpa data dukung", 16), Column("Poin", 9))
    rows = [("pendek", 1), ("satu\ndua\ntiga", 2), ("kata " * 16, 3), ("a\n" * 999, 4)]
    sheets.fill(sheets.add("Uji", columns), columns, rows)
    book.close()
    sheet = openpyxl.load_workbook(target).active
    heights = [sheet.row_dimensions[number].height for number in range(1, 6)]
    assert heights == [45, None, 45, 90, 408.75]
