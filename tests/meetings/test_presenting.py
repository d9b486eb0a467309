"""The presenter view: its slides, their figures, and a decision that is written on the wall."""

from datetime import timedelta
from uuid import uuid4

import pytest

from indicators.wording import points
from meetings.actions.calling import call_meeting
from meetings.models import FollowUp
from reports.ledger import ledger_of
from reports.scores import score
from tests.meetings.test_deciding import decided
from tests.meetings.world import END, NOW, called, plan
from tests.reports.world import CLUSTERS, PROVEN

pytestmark = pytest.mark.django_db


def body(client, meeting, slide):
    return client.get(f"/rakor/{meeting.pk}/tayang/?slide={slide}").content.decode()


def kinds(client, meeting):
    from_first = client.get(f"/rakor/{meeting.pk}/tayang/")
    found = []
    for at in range(1, from_first.context["count"] + 1):
        page = client.get(f"/rakor/{meeting.pk}/tayang/?slide={at}")
        found.append((page.context["slide"].kind, page.context["slide"].title))
    return found


def test_the_slides_follow_the_order_of_a_meeting_and_its_clusters(client):
    found, meeting = called()
    client.force_login(found.users["pimpinan"])
    every = [kind for kind, _ in kinds(client, meeting)]
    assert every == [
        "cover", "total", "clusters", "risks", "cluster", "indicator", "indicator", "cluster",
        "indicator", "offices", "decisions",
    ]  # fmt: skip
    meeting.clusters.set([found.assessment.instrument.clusters.get(code="KB")])
    titles = [title for kind, title in kinds(client, meeting) if kind in {"cluster", "indicator"}]
    assert titles == ["Klaster KB: Wilayah", "3. Indikator 3"]


def test_the_wall_says_the_figures_of_every_other_page(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    total = score(ledger_of(found.assessment, None)).total
    assert str(total.proven) == PROVEN
    assert f"<b>{points(total.proven)}</b>" in body(client, meeting, 2)
    assert f"<b>{points(total.at_risk)}</b>" not in body(client, meeting, 1)
    assert CLUSTERS["KA"].replace(".", ",") in body(client, meeting, 5)
    indicator = body(client, meeting, 6)
    for head in ("Telah dilaksanakan", "Belum", "Penanggung jawab", "Data yang dibutuhkan"):
        assert f"<h2>{head}</h2>" in indicator
    assert "/penilaian/2024/indikator/1/" in indicator


def test_a_decision_written_beside_an_indicator_is_on_the_wall_at_once(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    page = client.get(f"/rakor/{meeting.pk}/tayang/?slide=6")
    sent = {
        "keputusan": "Lengkapi matriks 2P",
        "kantor": found.dinas.pk,
        "tenggat": "2099-03-22",
        "indikator": page.context["form"].initial["indikator"],
        "tanda": str(uuid4()),
        "slide": "6",
    }
    after = client.post(f"/rakor/{meeting.pk}/keputusan/", sent, follow=True)
    assert after.redirect_chain == [(f"/rakor/{meeting.pk}/tayang/?slide=6#diputuskan", 302)]
    assert "Lengkapi matriks 2P" in after.content.decode()
    assert FollowUp.objects.get().indicator.code == "1"
    assert "Lengkapi matriks 2P" not in body(client, meeting, 7)  # it is about another indicator
    assert "Lengkapi matriks 2P" in body(client, meeting, 11)


def test_the_next_meeting_shows_what_became_of_the_decisions(client):
    found, meeting = called()
    decided(found, meeting, text="Terbitkan SK")
    later = plan(found, starts_at=END + timedelta(days=7), ends_at=END + timedelta(days=8))
    by = found.users["verifikator"]
    following = call_meeting(found.assessment, later, by=by, now=NOW)
    client.force_login(found.users["pimpinan"])
    shown = dict(kinds(client, following))
    assert shown["followups"] == "Tindak lanjut rakor lalu: 0 dari 1 selesai"
    assert "Terbitkan SK" in body(client, following, 11)


@pytest.mark.parametrize("asked", ["0", "999", "-1", "x", "12345", "", "1.5"])
def test_a_slide_that_is_not_there_is_one_that_is(client, asked):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    page = client.get(f"/rakor/{meeting.pk}/tayang/", {"slide": asked})
    assert (page.status_code, page.context["at"]) == (200, 11 if asked == "999" else 1)


def test_a_wrong_decision_from_the_wall_keeps_what_was_typed(client):
    found, meeting = called()
    client.force_login(found.users["verifikator"])
    sent = {"keputusan": "Tanpa kantor", "tanda": str(uuid4()), "slide": "6"}
    answer = client.post(f"/rakor/{meeting.pk}/keputusan/", sent)
    assert (answer.status_code, "Tanpa kantor" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("count", [1, 3])
def test_a_slide_takes_the_same_queries_for_any_number(client, count, django_assert_num_queries):
    found, meeting = called()
    for _ in range(count):
        decided(found, meeting)
    client.force_login(found.users["verifikator"])
    body(client, meeting, 5)
    with django_assert_num_queries(9):
        body(client, meeting, 11)
