"""The frame of every page in a browser: legible in both schemes, patient with a lost session."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page

from agencies.roles import Role
from tests.factories import make_agency, make_region, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def send(page: Page) -> None:
    """A small change by htmx, as any page's form makes it; where it lands does not matter here."""
    page.evaluate("htmx.ajax('POST', '/akun/data/', {swap: 'none'}).catch(() => null)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_on_the_style_guide_and_nothing_overflows(
    new_page, sign_in, faults, width, scheme
):
    user = make_user(Role.VERIFIKATOR)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    sign_in(page, user.username, "/gaya/")
    assert faults(page) == []


@pytest.mark.parametrize("width", [1220, 1280, 1366])
def test_the_places_of_the_top_bar_and_the_name_of_the_office_do_not_meet(new_page, sign_in, width):
    region = make_region(name="Kota Contoh Bernama Panjang")
    agency = make_agency(region, name="Dinas Perumahan dan Kawasan Permukiman")
    user = make_user(Role.VERIFIKATOR, agency=agency)
    page = new_page(viewport={"width": width, "height": 900})
    sign_in(page, user.username, "/gaya/")
    last = page.locator(".top-in > nav a").last.bounding_box()
    who = page.locator(".top-in > .who").bounding_box()
    leave = page.locator(".top-in > .who button").bounding_box()
    assert last["x"] + last["width"] <= who["x"]
    assert leave["x"] + leave["width"] <= width
    assert page.locator(".top").bounding_box()["height"] <= 72


def test_nothing_on_the_page_is_refused_by_its_policy(page, sign_in):
    """What its teardown sees: no console error, no failed request."""
    user = make_user(Role.VERIFIKATOR)
    sign_in(page, user.username, "/gaya/")
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").inner_text() == "Gaya"


def test_after_a_session_ended_one_signs_in_elsewhere_and_goes_on_here(page, sign_in, expected):
    user = make_user(Role.OPERATOR)
    sign_in(page, user.username, "/gaya/")
    Session.objects.all().delete()
    expected += ["401 (Unauthorized)", "Status Error Code 401", "422 (Unprocessable"]
    send(page)
    notice = page.locator("#kabar")
    notice.get_by_text("Sesi Anda berakhir").wait_for()
    assert page.locator("h1").inner_text() == "Gaya"

    sign_in(page.context.new_page(), user.username, "/gaya/")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    notice.get_by_text("Anda sudah masuk lagi").wait_for()
    with page.expect_response("**/akun/data/") as answer:
        send(page)
    assert answer.value.status == 422  # nothing was typed, but it was let in


def test_another_person_who_signs_in_does_not_take_over_an_open_page(page, sign_in, expected):
    first, second = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    sign_in(page, first.username, "/gaya/")
    before = page.get_attribute("body", "hx-headers")
    Session.objects.all().delete()
    expected += ["401 (Unauthorized)", "Status Error Code 401"]
    send(page)
    page.locator("#kabar").get_by_text("Sesi Anda berakhir").wait_for()
    sign_in(page.context.new_page(), second.username, "/gaya/")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.locator("#kabar").get_by_text("Orang lain sekarang masuk").wait_for()
    assert page.get_attribute("body", "hx-headers") == before
