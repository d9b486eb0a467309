"""Official exports: the layouts that staff know, with when, from what and by whom; two at once."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pypdfium2
import pytest
from django.utils import timezone

from agencies.roles import Role
from meetings.models import FollowUp
from reports.exports import assessment_paper
from reports.ledger import ledger_of
from reports.paper import pdf_of
from reports.scores import score
from reports.stamp import stamp_of
from reports.workbook.plain import said
from submissions.actions import turns
from submissions.actions.record import RefusedError
from submissions.models import Event, ExportTurn, RegisterRow, Verb
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    publish,
)
from tests.meetings.world import called
from tests.reports import world as by_hand

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def fetch(client, found, name, who="verifikator"):
    client.force_login(found.users[who])
    answer = client.post(f"/ekspor/2024/{name}")
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def rows_of(body):
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


def text_of(body):
    document = pypdfium2.PdfDocument(body)
    pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())


STAMPED = [
    "rakor.xlsx", "penilaian.xlsx", "progres.xlsx", "progres.csv", "matriks.xlsx",
    "tindak-lanjut.xlsx", "tindak-lanjut.csv", "rakor.pdf", "penilaian.pdf", "program.xlsx",
    "rad.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", STAMPED)
def test_each_says_by_whom_from_which_version_and_data_and_leaves_its_event(client, name):
    found = by_hand.world()
    state = f"sampai kejadian ke-{Event.objects.filter(assessment=found.assessment).count()} "
    answer, body = fetch(client, found, name)
    kind = name.rpartition(".")[2]
    if kind == "csv":
        told = body.decode("utf-8-sig")
    elif kind == "pdf":
        told = text_of(body)
    else:
        book = openpyxl.load_workbook(io.BytesIO(body))
        told = " ".join(
            str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row
        )
    wanted = (found.users["verifikator"].get_full_name(), found.assessment.instrument.code, state)
    assert [each for each in wanted if each not in told] == []
    stem = name.rpartition(".")[0].replace("rad", "rad-kla")
    assert f'filename="{stem}-2024' in answer["Content-Disposition"]
    event = Event.objects.filter(verb=Verb.EXPORT).get()
    assert (event.by, event.data["sheet"]) == (found.users["verifikator"], name)


def test_progress_has_the_figures_of_the_pages_with_decimal_commas(client):
    found = by_hand.world()
    rows = rows_of(fetch(client, found, "progres.csv")[1])
    heading = rows[0]
    at = {name: heading.index(name) for name in ("Perangkat daerah", "Poin terbukti", "Terisi")}
    figures = {row[0]: row[at["Poin terbukti"]] for row in rows[1:6]}
    assert heading[0] == "Perangkat daerah"
    assert figures["Dinas Kesehatan"] == "28,50"
    assert re.fullmatch(r"\d(,\d+)?", rows[1][at["Terisi"]])


def test_the_matrix_of_a_register_is_a_plain_table_and_what_is_not_there_answers_404(client):
    instrument = make_instrument()
    register = make_register(instrument, code="kegiatan")
    agency, other = make_agency(make_region()), make_agency()
    assign(make_question(make_indicator(instrument), register=register), agency)
    publish(instrument)
    make_assessment(agency.region, instrument)
    by = make_user(Role.VERIFIKATOR, region=agency.region)
    for office, name in ((agency, "=Lomba"), (other, "Kota lain")):
        RegisterRow.objects.create(
            agency=office, register=register, code="kegiatan", data={"nama": name}, words=name,
            created_by=by, changed_by=by,
        )  # fmt: skip
    client.force_login(by)
    rows = rows_of(b"".join(client.post("/ekspor/2024/matriks/kegiatan.csv")))
    assert rows[:3] == [
        ["Perangkat daerah", "Nama", "Berlaku dari", "Berlaku sampai", "Dihitung pada pertanyaan"],
        [agency.name, "'=Lomba", "", "", ""],
        [],
    ]
    assert client.post("/ekspor/2024/matriks/lain.csv").status_code == 404
    assert client.post("/ekspor/2024/progres.pdf").status_code == 404


def test_follow_ups_come_as_far_as_one_sees_them(client):
    found, meeting = called()
    for number, agency in enumerate((found.dinas, found.badan), 1):
        FollowUp.objects.create(
            meeting=meeting, number=number, text=f"=Keputusan {number}", agency=agency,
            due_on=NOW.date(), token=f"{number:032x}", decided_at=NOW,
            decided_by=found.users["verifikator"],
        )  # fmt: skip

    def seen(who):
        rows = rows_of(fetch(client, found, "tindak-lanjut.csv", who)[1])
        return [row[3] for row in rows[1:] if len(row) > 3]

    assert seen("verifikator") == ["'=Keputusan 1", "'=Keputusan 2"]
    assert seen("operator") == ["'=Keputusan 1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("-5", "'-5"), (-5, "-5"), (Decimal("-1.50"), "-1,50"), ("0081", "0081"), (None, ""),
    ],
)  # fmt: skip
def test_a_text_is_never_a_formula_and_a_number_stays_one(value, text):
    assert said(value) == text


@pytest.mark.parametrize("name", ["rakor.pdf", "penilaian.pdf"])
def test_what_is_signed_has_a_place_for_it_and_is_tagged(client, name):
    found = by_hand.world()
    found.region.agencies.filter(pk=found.badan.pk).update(is_secretariat=True)
    _, body = fetch(client, found, name)
    told = text_of(body)
    assert "Ketua Gugus Tugas KLA" in told
    assert "Sekretaris Gugus Tugas KLA, Badan Perencanaan" in told
    assert "26,50" in told
    assert b"pdfuaid" in body


def test_a_text_in_a_paper_is_set_as_it_is():
    found = by_hand.world()
    found.assessment.instrument.title = "#panic() *tebal* $x$ \\ [kurung]"
    ledger = ledger_of(found.assessment, None)
    stamp = stamp_of(found.assessment, by=None, now=NOW)
    body = pdf_of("assessment", assessment_paper(ledger, score(ledger), stamp))
    assert "#panic() *tebal* $x$ \\ [kurung]" in text_of(body)


@pytest.mark.parametrize(
    ("who", "count", "files"),
    [
        ("verifikator", 6, {"rakor", "rakor.pdf", "penilaian.pdf", "progres.csv", "matriks"}),
        ("operator", 2, set()),
    ],
)
def test_the_page_of_a_year_leads_to_every_export_that_the_role_may_have(client, who, count, files):
    found = by_hand.world()
    client.force_login(found.users[who])
    told = client.get("/ekspor/2024/").content.decode()
    ways = set(re.findall(r'action="/ekspor/2024/([^"]+)"', told)) - {"bundel/"}
    assert told.count('<th scope="row">') == count
    assert {each.removesuffix(".xlsx") for each in ways} >= files
    answers = {each: fetch(client, found, each, who)[0].status_code for each in ways}
    assert answers == dict.fromkeys(ways, 200)


# --- two at once ---------------------------------------------------------------------------------


def test_a_third_export_at_once_waits_with_a_sentence(client):
    found = by_hand.world()
    by = found.users["verifikator"]
    with turns.turn(by=by, now=timezone.now()), turns.turn(by=by, now=timezone.now()):
        client.force_login(by)
        answer = client.post("/ekspor/2024/progres.csv", follow=True)
        assert turns.WAIT in answer.content.decode()
        assert Event.objects.filter(verb=Verb.EXPORT).count() == 0
        with turns.turn(by=make_user(), now=timezone.now()):
            pass  # somebody else's are not counted
    assert fetch(client, found, "progres.csv")[0].status_code == 200
    assert ExportTurn.objects.count() == 0


def test_a_turn_is_free_again_when_an_export_fails_or_its_process_died():
    by = make_user()
    with pytest.raises(ZeroDivisionError), turns.turn(by=by, now=NOW):
        raise ZeroDivisionError
    assert ExportTurn.objects.count() == 0
    for place in (1, 2):
        ExportTurn.objects.create(by=by, place=place, taken_at=NOW)
    with pytest.raises(RefusedError), turns.turn(by=by, now=NOW):
        pass
    later = NOW + turns.FORGOTTEN + timedelta(seconds=1)
    with turns.turn(by=by, now=later):
        assert ExportTurn.objects.filter(taken_at=later).count() == 1
