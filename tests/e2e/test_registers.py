"""Registers in a browser: typed like a spreadsheet, pasted out of Excel, and without a script."""

import pytest
from playwright.sync_api import expect

from submissions.models import RegisterRow
from tests.factories import (
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_register,
    make_user,
    publish,
)
from tests.submissions.test_registers import COLUMNS, GOOD, THREE, sheet

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/daftar-induk/kegiatan/"


@pytest.fixture
def operator(transactional_db):
    instrument = make_instrument()
    register = make_register(instrument, code="kegiatan", name="Kegiatan", columns=COLUMNS)
    agency = make_agency()
    assign(make_question(make_indicator(instrument), register=register), agency)
    publish(instrument)
    make_assessment(agency.region, instrument)
    return make_user(agency=agency)


def names() -> list[str]:
    return [row.data["nama"] for row in RegisterRow.objects.live().order_by("pk")]


def type_row(page, name, amount):
    """From the first cell on with the keyboard alone; Enter in the last sends it."""
    keys = page.keyboard
    keys.type(name)
    keys.press("Tab")
    keys.type("Rapat")
    keys.press("Tab")
    keys.type("24/11/2023")
    keys.press("Tab")
    keys.type("2023")
    keys.press("Tab")
    keys.type(amount)
    keys.press("Enter")


def test_rows_are_typed_changed_and_taken_out_by_the_keyboard(page, sign_in, operator, expected):
    expected.append("422")
    sign_in(page, operator.username, PATH)
    first = page.locator("#tambah-baris textarea").first
    first.focus()
    type_row(page, "Rapat satu", "Rp 1.250.000")
    expect(page.locator("tr[id^=baris-]")).to_have_count(1)
    expect(first).to_be_focused()
    type_row(page, "Rapat dua", "banyak")
    expect(page.locator("#tambah-baris .errorlist")).to_contain_text("Pagu (Rp): “banyak”")
    wrong = page.locator("#tambah-baris [aria-invalid=true]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("banyak")
    wrong.fill("2000000")
    wrong.press("Enter")
    expect(page.locator("tr[id^=baris-]")).to_have_count(2)
    expect(page.locator("#jumlah")).to_contain_text("3.250.000")
    page.get_by_role("link", name="Ubah Rapat satu").press("Enter")
    cell = page.locator("tr.typing [name=kolom-nama]").first
    expect(cell).to_be_focused()
    cell.fill("Rapat pertama")
    cell.press("Enter")
    expect(page.get_by_role("link", name="Ubah Rapat pertama")).to_be_visible()
    page.get_by_role("button", name="Hapus Rapat dua").press("Enter")
    expect(page.locator("#jumlah")).to_contain_text("1.250.000")
    page.get_by_role("button", name="Pulihkan Rapat dua").press("Enter")
    expect(page.locator("#jumlah")).to_contain_text("3.250.000")
    assert names() == ["Rapat pertama", "Rapat dua"]


def test_a_double_click_on_add_makes_one_row(page, sign_in, operator):
    sign_in(page, operator.username, PATH)
    for column, value in zip(COLUMNS, GOOD, strict=True):
        field = page.locator(f"#tambah-baris [name=kolom-{column['key']}]")
        field.select_option(value) if column["type"] == "choice" else field.fill(value)
    page.get_by_role("button", name="Tambah").dblclick()
    expect(page.locator("tr[id^=baris-]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert names() == [GOOD[0]]


def test_two_hundred_pasted_rows_with_three_bad_ones_are_mended_and_stored_whole(
    new_page, sign_in, operator, faults
):
    page = new_page(bypass_csp=True)
    sign_in(page, operator.username, f"{PATH}tempel/")
    page.fill("textarea[name=isi]", sheet(**THREE))
    page.get_by_role("button", name="Periksa", exact=True).click()
    told = page.locator("section[aria-labelledby=periksa]")
    expect(told).to_contain_text("197 baris benar, 3 baris belum dapat dibaca")
    expect(told.locator("tbody").first.locator("tr")).to_have_count(3)
    expect(told).to_contain_text("Tulis salah satu dari: Rapat; Pelatihan.")
    assert faults(page) == []
    assert names() == []
    mended = page.input_value("textarea[name=isi]")
    for bad, good in (("kemarin", "1/2/2023"), ("banyak", "5000"), ("Pesta", "Rapat")):
        mended = mended.replace(bad, good)
    page.fill("textarea[name=isi]", mended)
    page.get_by_role("button", name="Periksa lagi setelah diperbaiki").click()
    page.get_by_role("button", name="Simpan 200 baris").click()
    page.wait_for_url(f"**{PATH}")
    expect(page.get_by_role("status")).to_contain_text("200 baris ditambahkan.")
    assert len(names()) == 200


def test_everything_can_be_done_without_javascript(new_page, sign_in, operator, expected):
    expected.append("422")
    page = new_page(java_script_enabled=False)
    sign_in(page, operator.username, PATH)
    for column, value in zip(COLUMNS, GOOD, strict=True):
        field = page.locator(f"#tambah-baris [name=kolom-{column['key']}]")
        field.select_option(value) if column["type"] == "choice" else field.fill(value)
    page.get_by_role("button", name="Tambah").click()
    expect(page.get_by_role("status")).to_contain_text("Baris ditambahkan.")
    page.get_by_role("link", name="Ubah Rapat").click()
    page.get_by_label("Nama kegiatan").fill("Rapat baru")
    page.get_by_role("button", name="Simpan").click()
    page.get_by_role("button", name="Hapus Rapat baru").click()
    page.get_by_role("button", name="Pulihkan").click()
    expect(page.locator("tr[id^=baris-]")).to_have_count(1)
    assert names() == ["Rapat baru"]


@pytest.mark.parametrize("width", [390, 1366])
def test_the_table_fits_its_window_and_axe_finds_nothing(
    new_page, sign_in, operator, faults, width
):
    page = new_page(bypass_csp=True, viewport={"width": width, "height": 844})
    sign_in(page, operator.username, PATH)
    assert faults(page) == []
