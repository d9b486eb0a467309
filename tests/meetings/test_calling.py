"""Calling a meeting, changing it, calling it off; its invitation; that an office has read."""

from functools import partial
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from icalendar import Calendar

from meetings.actions.calling import cancel_meeting, change_meeting, confirm_reading
from meetings.actions.record import RefusedError, StaleError
from meetings.models import Invited, MeetingEvent
from meetings.resources import calendar_of, invitation_paper
from reports.ledger import ledger_of
from reports.paper import pdf_of
from reports.progress import offices_of
from reports.task_sheet import task_sheet_of
from tests.at_once import at_once
from tests.factories import make_user
from tests.meetings.world import NOW, called, plan

pytestmark = pytest.mark.django_db


def sent(found, **changes):
    values = {
        "nama": "Rakor Maret",
        "tanggal": "2099-03-20",
        "mulai": "09:00",
        "selesai": "12:00",
        "tempat": "Aula",
        "agenda": "Satu",
        "undang": [found.dinas.pk],
        "versi": 0,
    }
    return values | changes


def test_the_offices_with_most_at_stake_stand_first_and_are_suggested(client):
    found, _ = called()
    client.force_login(found.users["verifikator"])
    form = client.get("/rakor/panggil/").context["form"]
    names = [label.split(" · ")[0] for _, label in form.fields["undang"].choices]
    offices = offices_of(ledger_of(found.assessment, None), NOW.date())
    by_stake = [each.name for each in sorted(offices, key=lambda o: (-o.stake, o.name))]
    assert [name for name in names if name in by_stake] == by_stake
    assert str(found.dinas.pk) in form.initial["undang"]


def test_a_meeting_is_called_changed_and_cancelled_from_the_pages(client):
    found, first = called()
    client.force_login(found.users["verifikator"])
    made = client.post("/rakor/panggil/", sent(found))
    page = client.get(made["Location"])
    assert page.context["meeting"].when == "20 Maret 2099, pukul 09.00 sampai 12.00 WIB"
    pk = page.context["meeting"].pk
    client.post(f"/rakor/{pk}/ubah/", sent(found, tempat="Gedung B"))
    stale = client.post(f"/rakor/{pk}/ubah/", sent(found, tempat="Gedung C"))
    assert (stale.status_code, "diubah orang lain" in stale.content.decode()) == (422, True)
    client.post(f"/rakor/{pk}/batal/", {"alasan": "Bersamaan dengan rapat lain."})
    body = client.get(f"/rakor/{pk}/").content.decode()
    assert ("Gedung B" in body, "Bersamaan dengan rapat lain." in body) == (True, True)
    verbs = MeetingEvent.objects.filter(meeting=pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["call", "change", "cancel"]
    assert first.is_called


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tanggal": "2020-01-01"}, "tidak boleh sebelum hari ini"),
        ({"selesai": "08:00"}, "harus selesai sesudah mulai"),
        ({"undang": []}, "paling sedikit satu perangkat daerah"),
        ({"undang": ["999999"]}, "Pilih perangkat daerah dari daftar"),
        ({"tanggal": "besok"}, "Tulis tanggal"),
    ],
)
def test_a_wrong_invitation_says_what_to_do_and_keeps_what_was_typed(client, changes, sentence):
    found, _ = called()
    client.force_login(found.users["verifikator"])
    answer = client.post("/rakor/panggil/", sent(found, **changes))
    body = answer.content.decode()
    assert (answer.status_code, sentence in body, "Rakor Maret" in body) == (422, True, True)


def test_what_a_meeting_needs_is_asked_in_the_verb_too():
    found, meeting = called()
    by = found.users["verifikator"]
    with pytest.raises(RefusedError):
        change_meeting(meeting, plan(found, agencies=[]), sequence=0, by=by, now=NOW)
    with pytest.raises(RefusedError):
        cancel_meeting(meeting, reason=" ", by=by, now=NOW)
    for name in ("operator", "pimpinan"):
        with pytest.raises(PermissionDenied):
            cancel_meeting(meeting, reason="x", by=found.users[name], now=NOW)
    cancel_meeting(meeting, reason="Banjir", by=by, now=NOW)
    with pytest.raises(StaleError):
        cancel_meeting(meeting, reason="Banjir", by=by, now=NOW)


def test_an_office_confirms_once_that_it_has_read_and_keeps_it_when_the_invitation_changes(client):
    found, meeting = called()
    client.force_login(found.users["operator"])
    path = f"/tugas/{found.dinas.code}/"
    assert "Kantor kami sudah membaca" in client.get(path).content.decode()
    client.post(f"{path}dibaca/")
    first = Invited.objects.get(meeting=meeting, agency=found.dinas)
    client.post(f"{path}dibaca/")
    by = found.users["verifikator"]
    change_meeting(meeting, plan(found, place="Lain"), sequence=0, by=by, now=NOW)
    after = Invited.objects.get(meeting=meeting, agency=found.dinas)
    assert (after.read_at, after.read_by) == (first.read_at, found.users["operator"])
    client.force_login(by)
    page = client.get(f"/rakor/{meeting.pk}/")
    assert "<b>1 dari 2</b> kantor belum menyatakan" in page.content.decode()
    with pytest.raises(PermissionDenied):
        confirm_reading([after], by=by, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_say_at_once_that_they_have_read_one_is_written_down():
    found, meeting = called()
    people = [make_user(agency=found.dinas) for _ in range(8)]
    rows = Invited.objects.select_related("agency", "meeting")
    [mine] = rows.filter(meeting=meeting, agency=found.dinas)
    told = at_once(*[partial(confirm_reading, [mine], by=each, now=NOW) for each in people])
    [event] = MeetingEvent.objects.filter(verb="read")
    assert sum(told) == 1
    assert Invited.objects.get(agency=found.dinas).read_by == event.by


def test_an_operator_sees_only_the_meetings_of_the_own_office(client):
    found, meeting = called()
    client.force_login(found.users["operator_area"])
    assert client.get(f"/rakor/{meeting.pk}/").status_code == 404
    assert client.get(f"/rakor/{meeting.pk}/rakor.ics").status_code == 404
    assert meeting.title not in client.get("/rakor/").content.decode()


def test_the_calendar_file_escapes_and_folds_and_a_cancelled_meeting_leaves_the_calendar():
    long = "Tempat; dengan, tanda \\ dan nama yang sangat panjang " + "é" * 60
    found, meeting = called(place=long, agenda="Baris satu\nBaris dua; koma, tutup")
    raw = calendar_of(meeting)
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")  # no letter is cut in two
    unfolded = raw.replace(b"\r\n ", b"").decode()
    assert "LOCATION:Tempat\\; dengan\\, tanda \\\\ dan nama" in unfolded
    assert "1. Baris satu\\n2. Baris dua\\; koma\\, tutup\\n" in unfolded
    [event] = Calendar.from_ical(raw).walk("VEVENT")
    said = (str(event["location"]), event.decoded("dtstart"), int(event["sequence"]))
    assert said == (long, meeting.starts_at, 0)
    cancel_meeting(meeting, reason="Banjir", by=found.users["verifikator"], now=NOW)
    gone = calendar_of(meeting)
    [after] = Calendar.from_ical(gone).walk("VEVENT")
    told = (str(after["uid"]), str(after["status"]), int(after["sequence"]))
    assert (told, b"METHOD:CANCEL" in gone) == ((str(event["uid"]), "CANCELLED", 1), True)


def test_the_invitation_and_the_sheet_are_tagged_pdf(client):
    found, meeting = called()
    made = pdf_of("invitation", invitation_paper(meeting))
    assert (made[:5], b"/StructTreeRoot" in made, b"pdfuaid" in made) == (b"%PDF-", True, True)
    client.force_login(found.users["operator"])
    answer = client.get(f"/tugas/{found.dinas.code}/lembar-tugas.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_whoever_takes_a_paper_of_the_meeting_along_leaves_an_event(client):
    found, meeting = called()
    client.force_login(found.users["operator"])
    for path in ("undangan.pdf", "rakor.ics"):
        assert client.get(f"/rakor/{meeting.pk}/{path}").status_code == 200
    code = found.dinas.code
    for kind in ("pdf", "xlsx"):
        assert client.get(f"/tugas/{code}/lembar-tugas.{kind}").status_code == 200
    papers = meeting.events.filter(verb="export").values_list("data__file", flat=True)
    assert set(papers) == {f"undangan-rakor-{meeting.pk}.pdf", f"rakor-{meeting.pk}.ics"}
    sheets = found.assessment.events.filter(verb="export").values_list("data__sheet", flat=True)
    year = found.assessment.year
    assert set(sheets) == {f"lembar-tugas-{code}-{year}.{kind}" for kind in ("pdf", "xlsx")}


def test_the_sheet_says_the_figures_of_the_dashboard_on_page_and_in_the_workbook(client):
    found, _ = called()
    ledger = ledger_of(found.assessment, None)
    office = next(each for each in offices_of(ledger, NOW.date()) if each.pk == found.dinas.pk)
    sheet = task_sheet_of(found.assessment, ledger, found.dinas, now=NOW)
    got = sheet.office
    assert (got.proven, got.claimed, got.maximum, got.asked, got.answered) == (
        office.proven, office.claimed, office.maximum, office.asked, office.answered,
    )  # fmt: skip
    client.force_login(found.users["operator"])
    answer = client.get(f"/tugas/{found.dinas.code}/lembar-tugas.xlsx")
    page = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = list(page.iter_rows(min_row=5, values_only=True))
    assert [row[1] for row in rows] == [task.question.code for task in sheet.tasks]
    assert sum(row[8] for row in rows) == float(office.proven)
    assert sum(row[9] for row in rows) == float(sheet.at_stake)


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_take_the_same_queries_for_any_number(client, count, django_assert_num_queries):
    found, meeting = called()
    if count == 1:
        meeting.invited.exclude(agency=found.dinas).delete()
    client.force_login(found.users["verifikator"])
    client.get("/rakor/")  # the session notes once when it began
    with django_assert_num_queries(11):
        client.get(f"/rakor/{meeting.pk}/")
    with django_assert_num_queries(4):
        client.get("/rakor/")


def test_what_happened_around_a_meeting_cannot_be_changed():
    called()
    for change in (
        MeetingEvent.objects.all().delete,
        lambda: MeetingEvent.objects.update(verb="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
