"""An office downloads its workbook in the browser, fills it in LibreOffice, and sends it back: it
survives a program that no one here wrote.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from indicators.actions import read_instrument
from indicators.resources.instrument import read_workbook, write_workbook
from submissions.actions import answering
from submissions.models import Response
from tests import office
from tests.e2e.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "Sesuai =1+1, 007 &amp; “kutip”"


def filled_in(workbook: bytes, before: str, after: str) -> bytes:
    """Opened and saved as LibreOffice's own kind, changed there, opened and saved as XLSX."""
    own = office.convert(workbook, "xlsx", "fods").decode()
    assert before in own
    return office.convert(own.replace(before, after).encode(), "fods", "xlsx")


def test_a_workbook_filled_in_with_libreoffice_comes_in(new_page, sign_in, tmp_path, expected):
    world = make_world()
    draft = world.submissions["draf"]
    response = draft.responses.exclude(note="").order_by("question__order").first()
    page = new_page(viewport={"width": 1366, "height": 900}, accept_downloads=True)
    sign_in(page, world.people["own"].username, "/isian/impor/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh buku kerja (XLSX)").click()
    given = download.value.path().read_bytes()

    same = tmp_path / "sama.xlsx"
    same.write_bytes(office.convert(given, "xlsx", "xlsx"))
    page.get_by_label("Buku kerja yang sudah diisi").set_input_files(same)
    page.get_by_role("button", name="Periksa buku kerja").click()
    expect(page.get_by_text("Buku kerja sama dengan yang tersimpan")).to_be_visible()

    changed = tmp_path / "diisi.xlsx"
    changed.write_bytes(filled_in(given, response.note, NOTE))
    page.get_by_label("Buku kerja yang sudah diisi").set_input_files(changed)
    expected += ["422 (Unprocessable"]  # notes of what was handed in already are refused
    page.get_by_role("button", name="Periksa buku kerja").click()
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("jawaban disimpan dari buku kerja")).to_be_visible()
    stored = answering.for_answering(Response.objects.all()).get(pk=response.pk)
    assert stored.note == NOTE.replace("&amp;", "&")
    assert stored.value == response.value


def test_an_instrument_saved_by_libreoffice_is_the_same_instrument():
    data = read_instrument(Path("indicators/instruments/kla-2024.json").read_bytes())
    assert read_workbook(office.convert(write_workbook(data), "xlsx", "xlsx")) == data
