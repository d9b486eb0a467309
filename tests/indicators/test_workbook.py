"""The instrument as a workbook: out and in unchanged, wrong cells named, nothing half stored."""

import io
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.roles import Role
from indicators.actions import load_instrument, read_instrument
from indicators.actions.loading import stored_data
from indicators.actions.writing import as_file
from indicators.models import Instrument, InstrumentChange, Question
from indicators.resources.instrument import read_workbook, write_workbook
from indicators.resources.problems import SheetError
from tests.factories import make_user
from tests.indicators.files import SMALL, as_text, changed

REAL = Path("indicators/instruments/kla-2024.json")
IMPORT = "/instrumen/versi/impor/"


def small(**more):
    return read_instrument(as_text(SMALL | more))


def edited(*cells, data=None, book=None):
    """The workbook of the small instrument with cells changed: (sheet, cell, value)."""
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(data or small())))
    for sheet, cell, value in cells:
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def said(content):
    with pytest.raises(SheetError) as refused:
        read_workbook(content)
    return [str(each) for each in refused.value.problems]


# --- out and in unchanged -------------------------------------------------------------------------


def test_the_real_instrument_comes_back_as_it_went_out():
    data = read_instrument(REAL.read_bytes())
    assert read_workbook(write_workbook(data)) == data
    assert read_instrument(as_file(data)) == data


def test_another_program_that_saves_it_changes_nothing():
    assert read_workbook(edited()) == small()


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n"),
    min_size=1,
    max_size=60,
).filter(str.strip)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
AWKWARD = st.sampled_from(
    ["=1+1", "+62", "0012", "1e5", "-", "'kutip", "Ya", "12/31/2024", "@x", "a\nb"]
)
POINTS = st.decimals("0.25", "900", places=2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=TEXT | AWKWARD, note=TEXT | AWKWARD | st.just(""), name=LINE | AWKWARD,
    evidence=st.lists(LINE, max_size=4), points=POINTS, required=st.booleans(),
    number=st.none() | st.integers(1, 999), wanted=st.booleans(),
    options=st.lists(LINE, min_size=2, max_size=4, unique=True),
)  # fmt: skip
def test_whatever_is_written_in_it_comes_back(
    text, note, name, evidence, points, required, number, options, wanted
):
    values = changed("clusters", 0, "indicators", 0, "name", to=name)
    values["total_max_points"] = values["clusters"][0]["max_points"] = float(points)
    values["bands"] = [{"name": "Pratama", "min": 0, "inclusive": True}]
    indicator = values["clusters"][0]["indicators"][0]
    indicator |= {"max_points": float(points), "official_number": number, "alt_names": evidence}
    indicator["questions"][0] |= {
        "text": text, "note": note, "expected_evidence": evidence, "max_points": float(points),
        "evidence_required": required,
    }  # fmt: skip
    values["registers"]["regulasi"]["columns"][1] |= {"options": options, "required": wanted}
    data = read_instrument(as_text(values))
    assert read_workbook(write_workbook(data)) == data


@pytest.mark.parametrize("typed", ["4,25", "4,250", " 4.25 ", 4.25])
def test_a_decimal_comma_or_point_in_a_text_is_the_number(typed):
    assert read_workbook(edited(("Pertanyaan", "G2", typed))) == small()


# --- a wrong cell ---------------------------------------------------------------------------------

# fmt: off
WRONG = [
    ("Pertanyaan", "G2", "empat",
     "Lembar Pertanyaan, baris 2, kolom Nilai maksimum, isi “empat”",
     "Nilai maksimum harus bilangan, bukan teks."),
    ("Pertanyaan", "G2", -1,
     "Lembar Pertanyaan, baris 2, kolom Nilai maksimum, isi “-1”",
     "Nilai maksimum harus dari 0 sampai 9999."),
    ("Pertanyaan", "H2", "mungkin",
     "Lembar Pertanyaan, baris 2, kolom Wajib data dukung, isi “mungkin”",
     "Wajib data dukung harus Ya atau Tidak, bukan teks."),
    ("Pertanyaan", "C3", None,
     "Lembar Pertanyaan, baris 3, kolom Pertanyaan, isi kosong",
     "belum diisi."),
    ("Pertanyaan", "B3", "4.1",
     "Lembar Pertanyaan, baris 3, kolom Kode, isi “4.1”",
     "kode pertanyaan 4.1 sudah dipakai di lembar Pertanyaan baris 2."),
    ("Pertanyaan", "B3", 4.2,
     "Lembar Pertanyaan, baris 3, kolom Kode, isi “4.2”",
     "harus teks; ubah format sel menjadi teks, lalu ketik ulang."),
    ("Pertanyaan", "C2", "#REF!",
     "Lembar Pertanyaan, baris 2, kolom Pertanyaan, isi “#REF!”",
     "adalah galat rumus; ketik isinya sebagai teks atau angka."),
    ("Pertanyaan", "F2", "entah",
     "Lembar Pertanyaan, baris 2, kolom Rubrik, isi “entah”",
     "rubrik 'entah' tidak dikenal."),
    ("Pertanyaan", "M2", "entah",
     "Lembar Pertanyaan, baris 2, kolom Daftar induk, isi “entah”",
     "daftar induk 'entah' tidak dikenal."),
    ("Pertanyaan", "E2", "desa",
     "Lembar Pertanyaan, baris 2, kolom Tingkat wilayah, isi “desa”",
     "Tingkat wilayah 'desa' tidak dikenal; yang ada: kota, kecamatan, kelurahan."),
    ("Pertanyaan", "A3", "99",
     "Lembar Pertanyaan, baris 3, kolom Indikator, isi “99”",
     "tidak ada di lembar Indikator."),
    ("Klaster", "C2", 9,
     "Lembar Klaster, baris 2, kolom Nilai maksimum, isi “9”",
     "Nilai maksimum 9,00 tidak sama dengan jumlah bagiannya, 10,00."),
    ("Rubrik", "B2", "sulap",
     "Lembar Rubrik, baris 2, kolom Cara, isi “sulap”",
     "Cara 'sulap' tidak dikenal; yang ada: pilihan, dinilai, batas persentase, tren dua tahun, "
     "bagian wilayah."),
    ("Tingkat", "C2", 2,
     "Lembar Tingkat, baris 2, kolom Bagian nilai, isi “2”",
     "Bagian nilai harus dari 0 sampai 1."),
    ("Instrumen", "B4", "lalu",
     "Lembar Instrumen, baris 4, kolom Isi, isi “lalu”",
     "Tahun harus bilangan, bukan teks."),
    ("Instrumen", "A4", "Tahunnya",
     "Lembar Instrumen, baris 4, kolom Isian, isi “Tahunnya”",
     "isian tidak dikenal."),
    ("Pertanyaan", "O1", "Bobot",
     "Lembar Pertanyaan, baris 1, kolom Bobot, isi “Bobot”",
     "kolom tidak dikenal."),
    ("Pertanyaan", "C1", "Soal",
     "Lembar Pertanyaan, kolom Pertanyaan",
     "kolom tidak ada."),
    ("Daftar induk", "A2", "Regulasi Baru",
     "Lembar Kolom daftar induk, baris 2, kolom Daftar induk, isi “regulasi”",
     "tidak ada di lembar Daftar induk."),
]
# fmt: on


@pytest.mark.parametrize(("sheet", "cell", "value", "where", "reason"), WRONG)
def test_a_wrong_cell_is_named_by_sheet_row_column_value_and_reason(
    sheet, cell, value, where, reason
):
    sentence = f"{where}: {reason}".replace("'", '"')
    assert sentence in said(edited((sheet, cell, value)))


def test_every_wrong_cell_is_told_at_once():
    found = said(edited(("Pertanyaan", "H2", "mungkin"), ("Pertanyaan", "C3", None)))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("typed", "points"),
    [("4,25", "4.25"), ("4.25", "4.25"), (4.25, "4.25"), ("1.004,5", "1004.5"), (4, "4")],
)
def test_a_number_may_be_typed_as_text_the_indonesian_way(typed, points):
    data = read_workbook(edited(("Pertanyaan", "G2", typed)))
    assert data.clusters[0].indicators[0].questions[0].max_points == Decimal(points)


def test_a_code_that_excel_made_a_whole_number_is_read_as_its_text():
    cells = [("Indikator", "B2", 4), ("Pertanyaan", "A2", 4), ("Pertanyaan", "A3", 4)]
    assert read_workbook(edited(*cells)) == small()


def test_a_sheet_too_many_and_one_too_few_are_named():
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(small())))
    book["Tingkat"].title = "Level"
    out = io.BytesIO()
    book.save(out)
    assert said(out.getvalue()) == [
        "Lembar Level tidak dikenal; hapus, atau pakai nama dari buku kerja unduhan.",
        "Lembar Tingkat tidak ada.",
    ]


def bomb():
    """A workbook whose sheet says many times more than it weighs."""
    out = io.BytesIO()
    with (
        ZipFile(io.BytesIO(write_workbook(small()))) as old,
        ZipFile(out, "w", ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, old.read(each))
        new.writestr("xl/worksheets/sheet99.xml", b" " * 60_000_000)
    return out.getvalue()


FILES = [
    (b"", "Berkas ini kosong."),
    (b"%PDF-1.4", "Berkas ini bukan XLSX. Simpan sebagai XLSX atau CSV, lalu kirim lagi."),
    (b"Kode;Nama\n1;x\n", "Instrumen dikirim sebagai XLSX, bukan CSV."),
    (b"PK\x03\x04rusak", "Berkas ini tidak dapat dibaca. Buka di Excel atau LibreOffice, simpan "
     "sebagai XLSX, lalu kirim lagi."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), FILES)
def test_a_file_that_is_no_workbook_ends_in_one_sentence(content, sentence):
    assert said(content) == [sentence]


def test_a_bomb_is_refused_before_it_is_read():
    assert said(bomb())[0].startswith("Isi berkas ini terlalu besar untuk dibaca.")


# --- the page -------------------------------------------------------------------------------------


def send(client, content):
    return client.post(IMPORT, {"berkas": SimpleUploadedFile("instrumen.xlsx", content)})


def keep(client, reply, **changes):
    form = reply.context["store"]
    values = {"kode": form["kode"].value(), "judul": form["judul"].value()}
    return client.post(IMPORT, {"isi": reply.context["sealed"]} | values | changes, follow=True)


@pytest.fixture
def drafter(client, db):
    client.force_login(make_user(Role.VERIFIKATOR))
    return client


def test_looking_stores_nothing_and_keeping_makes_a_draft_that_can_be_published(drafter):
    published = load_instrument(as_text(SMALL), by=None, publish=True).instrument
    before = stored_data(published)
    reply = send(drafter, edited(("Pertanyaan", "C2", "Perda tentang akta anak")))
    assert (reply.status_code, Instrument.objects.count()) == (200, 1)
    text = reply.content.decode()
    assert "Kalimat berubah 1" in text
    assert "<del>kelahiran</del>" in text
    keep(drafter, reply, judul="Instrumen uji kedua")
    draft = Instrument.objects.get(published_at=None)
    assert (draft.code, draft.title) == ("uji-1-v2", "Instrumen uji kedua")
    assert stored_data(published) == before
    admin = make_user(Role.ADMINISTRATOR)
    drafter.force_login(admin)
    drafter.post(reverse("instrument_publish", args=["uji-1-v2"]))
    draft.refresh_from_db()
    assert draft.published_at is not None


def test_a_published_code_is_refused_and_what_was_looked_into_is_not_lost(drafter):
    load_instrument(as_text(SMALL), by=None, publish=True)
    reply = keep(drafter, send(drafter, edited(("Pertanyaan", "C2", "Perda lain"))), kode="uji-1")
    assert reply.status_code == 422
    assert "sudah diterbitkan" in reply.content.decode()
    keep(drafter, reply, kode="uji-9")
    assert Question.objects.filter(instrument__code="uji-9", text="Perda lain").exists()


def test_the_downloaded_workbook_sent_back_is_told_to_be_the_same(drafter):
    load_instrument(as_text(SMALL), by=None, publish=True)
    content = drafter.get(reverse("instrument_sheet", args=["uji-1"])).content
    reply = send(drafter, content)
    assert "Isinya sama persis dengan Instrumen uji" in reply.content.decode()
    assert Instrument.objects.count() == 1


def test_a_draft_of_the_same_code_is_replaced_after_it_was_said(drafter):
    load_instrument(as_text(SMALL), by=None)
    reply = send(drafter, edited(("Pertanyaan", "C2", "Perda lain")))
    assert "akan diganti seluruhnya" in reply.content.decode()
    keep(drafter, reply)
    assert Question.objects.order_by("order").first().text == "Perda lain"
    assert InstrumentChange.objects.first().verb == "replace"


def test_one_wrong_cell_keeps_all_of_it_out(drafter):
    reply = send(drafter, edited(("Pertanyaan", "H2", "mungkin")))
    assert reply.status_code == 422
    assert "Belum ada yang disimpan" in reply.content.decode()
    assert "baris 2, kolom Wajib data dukung" in reply.content.decode()
    assert not Instrument.objects.exists()


def test_what_another_looked_into_or_was_changed_is_not_stored(drafter):
    sealed = send(drafter, edited()).context["sealed"]
    for isi, who in ((sealed + "x", None), (sealed, make_user(Role.VERIFIKATOR))):
        if who:
            drafter.force_login(who)
        reply = drafter.post(IMPORT, {"isi": isi, "kode": "uji-7", "judul": "x"})
        assert "sudah lama atau berubah" in reply.content.decode()
    assert not Instrument.objects.exists()


def test_a_preview_of_the_real_instrument_is_a_page_of_less_than_100_kb(drafter):
    data = read_instrument(REAL.read_bytes())
    load_instrument(as_text(SMALL), by=None, publish=True)
    reply = send(drafter, write_workbook(data))
    assert reply.status_code == 200
    assert len(reply.content) < 100_000


def test_who_took_a_version_along_is_kept_in_the_history(drafter):
    load_instrument(as_text(SMALL), by=None, publish=True)
    assert drafter.get(reverse("instrument_sheet", args=["uji-1"])).status_code == 200
    told = InstrumentChange.objects.get(verb="export")
    assert (told.by.role, told.instrument.code, told.data) == (
        "verifikator", "uji-1", {"sheet": "instrumen-uji-1.xlsx"},
    )  # fmt: skip


def test_an_import_without_a_version_to_compare_with_works(drafter):
    keep(drafter, send(drafter, write_workbook(small())))
    assert stored_data(Instrument.objects.get()) == small()
