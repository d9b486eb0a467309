"""Who is there: the code on the wall, what the secretariat writes down, and what is kept."""

import re
from datetime import timedelta

import pytest
import segno
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from agencies.roles import Role
from meetings.actions import attending, deciding
from meetings.actions.calling import call_meeting
from meetings.actions.record import RefusedError
from meetings.models import Attendance, MeetingEvent, MeetingRecord
from meetings.resources import Qr, sign_in_address
from tests.at_once import at_once
from tests.factories import make_agency, make_user
from tests.meetings.world import END, NOW, START, called, plan

pytestmark = pytest.mark.django_db
DURING = START + timedelta(minutes=20)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def test_a_code_lives_three_to_six_minutes_and_belongs_to_one_meeting():
    found, meeting = called()
    by = found.users["operator"]
    code = attending.code_of(meeting, DURING)
    step = timedelta(seconds=attending.CODE_SECONDS)
    left = timedelta(seconds=attending.changes_in(DURING))
    lives = [
        attending.is_current(meeting, code, at)
        for at in (DURING, DURING + step, DURING + left + step - SECOND, DURING + left + step)
    ]
    assert lives == [True, True, True, False]
    other = call_meeting(found.assessment, plan(found), by=found.users["verifikator"], now=NOW)
    assert attending.code_of(other, DURING) != code
    with pytest.raises(RefusedError):
        attending.sign_in(meeting, attending.code_of(other, DURING), by=by, now=DURING)
    assert attending.is_current(meeting, f"{code[:3].lower()} {code[3:]}", DURING)


def test_who_may_say_that_they_are_there():
    found, meeting = called()
    code = attending.code_of(meeting, DURING)
    stranger = make_user(agency=make_agency(found.dinas.region))
    far = make_user(Role.VERIFIKATOR)
    said = {}
    people = {key: found.users[key] for key in ("operator", "verifikator", "pimpinan")}
    for name, by in {**people, "not invited": stranger, "far": far}.items():
        try:
            said[name] = attending.sign_in(meeting, code, by=by, now=DURING).office
        except PermissionDenied:
            said[name] = "no right"
    assert said == {
        "operator": "Dinas Kesehatan",
        "verifikator": said["verifikator"],
        "pimpinan": said["pimpinan"],
        "not invited": "no right",
        "far": "no right",
    }
    assert "no right" not in (said["verifikator"], said["pimpinan"])


def test_saying_it_twice_keeps_the_first_time_and_leaves_one_event():
    found, meeting = called()
    by, code = found.users["operator"], attending.code_of(meeting, DURING)
    first = attending.sign_in(meeting, code, by=by, now=DURING)
    again = attending.sign_in(meeting, "lama", by=by, now=DURING + HOUR)
    assert (again.pk, again.at) == (first.pk, DURING)
    assert MeetingEvent.objects.filter(verb="attend").count() == 1


def test_scanned_without_a_session_one_signs_in_first_and_then_confirms(client):
    found, meeting = called()
    operator = found.users["operator"]
    operator.set_password("Kata-sandi-uji-1")
    operator.save()
    with time_machine.travel(DURING, tick=False):
        address = sign_in_address(meeting, attending.code_of(meeting, DURING))
        path = re.sub("^https?://[^/]+", "", address)
        sent = client.get(path)
        assert sent["Location"].startswith("/masuk/?next=")
        login = {"username": operator.username, "password": "Kata-sandi-uji-1"}
        page = client.post(sent["Location"], login, follow=True)
        assert page.redirect_chain[-1][0] == path
        assert Attendance.objects.count() == 0  # reading writes nothing
        code = page.context["code"]["kode"].value()
        client.post(f"/rakor/{meeting.pk}/hadir/masuk/", {"kode": code})
    row = Attendance.objects.get()
    assert (row.user, row.how, row.at, row.agency) == (operator, "kode", DURING, found.dinas)


@pytest.mark.parametrize(
    ("now", "code", "sentence"),
    [
        (DURING, "AAAAAA", "salah atau sudah berganti"),
        (DURING, "", "Ketik kode yang ada di layar."),
        (START - 2 * HOUR, "now", "dibuka satu jam sebelum"),
        (END + 4 * HOUR, "now", "sudah ditutup"),
    ],
)
def test_a_wrong_code_or_time_says_what_to_do_and_stores_nothing(client, now, code, sentence):
    found, meeting = called()
    with time_machine.travel(now, tick=False):
        client.force_login(found.users["operator"])
        sent = attending.code_of(meeting, now) if code == "now" else code
        said = client.post(f"/rakor/{meeting.pk}/hadir/masuk/", {"kode": sent}, follow=True)
    assert sentence in said.content.decode()
    assert Attendance.objects.count() == 0


def test_the_secretariat_ticks_offices_and_names_and_takes_back(client):
    found, meeting = called()
    guest = make_agency(found.dinas.region, name="Forum Anak")
    dinas, badan = found.dinas.pk, found.badan.pk
    with time_machine.travel(DURING, tick=False):
        client.force_login(found.users["verifikator"])
        path = f"/rakor/{meeting.pk}/hadir/"
        sent = {f"h{dinas}": "on", f"n{dinas}": "", f"n{badan}": " Ibu  Sri ", "lain": guest.pk}
        for _ in range(2):
            client.post(f"{path}catat/", sent)
        rows = {(each.agency.name, each.person) for each in Attendance.objects.all()}
        assert rows == {
            ("Dinas Kesehatan", ""), ("Badan Perencanaan", "Ibu Sri"), ("Forum Anak", "")
        }  # fmt: skip
        assert Attendance.objects.count() == 3
        page = client.get(path)
        assert page.context["missing"] == []
        client.post(f"{path}{Attendance.objects.get(agency=badan).pk}/hapus/")
        page = client.get(path)
        assert [each.name for each in page.context["missing"]] == ["Badan Perencanaan"]
        empty = client.post(f"{path}catat/", {})
        assert "Centang kantor yang hadir" in empty.content.decode()
    verbs = list(MeetingEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["call", "attend", "attend", "attend", "unattend"]


def test_names_are_shown_to_the_office_itself_and_to_who_sees_the_meeting(client):
    found, meeting = called()
    by = found.users["verifikator"]
    attending.tick(meeting, [(found.dinas, "Ibu Sri")], by=by, now=DURING)
    told = {}
    for name in ("operator", "operator_badan", "verifikator", "pimpinan"):
        client.force_login(found.users[name])
        bodies = [client.get(f"/rakor/{meeting.pk}/{part}") for part in ("", "hadir/")]
        told[name] = any("Ibu Sri" in each.content.decode() for each in bodies)
    assert told == {
        "operator": True, "operator_badan": False, "verifikator": True, "pimpinan": True
    }  # fmt: skip


def test_the_wall_leads_to_our_own_address_and_says_who_is_missing(client, settings):
    settings.SITE_URL = "https://kla.example.go.id"
    found, meeting = called()
    with time_machine.travel(DURING, tick=False):
        client.force_login(found.users["verifikator"])
        page = client.get(f"/rakor/{meeting.pk}/hadir/layar/", headers={"host": "localhost"})
        code = attending.code_of(meeting, DURING)
    text = f"https://kla.example.go.id/rakor/{meeting.pk}/hadir/?kode={code}"
    assert page.context["qr"] == Qr.of(text)
    assert f"{code[:3]} {code[3:]}" in page.content.decode()
    assert [each.name for each in page.context["missing"]] == [
        "Badan Perencanaan", "Dinas Kesehatan"
    ]  # fmt: skip
    assert "style=" not in page.content.decode()


def test_the_path_of_a_qr_code_is_its_matrix_with_a_quiet_zone():
    qr = Qr.of("https://kla.example.go.id/rakor/1/hadir/?kode=ABC234")
    matrix = segno.make_qr("https://kla.example.go.id/rakor/1/hadir/?kode=ABC234", error="m").matrix
    drawn = {
        (int(x) + at, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", qr.path)
        for at in range(int(length))
    }
    dark = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit}
    assert (drawn, qr.side) == (dark, len(matrix) + 8)


def test_closing_keeps_who_was_there_and_the_database_holds_it():
    found, meeting = called()
    by, after = found.users["verifikator"], END + HOUR
    attending.tick(meeting, [(found.dinas, "Ibu Sri")], by=by, now=DURING)
    deciding.close_meeting(meeting, by=by, now=after)
    kept = MeetingRecord.objects.get().data
    assert kept["attendance"] == [
        {
            "agency": "Dinas Kesehatan",
            "person": "Ibu Sri",
            "how": "dicatat",
            "at": "2099-03-13T02:20:00Z",
        }
    ]
    assert kept["absent"] == ["Badan Perencanaan"]
    with pytest.raises(RefusedError):
        attending.tick(meeting, [(found.badan, "")], by=by, now=after)
    row = Attendance.objects.get()
    changes = (
        lambda: Attendance.objects.update(person="Lain"),
        lambda: Attendance.objects.all().delete(),
        lambda: Attendance(
            meeting=meeting, agency=found.badan, how="dicatat", at=after, by=by
        ).save(),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Attendance.objects.get() == row


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_take_the_same_queries_for_any_number(client, count, django_assert_num_queries):
    found, meeting = called()
    offices = [make_agency(found.dinas.region) for _ in range(count)]
    by = found.users["verifikator"]
    attending.tick(meeting, [(each, "Nama") for each in offices], by=by, now=DURING)
    client.force_login(by)
    client.get("/rakor/")
    with time_machine.travel(DURING, tick=False):
        client.force_login(by)
        client.get("/rakor/")
        for part, queries in (("", 7), ("layar/", 5), ("cetak/", 5)):
            with django_assert_num_queries(queries):
                client.get(f"/rakor/{meeting.pk}/hadir/{part}")


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_once_one_row_remains():
    found, meeting = called()
    by, code = found.users["operator"], attending.code_of(meeting, DURING)
    rows = at_once(*[lambda: attending.sign_in(meeting, code, by=by, now=DURING).pk] * 2)
    assert len(set(rows)) == 1
    assert (Attendance.objects.count(), MeetingEvent.objects.filter(verb="attend").count()) == (
        1,
        1,
    )
