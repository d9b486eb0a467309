"""The office's workbook: what goes out comes back unchanged, and what was typed comes in by the
rules of the form, or is refused by a sentence.
"""

import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zeal import zeal_ignore

from agencies.models import AssignmentRole
from agencies.roles import Role
from indicators.models import Question
from submissions.actions import answering
from submissions.actions.importing import Change, ImportRefusedError, answer_many
from submissions.actions.record import RefusedError
from submissions.forms.sheets import read_sheets
from submissions.forms.workbook import Fate, plan_of, write_work
from submissions.forms.workbook.cells import HEADINGS
from submissions.models import Event, Response, Submission, Verb
from submissions.workflow import State
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 3, 4, 3, 0, tzinfo=UTC)
MODES = ("choice", "graded", "threshold", "trend", "area_share")


def office():
    """An office with a question of each mode, and one that it only supports."""
    instrument = make.make_instrument()
    indicator = make.make_indicator(instrument, code="1")
    agency = make.make_agency()
    for at, mode in enumerate(MODES, 1):
        area = mode == "area_share"
        question = make.make_question(
            indicator, mode, code=f"1.{at}", **({"level": "kelurahan"} if area else {})
        )
        make.assign(question, agency, AssignmentRole.AREA if area else AssignmentRole.LEAD)
    helped = make.make_question(indicator, code="1.6")
    make.assign(helped, agency, AssignmentRole.SUPPORT)
    make.publish(instrument)
    assessment = make.make_assessment(agency.region, instrument)
    return assessment, agency, make.make_user(agency=agency)


def answers(agency):
    found = answering.for_answering(Response.objects.filter(submission__agency=agency))
    return list(found.order_by("question__order"))


def out(assessment, agency, by):
    return write_work(assessment, agency, answers(agency), {}, by=by, now=NOW)


def edited(content, **cells):
    """The workbook after somebody typed: code_column=value, in the list's own columns."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Isian"]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    for place, value in cells.items():
        code, column = place.split("__")
        at = HEADINGS.index(COLUMNS[column]) + 1
        sheet.cell(rows[code.replace("q", "1.")], at).value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


COLUMNS = {
    "answer": "Jawaban", "first": "Angka pertama", "second": "Angka kedua", "note": "Catatan",
    "code": "Kode", "number": "Nomor jawaban",
}  # fmt: skip


def look(content, agency):
    return plan_of(read_sheets(content), answers(agency))


def fates(plan):
    return {row.code: row.fate for row in plan.rows}


# --- what goes out comes back ---------------------------------------------------------------------
PIECES = st.sampled_from(
    [
        "=1+1", "+62 812", "-5", "@SUM(A1)", "007", "1234567890123456789", "31/12/2024",
        "2024-02-01", "1,5", "Peraturan Wali Kota \u2013 \u201canak\u201d", "baris satu\nbaris dua",
        "\t", "  ", "_x0041_", "x005F_", "TRUE", "#REF!", "'kutip", "\r\n",
        "\u00e9\u00f1\u4e2d\U0001f476",
    ]
)  # fmt: skip
NOTES = (
    st.lists(PIECES | st.text(max_size=20), max_size=4)
    .map("".join)
    .map(lambda text: text.encode("utf-8", "ignore").decode().replace("\x00", ""))
)
FIGURES = st.decimals(
    min_value=0, max_value=Decimal(10) ** 14, places=6, allow_nan=False, allow_infinity=False
).map(lambda each: f"{each:f}")
VALUES = {
    "choice": st.none() | st.builds(lambda at: {"level": at}, st.integers(0, 4)),
    "graded": st.none() | st.builds(lambda at: {"level": at}, st.integers(0, 2)),
    "threshold": st.none()
    | st.builds(lambda a, b: {"numerator": a, "denominator": b}, FIGURES, FIGURES.filter(float)),
    "trend": st.none() | st.builds(lambda a, b: {"values": [a, b]}, FIGURES, FIGURES),
    "area_share": st.none() | st.builds(lambda yes: {"yes": yes}, st.booleans()),
}


@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_goes_out_comes_back_unchanged(transactional_free_office, data):
    assessment, agency, by = transactional_free_office
    for response in answers(agency):
        mode = response.question.rubric.mode
        support = response.role == AssignmentRole.SUPPORT
        value = None if support else data.draw(VALUES[mode])
        answering.answer(
            response, value=value, note=data.draw(NOTES), version=response.version, by=by, now=NOW
        )
    content = out(assessment, agency, by)
    assert set(fates(look(content, agency)).values()) == {Fate.SAME}
    # Without the seal too: what is compared is what stands in the cells.
    bare = edited(content, **{f"q{at}__number": r.pk for at, r in enumerate(answers(agency), 1)})
    book = openpyxl.load_workbook(io.BytesIO(bare))
    for row in range(2, 8):
        book["Isian"].cell(row, len(HEADINGS)).value = None
    saved = io.BytesIO()
    book.save(saved)
    assert set(fates(look(saved.getvalue(), agency)).values()) == {Fate.SAME}
    cells = [cell for row in book["Isian"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []


@pytest.fixture
def transactional_free_office(db):
    return office()


# --- what was typed -------------------------------------------------------------------------------
def test_each_kind_of_answer_comes_in():
    assessment, agency, by = office()
    content = edited(
        out(assessment, agency, by),
        q1__answer="sebagian besar ", q2__answer="Tidak ada", q3__first=12, q3__second="15",
        q4__first="80,5", q4__second=82.25, q5__answer="Ya", q6__note="Kami bantu\ndata",
    )  # fmt: skip
    plan = look(content, agency)
    assert {row.code: (row.fate, row.value) for row in plan.rows} == {
        "1.1": (Fate.NEW, {"level": 1}),
        "1.2": (Fate.NEW, {"level": 2}),
        "1.3": (Fate.NEW, {"numerator": "12", "denominator": "15"}),
        "1.4": (Fate.NEW, {"values": ["80.5", "82.25"]}),
        "1.5": (Fate.NEW, {"yes": True}),
        "1.6": (Fate.NEW, None),
    }
    assert plan.rows[2].after == "12 dari 15 (80,00\u00a0%): 75-89,99 %"
    assert plan.rows[5].note == "Kami bantu\ndata"


WRONG = [
    ({"q1__answer": "Entah"}, "“Entah” tidak ada dalam pilihan."),
    ({"q1__first": 5}, "Angka pertama dan Angka kedua tidak dipakai di sini; kosongkan."),
    ({"q3__answer": "Ya"}, "Pertanyaan ini dijawab dengan angka; kosongkan kolom Jawaban."),
    ({"q3__first": "dua"}, "“dua” bukan angka. Tulis misalnya 1234 atau 80,5."),
    ({"q3__first": -2, "q3__second": 3}, "Angka harus nol atau lebih, dan masuk akal besarnya."),
    ({"q3__first": 2, "q3__second": 0}, "Jumlah seluruhnya harus lebih dari nol."),
    ({"q6__answer": "Ya"}, "Pendukung hanya mengisi Catatan; kosongkan Jawaban dan angkanya."),
    ({"q1__note": "a" * 4001}, "Catatan terlalu panjang: paling banyak 4000 huruf."),
    ({"q1__note": "#VALUE!"}, "“#VALUE!” adalah galat rumus; ketik isinya sebagai teks"),
    ({"q1__answer": "#N/A"}, "“#N/A” adalah galat rumus; ketik isinya sebagai teks"),
    ({"q1__code": "9.9"}, "Baris ini tertukar: kodenya 9.9"),
    ({"q1__number": 999999}, "Baris ini bukan dari buku kerja Anda"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "sentence"), WRONG)
def test_what_is_wrong_is_said_by_a_sentence(cells, sentence):
    assessment, agency, by = office()
    plan = look(edited(out(assessment, agency, by), **cells), agency)
    assert [row.reason[: len(sentence)] for row in plan.wrong] == [sentence]


def test_what_was_handed_in_or_accepted_cannot_be_changed():
    assessment, agency, by = office()
    content = edited(out(assessment, agency, by), q1__note="Baru")
    Submission.objects.filter(agency=agency).update(state=State.SUBMITTED)
    assert look(content, agency).wrong[0].reason.startswith("Isian ini sudah diajukan")
    Submission.objects.filter(agency=agency).update(state=State.RETURNED)
    Response.objects.filter(question__code="1.1").update(verdict="diterima")
    assert look(content, agency).wrong[0].reason.startswith("Jawaban ini sudah diterima")


def test_what_changed_on_the_server_meanwhile_is_a_clash_only_where_one_typed():
    assessment, agency, by = office()
    content = edited(out(assessment, agency, by), q1__answer="Sebagian")
    for code, note in (("1.1", "dari server"), ("1.2", "juga dari server")):
        [response] = [each for each in answers(agency) if each.question.code == code]
        answering.answer(response, value=None, note=note, version=0, by=by, now=NOW)
    plan = look(content, agency)
    clash = plan.clashes[0]
    assert (clash.code, clash.before_note, clash.after, clash.version, clash.other) == (
        "1.1", "dari server", "Sebagian", 1, by.get_full_name(),
    )  # fmt: skip
    assert fates(plan)["1.2"] is Fate.SAME


def test_a_row_that_was_taken_out_changes_nothing_and_one_that_stands_twice_is_wrong():
    assessment, agency, by = office()
    book = openpyxl.load_workbook(io.BytesIO(out(assessment, agency, by)))
    sheet = book["Isian"]
    sheet.delete_rows(3)
    sheet.append([cell.value for cell in sheet[2]])
    saved = io.BytesIO()
    book.save(saved)
    plan = look(saved.getvalue(), agency)
    assert plan.absent == 1
    assert [row.reason for row in plan.wrong] == ["Pertanyaan ini sudah ada di baris 2."]


def test_the_list_saved_as_csv_comes_in_as_well():
    assessment, agency, by = office()
    sheet = openpyxl.load_workbook(io.BytesIO(out(assessment, agency, by)))["Isian"]
    rows = [["" if c is None else str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    rows[3][6], rows[3][7] = "1.234,5", "2000"
    text = "\r\n".join(";".join(row) for row in rows)
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        plan = look(text.encode(encoding), agency)
        assert [(row.code, row.value) for row in plan.good] == [
            ("1.3", {"numerator": "1234.5", "denominator": "2000"})
        ]


def test_the_workbook_of_another_office_or_year_is_told():
    assessment, agency, by = office()
    other = office()
    with pytest.raises(RefusedError, match="dari perangkat daerah atau tahun lain"):
        look(out(assessment, agency, by), other[1])


def test_only_what_may_be_typed_is_open_and_the_versions_are_hidden():
    assessment, agency, by = office()
    book = openpyxl.load_workbook(io.BytesIO(out(assessment, agency, by)))
    sheet = book["Isian"]
    assert sheet.protection.sheet
    is_open = {
        row: [HEADINGS[at] for at, cell in enumerate(sheet[row]) if not cell.protection.locked]
        for row in (2, 4, 7)
    }
    assert is_open == {
        2: ["Jawaban", "Catatan"],
        4: ["Angka pertama", "Angka kedua", "Catatan"],
        7: ["Catatan"],
    }
    assert [sheet.column_dimensions[letter].hidden for letter in "KLMN"] == [
        False, True, True, True,
    ]  # fmt: skip
    assert book["Pilihan"].sheet_state == "hidden"
    lists = [each.formula1 for each in sheet.data_validations.dataValidation if each.type == "list"]
    assert lists == ["Pilihan!$A$1:$A$5", "Pilihan!$B$1:$B$3", "Pilihan!$C$1:$C$2"]


# --- the verb -------------------------------------------------------------------------------------
def test_all_or_nothing_saves_nothing_when_one_cannot_be():
    _, agency, by = office()
    responses = {each.pk: each for each in answers(agency)}
    first, second = list(responses)[:2]
    changes = [Change(first, {"level": 0}, "", 0), Change(second, {"level": 0}, "", 7)]
    with pytest.raises(ImportRefusedError, match="Baru saja diubah orang lain"):
        answer_many(changes, responses=responses, only_good=False, by=by, now=NOW)
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 0
    saved, left = answer_many(changes, responses=responses, only_good=True, by=by, now=NOW)
    assert (saved, left) == (1, {second: "Baru saja diubah orang lain."})
    assert Response.objects.get(pk=first).claim_level == 0


# --- the page -------------------------------------------------------------------------------------
PATH = "/isian/impor/"


def send(client, content, name="isian.xlsx"):
    return client.post(PATH, {"berkas": SimpleUploadedFile(name, content)})


def sealed(response):
    return re.search(r'name="isi" value="([^"]*)"', response.content.decode()).group(1)


def test_the_page_gives_the_workbook_and_takes_it_back(client):
    _, agency, by = office()
    client.force_login(by)
    assert client.get(PATH).status_code == 200
    given_out = client.get("/isian/buku-kerja.xlsx")
    told = Event.objects.get(verb=Verb.EXPORT)
    assert (told.by, told.data["agency"]) == (by, agency.code)
    content = edited(given_out.content, q1__answer="Sebagian", q3__first=1, q3__second=2)
    looked = send(client, content)
    assert looked.status_code == 200
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 0
    with zeal_ignore():  # each answer is saved by its own verb
        stored = client.post(PATH, {"isi": sealed(looked), "simpan": "semua"})
    assert (stored.status_code, stored["Location"]) == (302, "/isian/")
    assert {each.question.code: each.value for each in answers(agency) if each.value} == {
        "1.1": {"level": 2}, "1.3": {"numerator": "1", "denominator": "2"},
    }  # fmt: skip
    assert Event.objects.filter(verb=Verb.ANSWER, by=by).count() == 2


def test_with_a_wrong_row_only_the_good_ones_are_saved_and_only_if_one_says_so(client):
    assessment, agency, by = office()
    client.force_login(by)
    content = edited(out(assessment, agency, by), q1__answer="Sebagian", q2__answer="Entah")
    looked = send(client, content)
    assert looked.status_code == 422
    refused = client.post(PATH, {"isi": sealed(looked), "simpan": "semua"})
    assert (refused.status_code, Event.objects.filter(verb=Verb.ANSWER).count()) == (422, 0)
    client.post(PATH, {"isi": sealed(looked), "simpan": "benar"})
    assert [each.question.code for each in answers(agency) if each.value] == ["1.1"]


def test_a_clash_is_saved_only_where_one_chose_it(client):
    assessment, agency, by = office()
    client.force_login(by)
    content = edited(out(assessment, agency, by), q1__answer="Sebagian", q2__answer="Sebagian")
    for response in answers(agency)[:2]:
        answering.answer(response, value=None, note="server", version=0, by=by, now=NOW)
    looked = send(client, content)
    page = looked.content.decode()
    assert "Berubah di server sejak buku kerja diunduh (2)" in page
    first = answers(agency)[0]
    client.post(PATH, {"isi": sealed(looked), "simpan": "benar", "timpa": str(first.pk)})
    assert [(each.value, each.note) for each in answers(agency)[:2]] == [
        ({"level": 2}, ""), (None, "server"),
    ]  # fmt: skip


def test_what_another_user_looked_into_cannot_be_stored(client):
    assessment, agency, by = office()
    client.force_login(by)
    taken = sealed(send(client, edited(out(assessment, agency, by), q1__answer="Sebagian")))
    client.force_login(make.make_user(agency=agency))
    assert client.post(PATH, {"isi": taken, "simpan": "semua"}).status_code == 422
    assert Event.objects.filter(verb=Verb.ANSWER).count() == 0


def test_a_verifikator_sends_for_a_chosen_office_and_the_history_says_on_behalf(client):
    _, agency, _ = office()
    verifikator = make.make_user(Role.VERIFIKATOR, region=agency.region)
    client.force_login(verifikator)
    where = f"{PATH}?perangkat={agency.code}"
    content = client.get(f"/isian/buku-kerja.xlsx?perangkat={agency.code}").content
    upload = SimpleUploadedFile("isian.xlsx", edited(content, q1__answer="Sebagian"))
    looked = client.post(where, {"berkas": upload})
    client.post(where, {"isi": sealed(looked), "simpan": "semua"})
    assert Event.objects.get(verb=Verb.ANSWER).on_behalf


@pytest.mark.parametrize("questions", [1, 40])
def test_looking_into_a_workbook_takes_the_same_queries_for_any_number_of_rows(
    client, django_assert_num_queries, questions
):
    submission = make.make_work(questions)
    by = make.make_user(agency=submission.agency)
    client.force_login(by)
    content = client.get("/isian/buku-kerja.xlsx").content
    with django_assert_num_queries(4):
        assert send(client, content).status_code == 200
    with django_assert_num_queries(5 + 1 + 2):  # the event; within a test the savepoint is two
        client.get("/isian/buku-kerja.xlsx")
    assert Question.objects.count() == questions
