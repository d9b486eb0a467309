"""What waits to be sent: again by itself, before the script was there, as a file, on a shared
computer, after Back, and on a slow phone.
"""

import sys

import pytest
from playwright.sync_api import Page, Route, expect

from submissions.actions import answering
from submissions.models import Response
from tests.e2e.test_drafts import LOST, until_nothing_waits, write
from tests.e2e.test_work import end_session, operator, stored, work
from tests.submissions.test_answering import NOW, answers

pytestmark = pytest.mark.django_db(transaction=True)

CLOSED = """
Object.defineProperty(Storage.prototype, "setItem", {
  value() { throw new DOMException("full", "QuotaExceededError"); },
});
"""


@pytest.fixture
def page(phone) -> Page:
    return phone


def test_what_a_busy_server_did_not_take_is_sent_again_by_itself(page, sign_in, expected):
    expected += ["503 (Service", "Status Error Code 503"]
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    tries = []

    def busy(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route(f"**{path}{Response.objects.get().pk}/", busy)
    page.get_by_label("Sebagian besar").check()
    expect(page.locator(".saved")).to_contain_text("Belum terkirim; ketikan Anda tersimpan")
    expect(page.locator("#unsent")).to_have_text("1 perubahan belum terkirim")
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    until_nothing_waits(page)
    assert (tries, stored(submission)) == (["POST", "POST"], [({"level": 1}, "")])


def test_what_was_chosen_before_the_script_had_come_is_saved_too(page, sign_in):
    submission, path = work()
    sign_in(page, operator(submission).username, "/isian/")
    held: list[Route] = []
    page.route("**/work*.js", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    page.get_by_label("Sebagian besar").check()
    assert (len(held), stored(submission)) == (1, [(None, "")])
    held[0].continue_()
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    assert stored(submission) == [({"level": 1}, "")]


def test_what_waits_is_taken_out_as_a_file_that_people_can_read(page, sign_in, expected):
    expected += LOST
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    page.context.set_offline(True)
    page.get_by_label("Sebagian besar").check()
    write(page, "Dibahas pada rapat.")
    expect(page.locator("#kabar")).to_contain_text("disimpan di perangkat ini")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Simpan ketikan sebagai berkas").click()
    assert taken.value.suggested_filename == "ketikan-belum-terkirim.txt"
    lines = taken.value.path().read_text("utf-8").splitlines()
    code = submission.responses.get().question.code
    [at] = [n for n, line in enumerate(lines) if line.startswith(f"{code}, diketik ")]
    assert lines[at + 1].startswith("  Jawaban: Sebagian besar")
    assert lines[at + 2] == f"  Catatan {code}: Dibahas pada rapat."
    page.context.set_offline(False)
    until_nothing_waits(page)


def test_a_browser_that_keeps_nothing_says_to_leave_the_page_open(page, sign_in, expected):
    expected += LOST
    submission, path = work()
    page.add_init_script(CLOSED)
    sign_in(page, operator(submission).username, path)
    page.context.set_offline(True)
    page.get_by_label("Sebagian besar").check()
    expect(page.locator("#unsent")).to_contain_text("hanya di halaman ini: jangan ditutup")
    page.context.set_offline(False)
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    assert stored(submission) == [({"level": 1}, "")]


def test_a_page_left_open_is_hidden_from_the_next_account_and_goes_on_with_its_owner(
    page, sign_in, expected
):
    expected += [*LOST, "401 (Unauthorized)", "403 (Forbidden)", "Status Error Code"]
    submission, path = work()
    owner, other = operator(submission), operator(submission)
    sign_in(page, owner.username, path)
    end_session(page.context)
    write(page, "Hanya untuk saya.")
    expect(page.locator(".saved")).to_contain_text("Belum terkirim")
    second = page.context.new_page()
    sign_in(second, other.username, "/isian/")
    expect(page.locator("#kabar")).to_contain_text("Orang lain sekarang masuk")
    expect(page.locator("#isi")).to_be_hidden()
    assert stored(submission) == [(None, "")]
    second.get_by_text("Menu", exact=True).click()
    second.get_by_role("button", name="Keluar").last.click()
    second.wait_for_url("**/masuk/")
    sign_in(second, owner.username, "/isian/")
    expect(page.locator("#isi")).to_be_visible()
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    assert stored(submission) == [(None, "Hanya untuk saya.")]


def test_signing_out_in_one_tab_hides_the_others(page, sign_in):
    submission, path = work()
    user = operator(submission)
    sign_in(page, user.username, path)
    second = page.context.new_page()
    second.goto("/isian/")
    second.get_by_text("Menu", exact=True).click()
    second.get_by_role("button", name="Keluar").last.click()
    second.wait_for_url("**/masuk/")
    expect(page.locator("#kabar")).to_contain_text("Anda sudah keluar di tab lain.")
    expect(page.locator("#isi")).to_be_hidden()


def test_back_shows_what_is_stored_and_sends_nothing_old(page, sign_in):
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    write(page, "Dari saya.")
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    until_nothing_waits(page)
    page.goto("/isian/")
    [response] = answers(submission)
    answering.answer(
        response,
        value=None,
        note="Dari rekan.",
        version=response.version,
        by=operator(submission),
        now=NOW,
    )
    page.go_back()
    expect(page.locator("textarea")).to_have_value("Dari rekan.")
    page.wait_for_timeout(1500)
    assert stored(submission) == [(None, "Dari rekan.")]
    assert Response.objects.get().version == 2


def test_on_slow_3g_the_form_is_there_in_five_seconds_and_a_save_loads_no_page(
    page, sign_in, capsys
):
    submission, path = work(12)
    sign_in(page, operator(submission).username, "/isian/")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        # Slow 3G, as the browser's own tools have it: five times 400 ms, 400 kbit/s.
        {"offline": False, "latency": 2000, "downloadThroughput": 5e4, "uploadThroughput": 5e4},
    )
    page.goto(path, wait_until="commit")
    page.get_by_label("Sebagian besar").first.check()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    usable = max(painted, page.evaluate("performance.now()"))
    page.evaluate("window.samePage = true")
    expect(page.locator(".saved").first).to_contain_text("Tersimpan")
    saved = page.evaluate("performance.now()")
    with capsys.disabled():
        sys.stdout.write(
            f"\nSlow 3G after the list: usable {usable:.0f} ms, saved {saved:.0f} ms\n"
        )
    assert usable < 5000
    assert page.evaluate("window.samePage") is True
    assert stored(submission)[0] == ({"level": 1}, "")
