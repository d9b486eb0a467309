"""The pages of a stage: a file looked into first, then stored; another name; taken out."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from submissions.models import Event, Stage, StageResult, Verb
from tests.submissions import recaps

pytestmark = pytest.mark.django_db


def address(found):
    return f"/penilaian/{found.assessment.year}/tahap/impor/"


def send(client, found, content, *, name="Verifikasi administrasi", file="rekap.csv", **more):
    return client.post(
        address(found),
        {"nama": name, "tanggal": "2024-06-01", "berkas": SimpleUploadedFile(file, content)} | more,
    )


def hidden(response):
    """What the preview's form sends back."""
    body = response.content.decode()
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', body).group(1)
        for name in ("isi", "nama", "tanggal")
    }


@pytest.fixture
def city(client):
    found = recaps.year()
    client.force_login(found.verifikator)
    return found


def test_a_file_is_looked_into_first_and_stored_only_then(client, city):
    looked = send(client, city, recaps.plain(extra=["TOTAL,29.5"]))
    assert looked.status_code == 200
    assert "7 pertanyaan bernilai, jumlahnya <b>29,50</b>" in looked.content.decode()
    assert Stage.objects.count() == 0
    stored = client.post(address(city), hidden(looked))
    assert (stored.status_code, stored["Location"]) == (302, "/penilaian/2024/tahap/")
    stage = Stage.objects.get()
    assert (stage.name, stage.held_on, stage.results.count(), stage.stored_by) == (
        "Verifikasi administrasi", date(2024, 6, 1), 7, city.verifikator,
    )  # fmt: skip


def test_a_mismatch_is_shown_with_both_figures_and_must_be_accepted_in_so_many_words(client, city):
    looked = send(client, city, recaps.plain(extra=["TOTAL,30"]))
    page = " ".join(looked.content.decode().split())
    assert "Angka yang tidak cocok (1)" in page
    row = page[page.index("Total, jumlah") :]
    assert re.findall(r">(-?[\d.,]+)</td>", row)[:3] == ["30,00", "29,50", "0,50"]
    refused = client.post(address(city), hidden(looked))
    assert (refused.status_code, Stage.objects.count()) == (422, 0)
    assert "nyatakan bahwa Anda menerimanya" in refused.content.decode()
    client.post(address(city), hidden(refused) | {"terima": "on"})
    assert len(Stage.objects.get().accepted) == 1
    assert Event.objects.get(verb=Verb.STAGE).data["accepted"][0]["stated"] == "30.00"


def test_a_wrong_row_keeps_the_whole_file_out(client, city):
    looked = send(client, city, recaps.plain(extra=["9.9,1"]))
    page = looked.content.decode()
    assert looked.status_code == 422
    assert "kode tidak dikenal dalam instrumen tahun ini." in page
    assert 'name="isi"' not in page


def test_what_an_earlier_import_gave_is_shown_against_the_new(client, city):
    client.post(address(city), hidden(send(client, city, recaps.plain())))
    looked = send(client, city, recaps.plain(recaps.POINTS | {"1.1": "6"}))
    page = looked.content.decode()
    assert "Tahap ini sudah ada" in page
    assert "1 nilai berubah" in page
    client.post(address(city), hidden(looked))
    assert StageResult.objects.get(question__code="1.1").points == Decimal(6)


def test_what_was_looked_into_before_somebody_else_stored_is_not_stored(client, city):
    first = send(client, city, recaps.plain())
    second = send(client, city, recaps.plain(recaps.POINTS | {"1.1": "6"}))
    client.post(address(city), hidden(second))
    late = client.post(address(city), hidden(first))
    assert late.status_code == 422
    assert "baru saja disimpan orang lain" in late.content.decode()
    assert StageResult.objects.get(question__code="1.1").points == Decimal(6)


def test_what_was_changed_on_the_way_or_belongs_to_another_year_is_refused(client, city):
    sealed = hidden(send(client, city, recaps.plain()))
    spoiled = client.post(address(city), sealed | {"isi": sealed["isi"][:-3] + "abc"})
    assert (spoiled.status_code, Stage.objects.count()) == (422, 0)
    other = recaps.year()
    client.force_login(other.verifikator)
    assert client.post(address(other), sealed).status_code == 422
    assert Stage.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "kosong"),
        (b"%PDF-1.4\n\x00", "bukan XLSX"),
        (b"PK\x03\x04rusak", "tidak dapat dibaca"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx", "format lama (XLS)"),
        (b"Nama;Alamat\nA;B", "Kolom Kode dan Nilai tidak ditemukan"),
    ],
)
def test_a_file_that_is_no_recapitulation_says_what_to_do(client, city, content, sentence):
    looked = send(client, city, content)
    assert looked.status_code == 422
    assert sentence in looked.content.decode()


def test_a_name_with_markup_comes_out_as_text(client, city):
    looked = send(client, city, recaps.plain(), name='"><svg onload=x>')
    assert "<svg onload" not in looked.content.decode()


def test_a_stage_gets_another_name_and_day_and_is_taken_out(client, city):
    client.post(address(city), hidden(send(client, city, recaps.plain())))
    stage = Stage.objects.get()
    edit = f"/penilaian/2024/tahap/{stage.pk}/"
    assert client.get(edit).status_code == 200
    client.post(edit, {"nama": "Akhir", "tanggal": ""})
    stage.refresh_from_db()
    assert (stage.name, stage.held_on) == ("Akhir", None)
    assert client.post(f"{edit}hapus/").status_code == 302
    assert Stage.objects.count() == 0
