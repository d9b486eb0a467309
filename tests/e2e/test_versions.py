"""A new version of the instrument, by people in browsers: out as a workbook, changed by hand, in
again as a draft, compared, mapped, published, opened; and an office finds last year's answer where
its question went. 9 and 10 change places, and 9 is reworded.
"""

import io
from datetime import UTC, datetime

import openpyxl
import pytest
from playwright.sync_api import expect

from agencies.roles import Role
from indicators.actions import load_instrument
from indicators.models import Instrument
from submissions.actions import answering
from submissions.models import Response
from tests.e2e.case import ON_A_PHONE, as_file
from tests.factories import assign, make_agency, make_assessment, make_user
from tests.indicators.files import SMALL, as_text

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 2, 5, 3, tzinfo=UTC)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LKSA = "Lembaga pengasuhan alternatif yang terstandar"
PANTI = "Lembaga pengasuhan alternatif yang sudah terstandar dan terdata"
PAUD = "Satuan PAUD-HI yang terintegrasi"
OFFICE = "Dinas Sosial"


def indicator(number, text):
    """An indicator of one question, worth 5."""
    [cluster] = SMALL["clusters"]
    [like] = cluster["indicators"]
    question = like["questions"][0] | {
        "code": f"{number}.1", "text": text, "max_points": 5, "lead_agency": OFFICE,
        "supporting_agencies": [], "register": None,
    }  # fmt: skip
    question.pop("register")
    return like | {
        "code": str(number), "official_number": number, "name": text, "alt_names": [],
        "max_points": 5, "note": "", "lead_agency": OFFICE, "questions": [question],
    }  # fmt: skip


def world():
    """2024 is answered on the old version: yes on 9, no on 10."""
    cluster = SMALL["clusters"][0] | {"indicators": [indicator(9, LKSA), indicator(10, PAUD)]}
    old = load_instrument(as_text(SMALL | {"clusters": [cluster]}), by=None, publish=True)
    office = make_agency(name=OFFICE)
    for question in old.instrument.questions.all():
        assign(question, office)
    year = make_assessment(office.region, old.instrument, year=2024, data_year=2023)
    by = make_user(agency=office)
    answers = Response.objects.filter(assessment=year).order_by("question__order")
    for level, each in zip((1, 0), answering.for_answering(answers), strict=True):
        note = f"Tentang {each.question.text}"
        answering.answer(each, value={"level": level}, note=note, version=0, by=by, now=NOW)
    return by, make_user(Role.ADMINISTRATOR, region=office.region)


def swapped(content):
    """What DP3AP2KB does in Excel: 9 and 10 change places, and the old 9 is said otherwise."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    turned = {"9": "10", "10": "9", "9.1": "10.1", "10.1": "9.1"}
    for sheet in ("Indikator", "Pertanyaan"):
        for row in book[sheet].iter_rows(min_row=2):
            for cell in row[:3]:
                if str(cell.value) in turned:
                    number = isinstance(cell.value, int | float)
                    turn = turned[str(cell.value)]
                    cell.value = int(turn) if number else turn
                elif cell.value == LKSA:
                    cell.value = PANTI
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def import_it(page, faults):
    with page.expect_download() as coming:
        page.get_by_role("link", name="Buku kerja uji-1").click()
    changed = swapped(coming.value.path().read_bytes())
    page.get_by_role("link", name="Impor buku kerja").click()
    page.get_by_label("Buku kerja (XLSX)").set_input_files(as_file("baru.xlsx", changed, XLSX))
    page.get_by_role("button", name="Periksa buku kerja").click()
    expect(page.get_by_text("2 pertanyaan berbeda")).to_be_visible()
    expect(page.locator("ins", has_text="sudah").first).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Kode versi").fill("uji-2")
    page.get_by_label("Judul").fill("Instrumen uji kedua")
    page.get_by_role("button", name="Simpan sebagai draf").click()
    expect(page.get_by_text("Draf Instrumen uji kedua dimuat: 2 pertanyaan.")).to_be_visible()


def map_it(page, faults):
    expect(page.get_by_text("Padanan 2 pertanyaan belum diputuskan")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Periksa pemetaan").click()
    expect(page.get_by_label("Asal 9.1")).to_have_value("10.1")  # by its words, not its number
    expect(page.get_by_text("saran: kalimat sama")).to_be_visible()
    expect(page.get_by_label("Asal 10.1")).to_have_value("9.1")
    expect(page.get_by_text("saran: mirip")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("Asal 10.1").fill("99.9")
    page.get_by_role("button", name="Simpan pemetaan").click()
    expect(page.get_by_text("Kode 99.9 tidak ada pada versi lama.")).to_be_visible()
    page.get_by_label("Asal 10.1").fill("9.1")
    page.get_by_role("button", name="Simpan pemetaan").click()
    expect(page.get_by_text("Semua pertanyaan sudah dipetakan.")).to_be_visible()


def publish_it_and_open_a_year(page):
    page.get_by_role("navigation", name="Letak halaman").get_by_role("link", name="Versi").click()
    page.get_by_text("Terbitkan", exact=True).click()
    page.get_by_role("button", name="Terbitkan uji-2").click()
    expect(page.get_by_text("Instrumen uji kedua diterbitkan")).to_be_visible()
    page.goto("/pengampuan/")
    page.get_by_text("Bagi menurut instrumen", exact=True).click()
    page.get_by_role("button", name="Bagi sekarang").click()
    expect(page.get_by_text("Pertanyaan sudah dibagi menurut instrumen.")).to_be_visible()
    page.goto("/penilaian/buka/")
    page.get_by_label("Tahun penilaian").fill("2025")
    page.get_by_label("Tahun data").fill("2024")
    second = Instrument.objects.get(code="uji-2")
    page.get_by_label("Instrumen").select_option(str(second.pk))
    page.get_by_label("Tenggat isian").fill("2099-03-31")
    page.get_by_role("button", name="Buka tahun penilaian").click()
    expect(page.get_by_text("Penilaian 2025 dibuka.")).to_be_visible()


def test_a_version_from_the_workbook_to_the_answer_it_finds(new_page, sign_in, faults, expected):
    operator, administrator = world()
    expected.append("422 (Unprocessable")  # a code that is not known
    page = new_page(bypass_csp=True)
    sign_in(page, administrator.username, "/instrumen/versi/")
    import_it(page, faults)
    map_it(page, faults)
    publish_it_and_open_a_year(page)

    phone = new_page(**ON_A_PHONE, bypass_csp=True)
    sign_in(phone, operator.username, "/isian/tahun-lalu/?tahun=2025")
    expect(phone.get_by_text("kode semula 10.1")).to_be_visible()
    expect(phone.get_by_text("kode semula 9.1")).to_be_visible()
    assert faults(phone) == []
    phone.get_by_role("button", name="Pakai semua di 10.1").click()
    expect(phone.get_by_text("1 pertanyaan dibawa dari tahun lalu")).to_be_visible()
    taken = {
        each.question.code: (each.claim_level, each.note)
        for each in Response.objects.filter(assessment__year=2025).select_related("question")
    }
    assert taken == {"9.1": (None, ""), "10.1": (1, f"Tentang {LKSA}")}
    for narrow in ("/instrumen/versi/", "/instrumen/versi/pemetaan/?dari=uji-1&ke=uji-2"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(narrow)
        assert (narrow, faults(page)) == (narrow, [])
