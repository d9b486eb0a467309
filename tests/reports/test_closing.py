"""The page on which a year ends: what is still open, the button, and the way back."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from agencies.roles import Role
from submissions.actions.year import close_year
from submissions.models import Assessment, Event, Verb
from tests.factories import make_assessment, make_user
from tests.submissions.review_case import submitted, verifikator

pytestmark = pytest.mark.django_db

PATH, BACK = "/penilaian/2024/tutup/", "/penilaian/2024/buka-kembali/"
CLOSED = datetime(2024, 12, 31, 5, tzinfo=UTC)


@pytest.fixture
def work():
    """Two answers of ten points each, claimed in full and handed in."""
    return submitted(2)


@pytest.fixture
def by(client, work):
    user = verifikator(work)
    client.force_login(user)
    return user


def text(reply):
    return reply.content.decode()


def test_the_page_says_what_is_still_open_before_it_is_closed(client, work, by):
    reply = client.get(PATH)
    closing = reply.context["closing"]
    assert [(each.label, each.count) for each in closing.states if each.count] == [("Menunggu", 1)]
    assert (closing.unaccepted, closing.unanswered) == (1, 0)
    assert f"{closing.total.at_risk:.2f}" == "20.00"
    assert "20,00 poin berisiko tidak dapat lagi menjadi terbukti" in text(reply)
    assert 'href="/verifikasi/?tahun=2024&amp;keadaan=menunggu"' in text(reply)


def test_a_year_is_closed_once_the_page_was_read(client, work, by):
    unread = client.post(PATH, {"belum": "1"})
    assert (unread.status_code, Assessment.objects.get().closed_at) == (422, None)
    assert "Centang dahulu" in text(unread)
    reply = client.post(PATH, {"belum": "1", "yakin": "on", "catatan": "Hasil diumumkan"})
    assert reply.url == PATH
    assert Assessment.objects.get().closed_at is not None
    page = text(client.get(PATH))
    assert "Hasil diumumkan" in page
    assert "Buka kembali penilaian 2024" in page


def test_figures_that_changed_meanwhile_are_shown_anew(client, work, by):
    reply = client.post(PATH, {"belum": "7", "yakin": "on"})
    assert reply.status_code == 422
    assert "berubah sementara Anda membaca" in text(reply)
    assert 'name="belum" value="1"' in text(reply)
    assert Assessment.objects.get().closed_at is None


def test_a_closed_year_is_opened_with_a_reason_only(client, work, by):
    close_year(work.assessment, note="", by=by, now=CLOSED)
    without = client.post(BACK, {"alasan": " "})
    assert without.status_code == 422
    assert "Tulis alasan membuka kembali tahun ini." in text(without)
    assert client.post(BACK, {"alasan": "Salah hitung"}).url == PATH
    assert Assessment.objects.get().closed_at is None
    assert Event.objects.get(verb=Verb.REOPEN_YEAR).data["reason"] == "Salah hitung"


def test_an_open_year_is_not_opened_again(client, work, by):
    reply = client.post(BACK, {"alasan": "Salah"}, follow=True)
    assert "sedang dibuka" in text(reply)


def test_somebody_without_a_region_carries_it_along(client, work):
    user = make_user(Role.ADMINISTRATOR)
    user.region = None
    user.save(update_fields=["region"])
    client.force_login(user)
    query = f"?wilayah={work.assessment.region.code}"
    assert f'action="{PATH}{query}"' in text(client.get(PATH + query))
    done = client.post(PATH + query, {"belum": "1", "yakin": "on"})
    assert done.url == PATH + query


@pytest.mark.parametrize("name", ["dashboard", "matrix", "question_list"])
def test_pages_of_a_closed_year_say_so(client, work, by, name):
    close_year(work.assessment, note="", by=by, now=CLOSED)
    assert "Penilaian 2024 ditutup 31 Desember 2024" in text(client.get(reverse(name, args=[2024])))


def test_the_work_and_the_review_of_a_closed_year_can_only_be_read(client, work, by):
    close_year(work.assessment, note="", by=by, now=CLOSED)
    for path in (
        f"/isian/{work.pk}/",
        f"/verifikasi/{work.pk}/",
        f"/verifikasi/{work.pk}/selesai/",
    ):
        page = text(client.get(path))
        assert "Penilaian 2024 ditutup 31 Desember 2024" in page, path
        assert "Selesai, kirim hasil" not in page, path
        assert "Tarik kembali" not in page, path


def test_lists_go_to_the_newest_open_year_and_name_the_closed_ones(client, work, by):
    close_year(work.assessment, note="", by=by, now=CLOSED)
    queue = text(client.get("/verifikasi/"))
    assert "Tidak ada tahun penilaian yang sedang dibuka" in queue
    assert 'href="?tahun=2024&amp;keadaan=semua"' in queue
    client.force_login(make_user(agency=work.agency))
    assert 'href="?tahun=2024"' in text(client.get("/isian/"))
    shown = client.get("/isian/", {"tahun": "2024"})
    assert shown.context["assessment"].year == 2024
    assert "Harus dikerjakan" not in text(shown)
    make_assessment(work.assessment.region, work.assessment.instrument, year=2025, data_year=2024)
    assert client.get("/isian/").context["assessment"].year == 2025
