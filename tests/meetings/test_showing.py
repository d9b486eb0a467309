"""One shape with two sources: what a called meeting shows live, a closed one from its record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.actions import showing
from meetings.actions.calling import call_meeting
from meetings.actions.deciding import close_meeting, move
from meetings.models import Meeting, MeetingRecord
from reports.shown import Shown
from tests.meetings.test_deciding import decided
from tests.meetings.world import END, NOW, START, called, plan
from tests.reports.world import accept

pytestmark = pytest.mark.django_db


def test_a_record_reads_as_the_live_figures_of_its_moment():
    found, meeting = called()
    decided(found, meeting)
    live = Shown.read(showing._plain(meeting, user=None, now=END, whole=True))
    kept = close_meeting(meeting, by=found.users["verifikator"], now=END)
    kept.refresh_from_db()
    assert Shown.read(kept.data) == live
    assert [each.code for each in live.indicators] == ["1", "2", "3"]
    assert live.indicators[0].done
    assert live.total.proven == sum(each.proven for each in live.clusters)


@pytest.fixture
def clock(monkeypatch, client):
    """The clock of the server, for somebody who signs in at that moment."""

    def set_to(moment, user):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        client.force_login(user)

    return set_to


def slides(client, meeting):
    """What every slide says, without the ways in and out of it."""
    first = client.get(f"/rakor/{meeting.pk}/tayang/")
    told = []
    for at in range(1, first.context["count"] + 1):
        page = client.get(f"/rakor/{meeting.pk}/tayang/?slide={at}")
        told.append((page.context["slide"], page.context["total"], page.context["decisions"]))
    return told


def test_the_wall_and_the_page_of_a_closed_meeting_never_change_again(client, clock):
    found, meeting = called()
    by = found.users["verifikator"]
    before = decided(found, meeting, text="Dari rakor lalu")
    later = plan(found, starts_at=START + timedelta(days=7), ends_at=END + timedelta(days=7))
    meeting = call_meeting(found.assessment, later, by=by, now=NOW)
    decided(found, meeting, text="Dari rakor ini")
    clock(later.ends_at, by)
    live = slides(client, meeting)
    close_meeting(meeting, by=by, now=later.ends_at)
    assert slides(client, meeting) == live
    page = client.get(f"/rakor/{meeting.pk}/")
    shown = (page.context["shown"], page.context["before"])
    accept(found.response("2.1"), 0, by=by)
    move(before, "answer", by=found.users["operator"], now=NOW, note="Sudah")
    move(before, "confirm", by=by, now=NOW)
    fresh = Meeting.objects.get(pk=meeting.pk)
    assert Shown.read(showing._plain(fresh, user=None, now=END, whole=True)) != shown[0]
    clock(later.ends_at + timedelta(days=30), by)
    assert slides(client, meeting) == live
    page = client.get(f"/rakor/{meeting.pk}/")
    assert (page.context["shown"], page.context["before"]) == shown
    assert "Keadaannya seperti saat rakor ini ditutup" in page.content.decode()


def test_an_office_sees_of_a_closed_meeting_what_was_decided_for_itself(client):
    found, meeting = called()
    by = found.users["verifikator"]
    decided(found, meeting, text="Tugas dinas")
    decided(found, meeting, text="Tugas badan", agency=found.badan)
    later = plan(found, starts_at=START + timedelta(days=7), ends_at=END + timedelta(days=7))
    meeting = call_meeting(found.assessment, later, by=by, now=NOW)
    close_meeting(meeting, by=by, now=later.ends_at)
    client.force_login(found.users["operator"])
    page = client.get(f"/rakor/{meeting.pk}/")
    assert [each.text for each in page.context["before"]] == ["Tugas dinas"]
    assert (page.context["shown"], "Tugas badan" in page.content.decode()) == (None, False)


def test_a_record_of_the_time_when_less_was_kept_is_shown_as_far_as_it_goes(client):
    found, meeting = called()
    line = {"code": "KA", "label": "Klaster", "proven": "3.00", "claimed": "4.00",
            "at_risk": "1.00", "maximum": "18.00"}  # fmt: skip
    old = {
        "total": line, "band": "", "next": {"name": "Pratama", "missing": "500.00"},
        "clusters": [line], "indicators": [line], "offices": [], "decisions": [],
    }  # fmt: skip
    by = found.users["verifikator"]
    MeetingRecord.objects.create(meeting=meeting, data=old, at=END, by=by)
    Meeting.objects.filter(pk=meeting.pk).update(state="ditutup", closed_at=END)
    client.force_login(by)
    kinds = [slide.kind for slide, _, _ in slides(client, meeting)]
    assert kinds == ["cover", "total", "clusters", "risks", "decisions"]
    assert "500,00" in client.get(f"/rakor/{meeting.pk}/").content.decode()


@pytest.mark.parametrize(
    ("now", "said", "ahead"),
    [
        (START - timedelta(minutes=1), "Akan datang", True),
        (START, "Sedang berlangsung", True),
        (END, "Belum ditutup", False),
        (END + timedelta(days=90), "Belum ditutup", False),
    ],
)
def test_a_meeting_that_nobody_closed_is_not_ahead_for_ever(client, clock, now, said, ahead):
    found, meeting = called()
    clock(now, found.users["verifikator"])
    page = client.get("/rakor/")
    own = client.get(f"/rakor/{meeting.pk}/").content.decode()
    clock(now, found.users["operator"])
    sheet = client.get(f"/tugas/{found.dinas.code}/")
    assert meeting.standing(now) == said
    assert ([*page.context["ahead"]] == [meeting]) is ahead
    assert (said in page.content.decode()) is (not ahead)
    assert ("sudah lewat dan belum ditutup" in own) is (not ahead)
    assert bool(sheet.context["invitations"]) is ahead


@pytest.mark.parametrize("slide", [1, 2, 3, 4, 5, 6, 7])
def test_each_slide_takes_at_most_twelve_queries_and_a_closed_one_fewer(
    client, slide, django_assert_max_num_queries
):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    client.get(f"/rakor/{meeting.pk}/tayang/")
    with django_assert_max_num_queries(12):
        client.get(f"/rakor/{meeting.pk}/tayang/?slide={slide}")
    close_meeting(meeting, by=found.users["verifikator"], now=END)
    with django_assert_max_num_queries(4):
        client.get(f"/rakor/{meeting.pk}/tayang/?slide={slide}")
