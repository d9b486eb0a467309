"""Nothing typed is lost: no network, the lid closed, three tabs, another device, another user."""

import gzip
import sys

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Response as Response_

from agencies.models import User
from submissions.models import Event, Response
from tests.e2e.test_work import end_session, operator, stored, waiting, work
from tests.factories import make_agency

pytestmark = pytest.mark.django_db(transaction=True)

LOST = [
    "ERR_INTERNET_DISCONNECTED",
    "htmx:sendError",
    "htmx:afterRequest",
    "dialog: beforeunload",
    "net::ERR_ABORTED POST",
]
UNSENT = "2 ketikan menunggu dikirim"


@pytest.fixture
def page(phone) -> Page:
    return phone


def write(page: Page, text: str, at: int = 0) -> None:
    card = page.locator("section.q").nth(at)
    if not card.locator("textarea").is_visible():
        card.get_by_text("Catatan", exact=True).click()
    card.locator("textarea").fill(text)


def packed(response: Response_) -> int:
    """What an answer weighs on the way: the server that Django's tests run does not compress."""
    body = response.body() if response.request.method == "GET" else b""
    return len(body) if ".woff2" in response.url else len(gzip.compress(body))


def until_nothing_waits(page: Page) -> None:
    for _ in range(100):
        if waiting(page) == 0:
            return
        page.wait_for_timeout(100)
    pytest.fail("a draft still waits in the browser")


def test_the_network_goes_in_the_middle_of_typing_and_comes_back(page, sign_in, expected):
    expected += LOST
    submission, path = work(2)
    sign_in(page, operator(submission).username, path)
    write(page, "Sebelum.")
    expect(page.locator(".saved").first).to_contain_text("Tersimpan")
    page.context.set_offline(True)
    expect(page.locator("#kabar")).to_contain_text("Jaringan terputus")
    write(page, "Sebelum. Sesudah.")
    page.get_by_label("Sebagian besar").last.check()
    expect(page.locator(".saved").first).to_contain_text("Menunggu jaringan")
    expect(page.locator("#unsent")).to_contain_text("2 perubahan tersimpan di perangkat ini")
    with page.expect_download() as sent:
        page.locator("#ambil").click()
    kept = sent.value.path().read_text()
    assert ("Sebelum. Sesudah." in kept, sent.value.suggested_filename) == (
        True,
        "ketikan-belum-terkirim.txt",
    )
    assert stored(submission) == [(None, "Sebelum."), (None, "")]
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_have_text("")
    expect(page.locator("#kabar")).to_have_text("")
    assert stored(submission) == [(None, "Sebelum. Sesudah."), ({"level": 1}, "")]
    assert waiting(page) == 0


def test_the_lid_is_closed_and_everything_is_there_on_opening_it(page, sign_in, expected):
    expected += LOST
    submission, path = work(2)
    sign_in(page, operator(submission).username, path)
    page.context.set_offline(True)
    write(page, "Ditulis di koridor.")
    page.get_by_label("Baru mulai").last.check()
    expect(page.locator("#unsent")).to_contain_text("2 perubahan")
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    # Another page than the form: what waits is sent from there, by itself.
    again.goto("/isian/")
    expect(again.locator("h1")).to_be_visible()
    until_nothing_waits(again)
    assert stored(submission) == [(None, "Ditulis di koridor."), ({"level": 3}, "")]
    again.goto(path)
    expect(again.locator("textarea").first).to_have_value("Ditulis di koridor.")


def test_what_the_server_has_moved_on_from_is_kept_and_shown(page, sign_in, expected, new_page):
    expected += [*LOST, "409 (Conflict)"]
    submission, path = work()
    sign_in(page, operator(submission, name="Ibu Sari").username, path)
    page.context.set_offline(True)
    write(page, "Dari telepon.")
    expect(page.locator("#unsent")).to_contain_text("1 perubahan")
    context = page.context
    page.close(run_before_unload=False)
    desk = new_page()  # another device, a colleague
    sign_in(desk, operator(submission, name="Pak Budi").username, path)
    write(desk, "Dari meja.")
    expect(desk.locator(".saved")).to_contain_text("Tersimpan")
    context.set_offline(False)
    again = context.new_page()
    again.goto("/isian/")
    panel = again.locator("details.kept")
    expect(panel).to_contain_text("1 ketikan menunggu dikirim")
    panel.locator("summary").click()
    expect(panel).to_contain_text("berbeda dengan versi di server")
    assert stored(submission) == [(None, "Dari meja.")]
    panel.get_by_role("link").first.click()
    clash = again.locator(".clash")
    expect(clash).to_contain_text("Berbeda dengan versi di server: Pak Budi mengubah jawaban ini")
    expect(clash).to_contain_text("Dari meja.")
    expect(clash).to_contain_text("Dari telepon.")
    clash.get_by_role("button", name="gabungkan catatan").click()
    expect(again.locator(".clash")).to_have_count(0)
    assert stored(submission) == [(None, "Dari meja.\nDari telepon.")]
    assert waiting(again) == 0


HELD = "async (name) => (await navigator.locks.query()).held.some((each) => each.name === name)"
HOLD = "(name) => void navigator.locks.request(name, () => new Promise(() => {}))"


def test_what_a_page_left_that_is_not_quite_gone_is_shown_as_soon_as_it_is(page, sign_in, expected):
    """A busy machine ends a page late: until then what it holds is its own, and after it nobody
    waits a minute for it.
    """
    expected += LOST
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    page.context.set_offline(True)
    write(page, "Dari telepon.")
    expect(page.locator("#unsent")).to_contain_text("1 perubahan")
    name = page.evaluate("Object.keys(localStorage).find((each) => each.startsWith('kla:ketik:'))")
    context = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    dying, again = context.new_page(), context.new_page()
    dying.goto("/healthz")
    lock = f"kla:tab:{name.rpartition(':')[2]}"
    dying.evaluate(HOLD, lock)
    again.clock.install()
    again.goto("/isian/")
    expect(again.locator("h1")).to_be_visible()
    assert (waiting(again), stored(submission)) == (1, [(None, "")])
    dying.close()
    while again.evaluate(HELD, lock):
        again.wait_for_timeout(50)
    again.clock.fast_forward(2000)
    until_nothing_waits(again)
    assert stored(submission) == [(None, "Dari telepon.")]


def test_three_tabs_lose_nothing_of_what_each_was_told(page, sign_in, expected):
    expected += [*LOST, "409 (Conflict)"]
    submission, path = work(2)
    user = operator(submission, name="Ibu Sari")
    sign_in(page, user.username, path)
    context = page.context
    second, third = context.new_page(), context.new_page()
    second.goto(path)
    third.goto(path)
    context.set_offline(True)
    write(page, "Satu.")
    write(second, "Dua.")
    write(third, "Tiga.", at=1)
    expect(third.locator("#unsent")).to_contain_text("1 perubahan")
    assert waiting(page) == 3
    second.close(run_before_unload=False)
    third.close(run_before_unload=False)
    context.set_offline(False)
    # The first tab sends its own, then takes up what the closed ones left.
    clash = page.locator(".clash")
    expect(clash).to_contain_text("Ibu Sari mengubah jawaban ini")
    expect(clash).to_contain_text("Satu.")
    expect(clash).to_contain_text("Dua.")
    page.reload()
    expect(page.locator(".saved").last).to_contain_text("Tersimpan")
    expect(page.locator(".clash")).to_contain_text("Dua.")
    assert stored(submission) == [(None, "Satu."), (None, "Tiga.")]


def test_who_is_moved_with_two_tabs_open_keeps_what_was_typed_and_sees_the_new_office(
    page, sign_in, expected
):
    expected += ["404 (Not Found)", "Status Error Code 404", "dialog: beforeunload"]
    submission, path = work()
    user, new = operator(submission), make_agency(submission.agency.region, name="Dinas Tujuan")
    sign_in(page, user.username, path)
    second = page.context.new_page()
    second.goto(path)
    User.objects.filter(pk=user.pk).update(agency=new)
    write(page, "Ditulis sebelum tahu.")
    expect(page.locator("#kabar")).to_contain_text("Yang dituju tidak ada lagi")
    expect(page.locator("textarea")).to_have_value("Ditulis sebelum tahu.")
    assert (waiting(page), stored(submission)) == (1, [(None, "")])
    assert second.reload().status == 404
    page.close(run_before_unload=False)
    second.goto("/isian/")
    expect(second.locator("body")).to_contain_text("Dinas Tujuan")
    panel = second.locator("details.kept")
    expect(panel).to_contain_text("1 ketikan menunggu dikirim")
    panel.locator("summary").click()
    expect(panel).to_contain_text("isian ini tidak ada lagi pada Anda")
    assert (waiting(second), stored(submission)) == (1, [(None, "")])


def test_signing_out_takes_what_waits_away_after_asking(page, sign_in, expected):
    expected += [*LOST, "401 (Unauthorized)", "Status Error Code 401", "dialog: confirm 1 ketikan"]
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    cookies = page.context.cookies()
    end_session(page.context)
    write(page, "Tidak untuk orang lain.")
    expect(page.locator(".saved")).to_contain_text("Belum terkirim")
    assert waiting(page) == 1
    page.context.add_cookies(cookies)
    page.get_by_text("Menu", exact=True).click()
    page.locator("header").get_by_role("button", name="Keluar").last.click()
    page.wait_for_url("**/masuk/**")
    assert waiting(page) == 0
    assert stored(submission) == [(None, "")]


def test_another_account_in_between_neither_sees_nor_sends_it(page, sign_in, expected):
    expected += [*LOST, "403 (Forbidden)", "Status Error Code 403"]
    submission, path = work()
    writer, other = operator(submission), operator(submission)
    sign_in(page, writer.username, path)
    page.context.set_offline(True)
    write(page, "Milik saya.")
    expect(page.locator("#unsent")).to_contain_text("1 perubahan")
    context = page.context
    page.close(run_before_unload=False)
    end_session(context)  # before the network is back: a page that is not quite gone would send
    context.set_offline(False)
    between = context.new_page()
    sign_in(between, other.username, path)
    expect(between.locator("textarea")).to_have_value("")
    between.wait_for_timeout(800)
    assert "Milik saya." not in between.content()
    assert (stored(submission), waiting(between)) == ([(None, "")], 1)
    end_session(context)
    sign_in(between, writer.username, path)
    expect(between.locator("textarea")).to_have_value("Milik saya.")
    expect(between.locator(".saved")).to_contain_text("Tersimpan")
    assert (stored(submission), waiting(between)) == ([(None, "Milik saya.")], 0)
    assert Event.objects.get(verb="answer").by == writer


def test_the_form_is_usable_on_a_slow_phone_and_a_save_loads_no_page(page, sign_in, faults, capsys):
    submission, path = work(12)
    sign_in(page, operator(submission).username, "/isian/")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send(
        "Network.emulateNetworkConditions",
        # Slow 3G, as the browser's own tools name it.
        {
            "offline": False,
            "latency": 400,
            "downloadThroughput": 400 * 1024 / 8,
            "uploadThroughput": 400 * 1024 / 8,
        },
    )
    sizes: dict[str, int] = {}
    page.on("response", lambda each: sizes.update({each.url: packed(each)}))
    page.goto(path, wait_until="domcontentloaded")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    page.get_by_label("Sebagian besar").first.check()
    usable = page.evaluate("performance.now()")
    expect(page.locator(".saved").first).to_contain_text("Tersimpan")
    saved = page.evaluate("performance.now()")
    page.wait_for_load_state("load")
    navigations = page.evaluate("performance.getEntriesByType('navigation').length")
    page.wait_for_load_state("networkidle")
    fonts = sum(size for url, size in sizes.items() if ".woff2" in url)
    total = sum(sizes.values()) - fonts
    with capsys.disabled():
        sys.stdout.write(
            f"\nslow 3G: interactive {ready:.0f} ms, usable {usable:.0f} ms, saved {saved:.0f} ms, "
            f"{total / 1000:.0f} kB and {fonts / 1000:.0f} kB of type\n"
        )
    assert (usable < 5000, total < 100_000, navigations) == (True, True, 1)
    assert stored(submission)[0] == ({"level": 1}, "")
    assert Response.objects.filter(version=1).count() == 1
    assert faults(page) == []
