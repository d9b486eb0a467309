"""Being there: the code is read off the wall, one signs in on a phone and confirms; the secretariat
writes down another, and the wall and the record know both.
"""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from meetings.models import Attendance, MeetingRecord
from tests.e2e.case import ON_A_PHONE, beyond
from tests.e2e.test_rakor import call
from tests.factories import PASSWORD, make_user
from tests.reports.world import world

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_code_on_the_wall_to_the_record(new_page, sign_in):
    found = world()
    lead, phone = new_page(viewport={"width": 1920, "height": 1080}), new_page(**ON_A_PHONE)
    sign_in(lead, found.users["verifikator"].username, "/rakor/")
    meeting = call(lead, "Rakor hadir", timezone.localdate().isoformat(), "Dinas Kesehatan")
    lead.get_by_role("link", name="Tampilkan kode QR").click()
    wall = lead.url
    expect(lead.get_by_text("Belum hadir (4):")).to_be_visible()
    code = re.sub(r"\s", "", lead.locator(".code").inner_text())
    assert beyond(lead) == 0

    # The phone opens what the QR code says, without a session.
    phone.goto(f"{wall.removesuffix('layar/')}?kode={code}")
    phone.fill("input[name=username]", found.users["operator"].username)
    phone.fill("input[name=password]", PASSWORD)
    phone.get_by_role("button", name="Masuk").click()
    expect(phone.get_by_role("heading", name="Saya hadir")).to_be_visible()
    assert Attendance.objects.count() == 0
    phone.get_by_role("button", name="Saya hadir").click()
    expect(phone.get_by_text("Anda tercatat hadir", exact=True)).to_be_visible()
    assert beyond(phone) == 0
    expect(lead.get_by_text("Belum hadir (3):")).to_be_visible()  # the wall looks by itself

    lead.get_by_role("link", name="Keluar").click()
    lead.get_by_label("Nama yang hadir dari Badan Perencanaan").fill("Ibu Sri")
    lead.get_by_role("button", name="Catat yang hadir").click()
    expect(lead.get_by_text("kantor yang diundang belum tercatat hadir")).to_contain_text(
        "2 dari 4"
    )
    lead.goto(meeting)
    lead.get_by_text("Tutup rakor", exact=True).click()
    lead.get_by_role("button", name="Ya, tutup rakor").click()
    expect(lead.get_by_text("2 dari 4")).to_be_visible()
    kept = MeetingRecord.objects.get().data["attendance"]
    assert [(each["agency"], each["how"]) for each in kept] == [
        ("Badan Perencanaan", "dicatat"), ("Dinas Kesehatan", "kode")
    ]  # fmt: skip


def test_two_come_one_of_them_twice_and_a_third_after_closing(new_page, sign_in):
    found = world()
    colleague, late = make_user(agency=found.dinas), make_user(agency=found.badan)
    lead = new_page(viewport={"width": 1920, "height": 1080})
    sign_in(lead, found.users["verifikator"].username, "/rakor/")
    meeting = call(lead, "Rakor ramai", timezone.localdate().isoformat(), "Dinas Kesehatan")
    lead.get_by_role("link", name="Tampilkan kode QR").click()
    wall = lead.url
    code = re.sub(r"\s", "", lead.locator(".code").inner_text())
    scanned = f"{wall.removesuffix('layar/')}?kode={code}"

    def arrive(who):
        """One who has scanned the code and signed in."""
        phone = new_page(**ON_A_PHONE)
        sign_in(phone, who.username)
        phone.goto(scanned)
        return phone

    operator = found.users["operator"]
    phone = arrive(operator)
    other = arrive(operator)  # the same person has a second device, and both show the button
    phone.get_by_role("button", name="Saya hadir").dblclick()
    expect(phone.get_by_text("Anda tercatat hadir", exact=True)).to_be_visible()
    other.get_by_role("button", name="Saya hadir").click()
    expect(other.get_by_text("Anda tercatat hadir", exact=True)).to_be_visible()
    other.goto(scanned)
    expect(other.get_by_role("button", name="Saya hadir")).to_have_count(0)
    arrive(colleague).get_by_role("button", name="Saya hadir").click()
    too_late = arrive(late)
    expect(lead.locator(".big")).to_have_text("1 / 4 kantor · 2 orang")
    expect(lead.locator(".missing")).not_to_contain_text("Dinas Kesehatan")

    desk = lead.context.new_page()  # the wall stays; the meeting is closed in another tab
    desk.goto(meeting)
    desk.get_by_text("Tutup rakor", exact=True).click()
    desk.get_by_role("button", name="Ya, tutup rakor").click()
    expect(desk.get_by_text("1 dari 4")).to_be_visible()
    too_late.get_by_role("button", name="Saya hadir").click()
    expect(too_late.get_by_role("status")).to_contain_text("sudah ditutup. Hubungi sekretariat")
    expect(too_late.get_by_role("heading", name="Daftar hadir sudah ditutup")).to_be_visible()
    expect(lead.get_by_text("Daftar hadir rakor ini sudah ditutup.")).to_be_visible()
    expect(lead.locator(".code, .qr")).to_have_count(0)
    assert Attendance.objects.count() == len(MeetingRecord.objects.get().data["attendance"]) == 2
