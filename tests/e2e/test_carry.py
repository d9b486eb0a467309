"""The second year on a phone: an operator starts from last year, confirms, and hands in."""

import pytest
from playwright.sync_api import expect

from submissions.models import Evidence, EvidenceLink, Response
from tests.e2e.case import ON_A_PHONE, pdf, store
from tests.submissions import test_carrying

pytestmark = pytest.mark.django_db(transaction=True)


def two_years():
    """Three questions answered in 2024, one of them doubted; a PDF on each; 2025 is empty."""
    case = test_carrying.case(questions=3)
    for each in test_carrying.answers(case.old, case.office):
        store(each, case.by, f"SK Gugus Tugas {each.question.code}.pdf", pdf("SK"))
    doubted = Response.objects.filter(assessment=case.old).order_by("question__order").last()
    Response.objects.filter(pk=doubted.pk).update(
        verdict="diterima", verified_level=3, verified_share="0.25"
    )
    return case


def test_an_operator_starts_the_year_from_the_last_one_on_a_phone(new_page, sign_in, faults):
    case = two_years()
    phone = new_page(**ON_A_PHONE, bypass_csp=True)
    sign_in(phone, case.by.username, "/isian/")
    phone.get_by_role("link", name="Mulai dari jawaban 2024").click()
    expect(phone.get_by_text("Belum ada yang terjawab dari sini.")).to_be_visible()
    expect(phone.get_by_text("hanya terbukti: Baru mulai")).to_be_visible()
    assert phone.get_by_role("checkbox", checked=True).count() == 0
    assert faults(phone) == []
    phone.get_by_role("link", name="Centang semua yang tidak berubah (2)").click()
    ticked = phone.get_by_role("checkbox", checked=True)
    expect(ticked).to_have_count(8)  # the one that was doubted is for a person to look at
    phone.get_by_label("Sebagian besar “Masih berlaku.”").first.uncheck()
    phone.get_by_role("button", name="Konfirmasi yang dicentang").click()
    expect(phone.get_by_text("2 pertanyaan dibawa dari tahun lalu dan tersimpan.")).to_be_visible()
    first, second, third = test_carrying.answers(case.new, case.office)
    assert [each.claim_level for each in (first, second, third)] == [None, 1, None]
    assert first.links.count() == 2
    phone.get_by_role("button", name=f"Pakai semua di {third.question.code}").click()
    expect(phone.get_by_text("1 pertanyaan dibawa dari tahun lalu")).to_be_visible()
    phone.goto(f"/isian/{first.submission_id}/")
    expect(phone.locator("#kaki")).to_have_text("1 belum dijawab")
    expect(phone.locator(".q-before")).to_have_count(1)
    assert faults(phone) == []
    assert Evidence.objects.count() == 6  # each stored once
    assert EvidenceLink.objects.count() == 12
