"""A lead on a phone asks a support; the support finds it, gives it, says so; the lead takes it."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.submissions.test_helping import case, of

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}}
WHAT = "Daftar hadir pelatihan Maret"


def test_asked_on_a_phone_given_and_taken_over(new_page, sign_in):
    c = case(gives=False)
    form = reverse("work_form", args=[of(c, c.lead).submission_id])
    lead, helper = new_page(**PHONE), new_page()
    sign_in(lead, c.by.username, form)
    lead.get_by_role("link", name="Minta sesuatu ke pendukung").click()
    lead.get_by_label("Yang diminta").fill(WHAT)
    lead.get_by_label("Paling lambat").fill(timezone.localdate().isoformat())
    lead.get_by_role("button", name="Minta", exact=True).click()
    expect(lead.get_by_text("Diminta dari Dinas Bantu.")).to_be_visible()
    expect(lead.get_by_role("table")).to_contain_text(WHAT)

    sign_in(helper, c.helper.username, "/isian/")
    helper.get_by_role("link", name=WHAT).click()
    helper.get_by_role("link", name="Beri catatan dan data dukung").click()
    expect(helper.get_by_text(f"Dinas Utama meminta: {WHAT}")).to_be_visible()
    helper.get_by_label("Catatan 7.1").fill("Hadir 40 orang.")
    helper.get_by_label("Catatan 7.1").blur()
    expect(helper.locator(".saved")).to_contain_text("Tersimpan")
    helper.get_by_role("link", name=f"Dinas Utama meminta: {WHAT}").click()
    helper.get_by_label("Jawaban Anda").fill("Sudah kami tulis.")
    helper.get_by_role("button", name="Kirim jawaban").click()
    expect(helper.get_by_text("Jawaban Anda sampai ke Dinas Utama.")).to_be_visible()

    lead.goto("/isian/")
    expect(lead.get_by_text("dijawab: Sudah kami tulis.")).to_be_visible()
    lead.get_by_role("link", name=WHAT).click()
    lead.get_by_role("button", name="Ambil semua ke jawaban 7.1").click()
    expect(lead.get_by_text("Diambil dari Dinas Bantu.")).to_be_visible()
    expect(lead.get_by_text("Sudah diambil ke jawaban ini.")).to_be_visible()
    assert "Hadir 40 orang." in of(c, c.lead).note
