"""The list of follow-ups by office, state and kind; another due date; what goes into the plans."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO
from uuid import uuid4

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from meetings.actions import deciding
from meetings.actions.record import RefusedError, StaleError
from meetings.models import FollowUp, FollowUpEvent
from meetings.workflow import Kind
from reports.ledger import ledger_of
from reports.scores import score
from tests.meetings.test_deciding import DUE, decided
from tests.meetings.world import NOW, called
from tests.reports.world import instrument as other_instrument

pytestmark = pytest.mark.django_db


def proposed(found, meeting, text="Anggarkan Forum Anak", code="1.1"):
    question = found.assessment.instrument.questions.select_related("indicator").get(code=code)
    decision = deciding.Decision(text, found.dinas, "Kepala bidang", DUE, None, question, Kind.PLAN)
    by = found.users["verifikator"]
    return deciding.decide(meeting, decision, token=uuid4(), by=by, now=NOW)


def texts(client, query=""):
    return [each.text for each in client.get(f"/tindak-lanjut/{query}").context["page"]]


def test_another_due_date_needs_a_reason_and_stays_in_the_history():
    found, meeting = called()
    followup, by = decided(found, meeting), found.users["verifikator"]
    later = date(2099, 4, 1)
    change = {"due_on": later, "shown": DUE, "reason": "Menunggu APBD", "by": by, "now": NOW}
    with pytest.raises(PermissionDenied):
        deciding.change_due(followup, **change | {"by": found.users["operator"]})
    for wrong in ({"reason": " "}, {"due_on": DUE}, {"due_on": date(2099, 2, 1)}):
        with pytest.raises(RefusedError):
            deciding.change_due(followup, **change | wrong)
    deciding.change_due(followup, **change)
    with pytest.raises(StaleError):  # somebody who still reads the date before
        deciding.change_due(followup, **change | {"due_on": date(2099, 5, 1)})
    followup.refresh_from_db()
    event = FollowUpEvent.objects.filter(followup=followup).first()
    assert (followup.due_on, event.said) == (later, "tenggat diubah")
    assert event.note == "Dari 22 Maret 2099 menjadi 1 April 2099. Menunggu APBD"


def test_a_due_date_is_changed_on_the_page_and_a_wrong_one_loses_nothing(client):
    found, meeting = called()
    followup = decided(found, meeting)
    client.force_login(found.users["verifikator"])
    path = f"/tindak-lanjut/{followup.pk}/"
    sent = {"tenggat": "2001-01-01", "semula": "2099-03-22", "alasan": "Menunggu APBD"}
    wrong = client.post(f"{path}tenggat/", sent)
    assert (wrong.status_code, "sebelum hari ini" in wrong.content.decode()) == (422, True)
    assert "Menunggu APBD" in wrong.content.decode()
    client.post(f"{path}tenggat/", sent | {"tenggat": "2099-04-01"})
    followup.refresh_from_db()
    assert followup.due_on == date(2099, 4, 1)
    assert "menjadi 1 April 2099. Menunggu APBD" in client.get(path).content.decode()


def test_a_done_follow_up_keeps_its_due_date():
    found, meeting = called()
    followup, by = decided(found, meeting), found.users["verifikator"]
    deciding.move(followup, "cancel", by=by, now=NOW, note="Tidak perlu")
    with pytest.raises(StaleError):
        deciding.change_due(
            followup, due_on=date(2099, 4, 1), shown=DUE, reason="x", by=by, now=NOW
        )


def test_the_list_is_chosen_by_state_kind_and_office(client):
    found, meeting = called()
    work = decided(found, meeting, "Lengkapi matriks")
    proposed(found, meeting)
    decided(found, meeting, "Susun perwal", agency=found.badan)
    past = timezone.localdate() - timedelta(days=3)
    FollowUp.objects.filter(pk=work.pk).update(due_on=past)
    gone = decided(found, meeting, "Tidak jadi")
    deciding.move(gone, "cancel", by=found.users["verifikator"], now=NOW, note="Tidak perlu")
    client.force_login(found.users["verifikator"])
    everything = ["Lengkapi matriks", "Anggarkan Forum Anak", "Susun perwal", "Tidak jadi"]
    assert texts(client) == everything[:3]  # the overdue one first
    assert texts(client, "?keadaan=semua") == everything
    assert texts(client, "?keadaan=lewat") == ["Lengkapi matriks"]
    assert texts(client, "?keadaan=batal") == ["Tidak jadi"]
    assert texts(client, "?jenis=usulan") == ["Anggarkan Forum Anak"]
    assert texts(client, f"?perangkat={found.badan.code}") == ["Susun perwal"]
    assert texts(client, "?keadaan=apa&jenis=saja&perangkat=x") == everything[:3]
    offices = client.get("/tindak-lanjut/").context["offices"]
    assert [(each["agency__name"], each["late"], each["terbuka"]) for each in offices] == [
        (found.dinas.name, 1, 2),
        (found.badan.name, 0, 1),
    ]
    client.force_login(found.users["operator_badan"])
    assert texts(client, "?keadaan=semua") == ["Susun perwal"]
    assert client.get("/tindak-lanjut/").context["offices"] == []


def test_a_question_names_its_indicator_and_another_years_is_refused():
    found, meeting = called()
    followup = proposed(found, meeting, code="2.1")
    assert (followup.indicator.code, followup.question.code) == ("2", "2.1")
    question = other_instrument("lain").questions.select_related("indicator").first()
    decision = deciding.Decision("Susun", found.dinas, "", DUE, None, question)
    with pytest.raises(RefusedError):
        deciding.decide(meeting, decision, token=uuid4(), by=found.users["verifikator"], now=NOW)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"soal": "9.9"}, "Tidak ada pertanyaan dengan kode «9.9»"),
        ({"soal": "2.1", "indikator": "1"}, "Pertanyaan 2.1 bukan bagian indikator 1."),
    ],
)
def test_a_question_that_does_not_fit_is_said_and_nothing_is_lost(client, typed, said):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    if "indikator" in typed:
        typed = typed | {"indikator": found.response("1.1").question.indicator_id}
    sent = {
        "keputusan": "Susun anggaran",
        "kantor": found.dinas.pk,
        "tenggat": "2099-03-22",
        "tanda": str(uuid4()),
    }
    page = client.post(f"/rakor/{meeting.pk}/keputusan/", sent | typed)
    assert (page.status_code, FollowUp.objects.count()) == (422, 0)
    assert said in page.content.decode()
    assert "Susun anggaran" in page.content.decode()


def test_a_decision_beside_a_question_opens_its_form_and_is_on_the_wall_at_once(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    wall = f"/rakor/{meeting.pk}/tayang/"
    risks = client.get(f"{wall}?slide=4")
    code = risks.context["slide"].shown["rows"][0][0].line.code
    assert f'href="?slide=4&amp;soal={code}#tulis"' in risks.content.decode()
    opened = client.get(f"{wall}?slide=4&soal={code}")
    assert opened.context["form"].initial["soal"] == code
    assert '<details class="write" id="tulis" open>' in opened.content.decode()
    sent = {
        "keputusan": "Anggarkan Forum Anak",
        "kantor": found.dinas.pk,
        "orang": "Ibu Contoh",
        "tenggat": "2099-03-22",
        "tanda": str(uuid4()),
        "soal": code,
        "jenis": "usulan",
        "slide": "4",
    }
    after = client.post(f"/rakor/{meeting.pk}/keputusan/", sent, follow=True)
    body = after.content.decode()
    assert "usulan RKPD/RAD · Anggarkan Forum Anak" in body
    assert "Ibu Contoh · paling lambat 22 Maret 2099" in body
    made = FollowUp.objects.get()
    assert (made.question.code, made.kind, made.person) == (code, "usulan", "Ibu Contoh")
    client.force_login(found.users["pimpinan"])
    assert "Putuskan" not in client.get(f"{wall}?slide=4").content.decode()


def test_the_list_for_planning_says_the_same_on_the_page_in_xlsx_and_csv(client):
    found, meeting = called()
    decided(found, meeting, "Bukan usulan")
    followup = proposed(found, meeting, "=Anggarkan Forum Anak", "1.2")
    by = found.users["operator"]
    deciding.move(followup, "answer", by=by, now=NOW, note="Masuk Renja")
    client.force_login(found.users["pimpinan"])
    line = score(ledger_of(found.assessment, None)).questions[followup.question_id]
    page = client.get("/rencana/2024/").content.decode()
    assert ("Anggarkan Forum Anak" in page, "Masuk Renja" in page) == (True, True)
    assert "Bukan usulan" not in page
    book = openpyxl.load_workbook(BytesIO(client.get("/rencana/2024/usulan.xlsx").content))
    *told, head, row = book["Usulan"].iter_rows(values_only=True)
    text = client.get("/rencana/2024/usulan.csv").content.decode("utf-8-sig")
    csv_head, csv_row, _, *csv_told = csv.reader(StringIO(text), delimiter=";")
    assert csv_head == list(head)
    who = found.users["pimpinan"].get_full_name()
    assert f"Oleh: {who}" in [line[0] for line in told]
    assert ["Oleh", who] in csv_told
    assert row[1:9] == (
        "=Anggarkan Forum Anak",
        "1 Indikator 1, pertanyaan 1.2",
        found.dinas.name,
        "Kepala bidang",
        row[5],
        "Dikerjakan · menunggu konfirmasi",
        "Masuk Renja",
        float(line.open),
    )
    assert (csv_row[1], csv_row[5], csv_row[8]) == (
        "'=Anggarkan Forum Anak",
        "22/03/2099",
        f"{line.open:f}".replace(".", ","),
    )


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_for_planning_takes_the_same_queries_for_any_number(
    client, count, django_assert_num_queries
):
    found, meeting = called()
    for _ in range(count):
        proposed(found, meeting)
    client.force_login(found.users["verifikator"])
    client.get("/rencana/2024/")
    with django_assert_num_queries(9):
        client.get("/rencana/2024/")
