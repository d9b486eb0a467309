"""The page of reminders, by the verifikator in a browser: quiet days and kinds, the text to pass on
by hand, and a mail of unknown fate that goes out once more.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.actions import reminding
from meetings.models import Delivery, RegionReminders
from meetings.tasks import send_reminders
from submissions.models import Submission
from submissions.workflow import State
from tests.meetings.test_reminding import post
from tests.reports.world import world

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_wanted_is_set_and_what_may_be_lost_goes_out_once_more(
    new_page, sign_in, settings, expected
):
    expected += ["422 (Unprocessable"]
    found = world()
    RegionReminders.objects.create(region=found.region, weekends=False)
    Submission.objects.filter(state=State.DRAFT).update(due_on=timezone.localdate())
    now = timezone.now()
    with post(settings) as box:
        reminding.prepare(found.region, now=now, mail=True)
        taken = reminding.to_send(found.region, now=now)
        reminding.take(taken[0], now=now - timedelta(hours=1))
        reminding.prepare(found.region, now=now, mail=True)
        send_reminders(found.region)
        before = len(box.mails)
        lost = Delivery.objects.get(state="ragu")

        page = new_page()
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, found.users["verifikator"].username, "/pengingat/")
        page.get_by_role("button", name=f"Kirim lagi kepada {lost.user}").click()
        expect(page.get_by_text(f"Surel kepada {lost.user} dikirim lagi.")).to_be_visible()
        expect(page.get_by_role("button", name="Kirim lagi")).to_have_count(0)
        assert len(box.mails) == before + 1

    digest = page.locator(".digest").first
    digest.get_by_role("button", name="Salin").click()
    expect(page.locator("#tersalin")).not_to_be_empty()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Yth. ")
    href = digest.get_by_role("link", name="Buka di WhatsApp").get_attribute("href")
    assert href.startswith("https://wa.me/?text=Yth.")

    page.get_by_label("diterima", exact=False).first.uncheck()
    page.fill("textarea[name=libur]", "17 agustus")
    page.get_by_role("button", name="Simpan pengaturan").click()
    expect(page.locator("textarea[name=libur]")).to_have_value("17 agustus")
    page.fill("textarea[name=libur]", "2099-08-17")
    page.get_by_role("button", name="Simpan pengaturan").click()
    expect(page.get_by_text("Pengaturan pengingat disimpan")).to_be_visible()
    wishes = RegionReminders.objects.get()
    assert (wishes.holidays, len(wishes.off)) == (["2099-08-17"], 1)
