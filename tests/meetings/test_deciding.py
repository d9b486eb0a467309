"""Decisions, what an office answers, what the verifikator confirms, and a closed meeting."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from agencies.roles import Role
from meetings.actions import deciding
from meetings.actions.calling import write_notes
from meetings.actions.record import RefusedError, StaleError
from meetings.models import FollowUp, FollowUpEvent, Invited, Meeting, MeetingRecord
from meetings.workflow import TRANSITIONS, State
from reports.ledger import ledger_of
from reports.scores import score
from tests.at_once import told_at_once
from tests.factories import make_user
from tests.meetings.world import END, NOW, called
from tests.reports.world import accept, attach

pytestmark = pytest.mark.django_db
DUE = date(2099, 3, 22)


def decided(found, meeting, text="Lengkapi matriks", agency=None, due_on=DUE):
    decision = deciding.Decision(text, agency or found.dinas, "Kepala bidang", due_on, None)
    by = found.users["verifikator"]
    return deciding.decide(meeting, decision, token=uuid4(), by=by, now=NOW)


def brought_to(found, followup, state, *, answered):
    FollowUp.objects.filter(pk=followup.pk).update(
        state=state.value, answered_at=NOW if answered else None
    )
    followup.refresh_from_db()


# What each move asks: from which states (an answered one where it says so), and who may make it.
MAY = {
    "work": ({"terbuka"}, {"operator", "verifikator"}),
    "answer": ({"terbuka", "dikerjakan"}, {"operator", "verifikator"}),
    "confirm": ({"dikerjakan"}, {"verifikator"}),
    "return": ({"dikerjakan"}, {"verifikator"}),
    "cancel": ({"terbuka", "dikerjakan"}, {"verifikator"}),
    "reopen": ({"selesai", "batal"}, {"verifikator"}),
}


@pytest.mark.parametrize("name", TRANSITIONS)
def test_each_move_is_made_from_its_states_by_its_roles_alone(name):
    found, meeting = called()
    followup = decided(found, meeting)
    states, roles = MAY[name]
    for state in State:
        for role in ("operator", "operator_badan", "verifikator", "pimpinan"):
            brought_to(found, followup, state, answered=True)
            try:
                deciding.move(followup, name, by=found.users[role], now=NOW, note="Sudah")
            except PermissionDenied:
                got = "no right"
            except StaleError:
                got = "not now"
            else:
                got = "made"
            allowed = role in roles
            want = "no right" if not allowed else "made" if state in states else "not now"
            assert (state, role, got) == (state, role, want)


def test_only_what_the_office_answered_can_be_confirmed_and_reasons_are_asked_for():
    found, meeting = called()
    followup, by = decided(found, meeting), found.users["verifikator"]
    brought_to(found, followup, State.WORKING, answered=False)
    with pytest.raises(StaleError):
        deciding.move(followup, "confirm", by=by, now=NOW)
    for name in ("answer", "cancel"):
        with pytest.raises(RefusedError):
            deciding.move(followup, name, by=by, now=NOW, note="  ")
    assert FollowUpEvent.objects.filter(followup=followup).count() == 1


def test_an_answer_points_only_at_what_the_office_itself_gave():
    found, meeting = called()
    followup, by = decided(found, meeting, agency=found.badan), found.users["operator_badan"]
    foreign = attach(found.response("1.1"), "SK.pdf", found.users["operator"])
    with pytest.raises(RefusedError):
        deciding.move(followup, "answer", by=by, now=NOW, note="Sudah", evidence=foreign)
    followup.refresh_from_db()
    assert followup.state == "terbuka"


def test_from_the_decision_to_done_by_the_pages(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    sent = {
        "keputusan": "Lengkapi matriks 2P",
        "kantor": found.dinas.pk,
        "tenggat": "2099-03-22",
        "tanda": str(uuid4()),
    }
    for _ in range(2):  # a double click is one decision
        client.post(f"/rakor/{meeting.pk}/keputusan/", sent)
    followup = FollowUp.objects.get()
    assert "Lengkapi matriks 2P" in client.get(f"/rakor/{meeting.pk}/").content.decode()
    proof = attach(found.response("1.1"), "Matriks.pdf", found.users["operator"])
    client.force_login(found.users["operator"])
    assert "Lengkapi matriks 2P" in client.get("/tindak-lanjut/").content.decode()
    path = f"/tindak-lanjut/{followup.pk}/"
    empty = client.post(f"{path}answer/", {"jawaban": ""})
    assert (empty.status_code, "Isi bagian ini." in empty.content.decode()) == (422, True)
    client.post(f"{path}answer/", {"jawaban": "Sudah lengkap", "data_dukung": proof.pk})
    assert "menunggu konfirmasi" in client.get(path).content.decode()
    assert client.post(f"{path}confirm/").status_code == 403
    client.force_login(found.users["verifikator"])
    client.post(f"{path}confirm/")
    followup.refresh_from_db()
    moves = list(followup.events.order_by("pk").values_list("move", flat=True))
    assert (followup.state, moves) == ("selesai", ["decide", "answer", "confirm"])
    assert "Matriks.pdf" in client.get(path).content.decode()


def test_an_answer_that_is_sent_twice_is_one_and_another_one_is_another(client):
    found, meeting = called()
    followup = decided(found, meeting)
    client.force_login(found.users["operator"])
    path = f"/tindak-lanjut/{followup.pk}/"
    for said in ("Sudah lengkap", "Sudah lengkap", "Sudah lengkap, lihat SK"):
        client.post(f"{path}answer/", {"jawaban": said})
    assert list(followup.events.order_by("pk").values_list("note", flat=True)) == [
        "", "Sudah lengkap", "Sudah lengkap, lihat SK",
    ]  # fmt: skip
    client.force_login(found.users["verifikator"])
    client.post(f"{path}return/", {"catatan": "Belum"})
    client.force_login(found.users["operator"])
    client.post(f"{path}answer/", {"jawaban": "Sudah lengkap, lihat SK"})  # said anew
    assert followup.events.first().move == "answer"


def test_who_was_not_shown_the_newest_answer_confirms_none(client):
    found, meeting = called()
    followup = decided(found, meeting)
    path = f"/tindak-lanjut/{followup.pk}/"
    deciding.move(followup, "answer", by=found.users["operator"], now=NOW, note="Sudah")
    client.force_login(found.users["verifikator"])
    shown = client.get(path).context["events"][0].pk
    deciding.move(followup, "answer", by=found.users["operator"], now=NOW, note="Ternyata belum")
    for name in ("confirm", "return", "cancel"):
        reply = client.post(f"{path}{name}/", {"terakhir": shown, "catatan": "Dicek"}, follow=True)
        assert "keadaannya baru saja berganti" in reply.content.decode()
    followup.refresh_from_db()
    assert (followup.standing, followup.events.count()) == ("Dikerjakan · menunggu konfirmasi", 3)
    client.post(f"{path}confirm/", {"terakhir": followup.events.first().pk})
    followup.refresh_from_db()
    assert followup.state == "selesai"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"keputusan": ""}, "Isi bagian ini."),
        ({"tenggat": "2020-01-01"}, "tidak boleh sebelum hari ini"),
        ({"kantor": 0}, "Pilih perangkat daerah dari daftar."),
    ],
)
def test_a_wrong_decision_says_what_to_do_and_stores_nothing(client, changes, sentence):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    sent = {
        "keputusan": "Isi",
        "kantor": found.dinas.pk,
        "tenggat": "2099-03-22",
        "tanda": str(uuid4()),
    }
    answer = client.post(f"/rakor/{meeting.pk}/keputusan/", sent | changes)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert FollowUp.objects.count() == 0


def test_the_overdue_stand_first_and_the_done_only_among_all(client):
    found, meeting = called()
    late = decided(found, meeting, text="Lambat", due_on=date(2099, 3, 2))
    decided(found, meeting, text="Nanti")
    done = decided(found, meeting, text="Beres", due_on=date(2099, 3, 1))
    brought_to(found, done, State.DONE, answered=True)
    client.force_login(found.users["pimpinan"])
    shown = [each.text for each in client.get("/tindak-lanjut/").context["page"]]
    everything = client.get("/tindak-lanjut/?keadaan=semua").context["page"]
    assert shown == [late.text, "Nanti"]
    assert [each.text for each in everything] == ["Lambat", "Nanti", "Beres"]
    client.force_login(found.users["operator_badan"])
    assert list(client.get("/tindak-lanjut/").context["page"]) == []


def test_a_closed_meeting_keeps_what_it_showed_whatever_happens_to_answers(client):
    found, meeting = called()
    decided(found, meeting)
    by, after = found.users["verifikator"], END + timedelta(hours=1)
    before = str(score(ledger_of(found.assessment, None)).total.proven)
    with pytest.raises(RefusedError):
        deciding.close_meeting(meeting, by=by, now=NOW)  # not begun yet
    deciding.close_meeting(meeting, by=by, now=after)
    accept(found.response("1.3"), 0, by=by)
    kept = MeetingRecord.objects.get()
    assert kept.data["total"]["proven"] == before
    assert str(score(ledger_of(found.assessment, None)).total.proven) != before
    assert [each["text"] for each in kept.data["decisions"]] == ["Lengkapi matriks"]
    with pytest.raises(RefusedError):
        decided(found, meeting)
    with pytest.raises(StaleError):
        deciding.close_meeting(meeting, by=by, now=after)
    client.force_login(by)
    body = client.get(f"/rakor/{meeting.pk}/").content.decode()
    assert ("Yang ditunjukkan rakor ini" in body, "Tulis keputusan" in body) == (True, False)


def test_what_was_written_while_the_closer_read_is_kept_too():
    """The notes of a colleague arrive between the page that is closed and its closing."""
    found, meeting = called()
    by, mine = found.users["verifikator"], Meeting.objects.get(pk=meeting.pk)
    write_notes(Meeting.objects.get(pk=meeting.pk), "Disepakati.", seen="", by=by, now=END)
    kept = deciding.close_meeting(mine, by=by, now=END)
    kept.refresh_from_db()
    assert (kept.data["facts"]["notes"], mine.notes) == ("Disepakati.", "Disepakati.")


def test_the_database_refuses_to_change_a_closed_meeting():
    found, meeting = called()
    followup = decided(found, meeting)
    after = END + timedelta(hours=1)
    deciding.close_meeting(meeting, by=found.users["verifikator"], now=after)
    changes = (
        lambda: Meeting.objects.filter(pk=meeting.pk).update(title="Lain"),
        lambda: Invited.objects.filter(meeting=meeting).update(read_at=NOW),
        lambda: Invited.objects.filter(meeting=meeting).delete(),
        lambda: MeetingRecord.objects.update(data={}),
        lambda: MeetingRecord.objects.all().delete(),
        lambda: FollowUpEvent.objects.update(note="lain"),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    deciding.move(followup, "work", by=found.users["operator"], now=after)  # goes on living
    assert followup.state == "dikerjakan"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(client, count, django_assert_num_queries):
    found, meeting = called()
    for _ in range(count):
        decided(found, meeting)
    client.force_login(found.users["verifikator"])
    client.get("/rakor/")
    with django_assert_num_queries(5):
        client.get("/tindak-lanjut/")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_and_cancel_at_once_one_is_told():
    found, meeting = called()
    followup = decided(found, meeting)
    brought_to(found, followup, State.WORKING, answered=True)
    by = found.users["verifikator"]
    other = make_user(Role.VERIFIKATOR, region=by.region)

    first, second = (
        FollowUp.objects.select_related("agency").get(pk=followup.pk) for _ in range(2)
    )
    told = told_at_once(
        lambda: deciding.move(first, "confirm", by=by, now=NOW),
        lambda: deciding.move(second, "cancel", by=other, now=NOW, note="Dibatalkan rapat"),
    )
    assert sorted(told, key=str) == [StaleError, None]
    assert FollowUpEvent.objects.count() == 2
