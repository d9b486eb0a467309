"""The simulation in a browser: a tick shows at once what it would make, without a button."""

import re

import pytest
from playwright.sync_api import Page, expect

from submissions.models import Scenario
from tests.e2e.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_tick_moves_the_total_at_once_and_a_scenario_is_kept(page: Page, sign_in):
    world = make_world()
    sign_in(page, world.people["pimpinan"].username, "/simulasi/2024/")
    result = page.locator("#hasil")
    expect(result).to_contain_text("Belum ada yang dicentang")
    before = result.locator(".big dd").inner_text()
    page.get_by_label("1.1", exact=True).check()
    expect(result).to_contain_text("+10,00")
    assert result.locator(".big dd").inner_text() != before
    expect(page.locator("#kaki")).to_contain_text("1 pertanyaan")
    expect(page).to_have_url(re.compile(r"p=1(&|$)"))
    page.get_by_label("Paling lambat, Dinas Uji").fill("2099-01-15")
    expect(result).to_contain_text("Selesai 15 Januari 2099")
    page.get_by_label("Simpan sebagai").fill("Satu pertanyaan")
    page.get_by_role("button", name="Simpan skenario").click()
    expect(page.get_by_text("Skenario disimpan")).to_be_visible()
    stored = Scenario.objects.get()
    agency = world.agency.code
    assert (stored.picks, stored.dates) == (["1.1"], {agency: "2099-01-15"})


def test_without_scripts_the_button_does_the_same(new_page, sign_in):
    world = make_world()
    page = new_page(java_script_enabled=False)
    sign_in(page, world.people["verifikator"].username, "/simulasi/2024/")
    page.get_by_label("1.1", exact=True).check()
    page.get_by_role("button", name="Hitung").click()
    expect(page.locator("#hasil")).to_contain_text("+10,00")
    expect(page.get_by_label("1.1", exact=True)).to_be_checked()
