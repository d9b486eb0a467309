"""Typing into the ministry's form: one click copies a cell, another says that it is typed."""

import pytest
from playwright.sync_api import expect

from submissions.models import EntryTick
from tests.e2e.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_click_copies_and_another_ticks_without_leaving_the_place(new_page, sign_in):
    world = make_world()
    page = new_page(
        viewport={"width": 1366, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    sign_in(page, world.people["verifikator"].username, "/penilaian/2024/entri/")
    row = page.locator(".entry", has=page.locator("[data-copy]")).first
    cell = row.locator("[data-copy]").first
    text = cell.evaluate("place => place.firstChild.textContent")
    cell.get_by_role("button").click()
    expect(page.locator("#tersalin")).to_contain_text("Tersalin")
    assert page.evaluate("navigator.clipboard.readText()") == text
    row.get_by_role("button", name="Sudah dientri").click()
    expect(row.get_by_role("button", name="Batalkan tanda")).to_be_visible()
    expect(row.locator(".ticked")).to_contain_text("Anda")
    assert EntryTick.objects.get().by == world.people["verifikator"]
    row.get_by_role("button", name="Batalkan tanda").click()
    expect(row.get_by_role("button", name="Sudah dientri")).to_be_visible()
    assert EntryTick.objects.count() == 0
