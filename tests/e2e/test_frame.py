"""The frame of every page in a browser: legible in both schemes, patient with a lost session."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, sync_playwright

from agencies.roles import Role
from tests import browser as chromium
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield running
        running.close()


def sign_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/masuk/?next=/gaya/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/gaya/")


def send(page: Page) -> None:
    """A small change by htmx, as any page's form makes it; where it lands does not matter here."""
    page.evaluate("htmx.ajax('POST', '/akun/data/', {swap: 'none'}).catch(() => null)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_on_the_style_guide_and_nothing_overflows(
    chrome, live_server, width, scheme
):
    user = make_user(Role.VERIFIKATOR)
    # axe is put into the page by the test, which the page's own policy would refuse.
    context = chrome.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    sign_in(page, live_server.url, user.username)
    found = Axe().run(page).response["violations"]
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert beyond == 0


def test_nothing_on_the_page_is_refused_by_its_policy(chrome, live_server):
    user = make_user(Role.VERIFIKATOR)
    context = chrome.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, live_server.url, user.username)
    page.wait_for_load_state("networkidle")
    context.close()
    assert said == []


def test_after_a_session_ended_one_signs_in_elsewhere_and_goes_on_here(chrome, live_server):
    user = make_user(Role.OPERATOR)
    context = chrome.new_context()
    page = context.new_page()
    sign_in(page, live_server.url, user.username)
    Session.objects.all().delete()
    send(page)
    notice = page.locator("#kabar")
    notice.get_by_text("Sesi Anda berakhir").wait_for()
    assert page.locator("h1").inner_text() == "Gaya"

    other = context.new_page()
    sign_in(other, live_server.url, user.username)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    notice.get_by_text("Anda sudah masuk lagi").wait_for()
    with page.expect_response("**/akun/data/") as answer:
        send(page)
    refused = answer.value.status == 403
    context.close()
    assert not refused


def test_another_person_who_signs_in_does_not_take_over_an_open_page(chrome, live_server):
    first, second = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    context = chrome.new_context()
    page = context.new_page()
    sign_in(page, live_server.url, first.username)
    before = page.get_attribute("body", "hx-headers")
    Session.objects.all().delete()
    send(page)
    page.locator("#kabar").get_by_text("Sesi Anda berakhir").wait_for()
    other = context.new_page()
    sign_in(other, live_server.url, second.username)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.locator("#kabar").get_by_text("Orang lain sekarang masuk").wait_for()
    after = page.get_attribute("body", "hx-headers")
    context.close()
    assert after == before
