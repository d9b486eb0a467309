"""A rakor by people in browsers: called, read for, shown from the wall, decided in, closed; an
office answers, and the next one shows it.
"""

import io
from datetime import timedelta
from io import StringIO
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect
from pptx import Presentation

from agencies.models import User
from meetings.models import Digest, Meeting, MeetingRecord, RegionReminders
from tests.meetings.test_reminding import post
from tests.reports.world import World, world

pytestmark = pytest.mark.django_db(transaction=True)

WALL = {"viewport": {"width": 1920, "height": 1080}}


def call(page: Page, name: str, day: str, office: str) -> str:
    page.goto("/rakor/panggil/")
    page.fill("input[name=nama]", name)
    page.fill("input[name=tanggal]", day)
    page.fill("input[name=mulai]", "00:00")
    page.fill("input[name=selesai]", "23:59")
    page.fill("input[name=tempat]", "Aula")
    page.get_by_label(office).check()
    page.click("main button.primary")
    expect(page.locator("h1")).to_have_text(name)
    return page.url


def reminded(found: World, settings: Any) -> str:
    """What is mailed by today's run, over a real mail server, also on a Sunday."""
    RegionReminders.objects.update_or_create(region=found.region, defaults={"weekends": False})
    User.objects.filter(pk=found.users["operator"].pk).update(email="operator@kota.example")
    with post(settings) as box:
        call_command("send_reminders", stdout=StringIO())
    return "".join(mail.get_body(("plain",)).get_content() for _, mail in box.mails)


def shift(days: int) -> None:
    """Meetings so many days later."""
    by = timedelta(days=days)
    Meeting.objects.update(starts_at=F("starts_at") + by, ends_at=F("ends_at") + by)


def write(page: Page, text: str, office: str, due: str) -> None:
    """By the key K, beside what is on the wall."""
    page.keyboard.press("k")
    page.keyboard.type(text)
    page.get_by_label("Perangkat daerah").select_option(label=office)
    page.fill("input[name=tenggat]", due)
    page.click("main button.primary")
    expect(page.locator(".decision").filter(has_text=text)).to_be_visible()


def told_by_pdf(file) -> str:
    pages = pypdfium2.PdfDocument(file)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def told_by_xlsx(file) -> str:
    book = openpyxl.load_workbook(file)
    return str([row for sheet in book for row in sheet.iter_rows(values_only=True)])


def told_by_pptx(file) -> str:
    shapes = [shape for slide in Presentation(file).slides for shape in slide.shapes]
    cells = [cell.text for each in shapes if each.has_table for cell in each.table.iter_cells()]
    return "\n".join([*cells, *(each.text_frame.text for each in shapes if each.has_text_frame)])


def invite(lead, day) -> str:
    """The address of the meeting that was called, its invitation taken along."""
    first = call(lead, "Rakor pertama", day.isoformat(), "Dinas Kesehatan")
    with lead.expect_download() as calendar:
        lead.get_by_role("link", name="Berkas kalender (.ics)").click()
    assert calendar.value.suggested_filename.endswith(".ics")
    with lead.expect_download() as invitation:
        lead.get_by_role("link", name="Unduh PDF").click()
    assert "Rakor pertama" in told_by_pdf(invitation.value.path().read_bytes())
    return first


def read_the_task_sheet(office):
    office.get_by_role("link", name="Rakor pertama").click()
    office.get_by_role("link", name="Lembar tugas Anda").click()
    office.get_by_role("button", name="Kantor kami sudah membaca lembar tugas ini").click()
    expect(office.get_by_text("Sudah dibaca untuk")).to_be_visible()
    with office.expect_download() as sheet:
        office.get_by_role("link", name="Unduh PDF").click()
    assert "Lembar tugas" in told_by_pdf(sheet.value.path().read_bytes())


def present_and_decide(lead, first, due):
    lead.get_by_role("link", name="Tayangkan").click()
    lead.wait_for_url("**/tayang/")
    expect(lead.locator("h1")).to_have_text("Rakor pertama")
    for number in range(2, 7):
        lead.keyboard.press("ArrowRight")
        lead.wait_for_url(f"**slide={number}")
    expect(lead.locator("h1")).to_have_text("1. Indikator 1")
    write(lead, "Lengkapi matriks", "Dinas Kesehatan", due.isoformat())
    lead.keyboard.press("ArrowRight")
    expect(lead.locator("h1")).to_have_text("2. Indikator 2")
    write(lead, "Unggah laporan", "Dinas Kesehatan", due.isoformat())
    write(lead, "Susun anggaran", "Badan Perencanaan", due.isoformat())
    lead.keyboard.press("Escape")
    lead.wait_for_url(first)
    lead.get_by_text("Tutup rakor", exact=True).click()
    lead.get_by_role("button", name="Ya, tutup rakor").click()
    expect(lead.get_by_text("Yang ditunjukkan rakor ini")).to_be_visible()
    assert len(MeetingRecord.objects.get().data["decisions"]) == 3


def take_the_pack(lead, first):
    lead.goto(f"{first}berkas/")
    lead.get_by_role("button", name="Buat berkas").click()
    expect(lead.get_by_role("heading", name="Siap diunduh")).to_be_visible()
    for kind, text in (("PDF", told_by_pdf), ("XLSX", told_by_xlsx), ("PPTX", told_by_pptx)):
        with lead.expect_download() as file:
            lead.get_by_role("link", name=kind, exact=True).click()
        assert "Lengkapi matriks" in text(io.BytesIO(file.value.path().read_bytes())), kind


def say_it_is_done(office):
    office.goto("/tindak-lanjut/")
    expect(office.locator("tbody tr")).to_have_count(2)
    office.get_by_role("link", name="Lengkapi matriks").click()
    office.get_by_label("Apa yang sudah dikerjakan").fill("Matriks sudah lengkap.")
    office.get_by_role("button", name="Kirim jawaban").click()
    expect(office.get_by_text("Dikerjakan · menunggu konfirmasi")).to_be_visible()


def test_a_rakor_from_its_invitation_to_what_the_next_one_sees(new_page, sign_in, settings):
    found = world()
    today = timezone.localdate()
    lead, office = new_page(**WALL), new_page()
    sign_in(lead, found.users["verifikator"].username, "/rakor/")
    first = invite(lead, today)
    shift(1)  # so it is the day before
    assert "Rakor pertama" in reminded(found, settings)
    shift(-1)

    sign_in(office, found.users["operator"].username, "/rakor/")
    read_the_task_sheet(office)
    lead.goto(first)
    expect(lead.get_by_text("sudah dibaca", exact=True)).to_be_visible()
    present_and_decide(lead, first, due=today + timedelta(days=7))
    take_the_pack(lead, first)

    Digest.objects.update(day=today - timedelta(days=1))  # one an office and day: that was then
    assert "Lengkapi matriks" in reminded(found, settings)
    say_it_is_done(office)

    later = today + timedelta(days=14)
    call(lead, "Rakor kedua", later.isoformat(), "Dinas Kesehatan")
    row = lead.get_by_role("row").filter(has_text="Lengkapi matriks")
    expect(row).to_contain_text("Dikerjakan · menunggu konfirmasi")
    row.get_by_role("link").click()
    lead.get_by_role("button", name="Nyatakan selesai").click()
    expect(lead.get_by_text("Selesai", exact=True)).to_be_visible()
