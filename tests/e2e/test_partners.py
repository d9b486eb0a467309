"""A partner on a phone: what it brought is written down once, put right, and seen to count; the
office counts it, and DP3AP2KB sees it.
"""

import json
from types import SimpleNamespace

import pytest
from django.conf import settings
from playwright.sync_api import expect

from agencies.models import Kind
from agencies.roles import Role
from submissions.models import PARTNERSHIP, RegisterRow
from tests.e2e.case import ON_A_PHONE, as_file, beyond, pdf
from tests.factories import (
    PASSWORD,
    assign,
    make_agency,
    make_assessment,
    make_indicator,
    make_instrument,
    make_question,
    make_region,
    make_register,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db(transaction=True)

FILE = settings.BASE_DIR / "indicators" / "instruments" / "kla-2024.json"
PARTNERS = (
    ("PT Contoh Sejahtera", Kind.DUNIA_USAHA, "Dunia usaha"),
    ("Lembaga Contoh", Kind.LEMBAGA_MASYARAKAT, "Lembaga masyarakat"),
    ("Radio Contoh FM", Kind.MEDIA, "Media"),
    ("Universitas Contoh", Kind.PERGURUAN_TINGGI, "Perguruan tinggi"),
    ("Forum Anak", Kind.KELOMPOK_ANAK, "Forum Anak"),
)


@pytest.fixture
def city(transactional_db):
    """A question that counts partnerships, with the columns that the real instrument has."""
    made = make_instrument()
    columns = json.loads(FILE.read_text())["registers"][PARTNERSHIP]["columns"]
    register = make_register(made, code=PARTNERSHIP, name="Kemitraan", columns=columns)
    question = make_question(
        make_indicator(made, code="3"), "graded", code="3.1", max_points=4, register=register,
        text="Peran dunia usaha dalam pemenuhan hak anak",
    )  # fmt: skip
    region = make_region()
    office = make_agency(region, name="Dinas Pemimpin")
    assign(question, office)
    partners = {name: make_agency(region, name=name, kind=kind) for name, kind, _ in PARTNERS}
    publish(made)
    make_assessment(region, made)
    return SimpleNamespace(
        lead=make_user(agency=office),
        judge=make_user(Role.VERIFIKATOR, region=region),
        people={name: make_user(agency=each) for name, each in partners.items()},
    )


def fill(form, **said: str) -> None:
    """Cells by the keys of their columns."""
    for key, value in said.items():
        cell = form.locator(f"[name=kolom-{key}]")
        if cell.evaluate("each => each.tagName") == "SELECT":
            cell.select_option(value)
        else:
            cell.fill(value)


def test_what_a_partner_brought_from_its_phone_to_the_points_it_counts_for(
    new_page, sign_in, city, expected
):
    expected.append("422")
    name, _, kind = PARTNERS[0]
    phone = new_page(**ON_A_PHONE)
    phone.goto("/")
    phone.fill("input[name=username]", city.people[name].username)
    phone.fill("input[name=password]", PASSWORD)
    phone.get_by_role("button", name="Masuk").click()
    phone.wait_for_url("**/kemitraan/")
    expect(phone.get_by_role("heading", name="Belum ada kemitraan yang dicatat")).to_be_visible()
    assert beyond(phone) == 0

    phone.get_by_role("link", name="Catat kemitraan").click()
    typing = phone.locator("#tambah-baris")
    fill(typing, mitra=name, jenis=kind, peran="Penyandang dana", kegiatan="Beasiswa 40 anak",
         waktu="31/2/2023")  # fmt: skip
    typing.get_by_role("button", name="Tambah").click()
    expect(typing.locator(".errorlist")).to_contain_text("31/2/2023")
    fill(typing, waktu="28/2/2023")
    typing.get_by_role("button", name="Tambah").click()
    row = phone.locator("tr[id^=baris-]")
    expect(row).to_contain_text("Beasiswa 40 anak")
    assert beyond(phone) == 0

    row.get_by_role("link", name="Ubah").click()
    fill(row, kegiatan="Beasiswa 45 anak")
    row.get_by_role("button", name="Simpan").click()
    expect(row).to_contain_text("Beasiswa 45 anak")
    row.get_by_role("link", name="belum ada").click()
    with phone.expect_file_chooser() as chooser:
        phone.get_by_role("button", name="Unggah berkas").click()
    chooser.value.set_files(as_file("Perjanjian beasiswa.pdf", pdf()))
    expect(phone.locator(".proofs")).to_contain_text("Perjanjian beasiswa.pdf")
    assert beyond(phone) == 0

    phone.goto("/kemitraan/")
    expect(phone.get_by_text("0 dari 1", exact=True)).to_be_visible()
    expect(phone.get_by_text("belum dihitung pertanyaan mana pun")).to_be_visible()

    lead = new_page()
    sign_in(lead, city.lead.username, "/kemitraan/")
    lead.get_by_role("link", name="Pilih baris untuk 3.1").click()
    lead.get_by_label("Hitung").check()
    lead.get_by_role("button", name="Simpan pilihan").click()
    expect(lead.get_by_text("1 baris dicentang, 1 di antaranya punya data dukung.")).to_be_visible()

    phone.reload()
    expect(phone.get_by_text("1 dari 1", exact=True)).to_be_visible()
    counted = phone.get_by_role("row").filter(has_text="Beasiswa 45 anak")
    expect(counted).to_contain_text("3.1 Peran dunia usaha dalam pemenuhan hak anak")
    expect(counted).to_contain_text("4,00")
    assert beyond(phone) == 0

    judge = new_page()
    sign_in(judge, city.judge.username, "/kemitraan/")
    seen = judge.get_by_role("row").filter(has_text="Beasiswa 45 anak")
    expect(seen).to_contain_text(name)
    expect(seen).to_contain_text("1 berkas")
    others = ", ".join(sorted(each for each, _, _ in PARTNERS[1:]))
    expect(judge.get_by_text("Belum mencatat kemitraan")).to_contain_text(others)
    assert [each.data["kegiatan"] for each in RegisterRow.objects.all()] == ["Beasiswa 45 anak"]
