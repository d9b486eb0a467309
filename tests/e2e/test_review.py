"""The review page in a browser: the keyboard alone, a note that saves itself, evidence in sight."""

import base64
import hashlib
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from playwright.sync_api import Browser, Page, expect, sync_playwright

from submissions.models import Blob, Evidence, EvidenceLink
from tests import browser as chromium
from tests.factories import PASSWORD
from tests.submissions.review_case import ACCEPT, RETURN, answers, submitted, verifikator

pytestmark = pytest.mark.django_db(transaction=True)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        yield running
        running.close()


def arrive(page: Page, address: str, user, path: str) -> None:
    page.goto(f"{address}/masuk/?next={path}")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}{path}")


def picture(answer, by) -> Evidence:
    blob = Blob.objects.create(
        sha256=hashlib.sha256(PNG + str(answer.pk).encode()).hexdigest(),
        size=len(PNG),
        content_type="image/png",
        file=ContentFile(PNG, f"uji-{answer.pk}.png"),
    )
    evidence = Evidence.objects.create(
        agency=answer.agency, name="Foto kegiatan.png", blob=blob, created_by=by
    )
    EvidenceLink.objects.create(response=answer, evidence=evidence, added_by=by)
    return evidence


def test_a_whole_submission_is_judged_by_the_keyboard_alone(chrome, live_server):
    submission = submitted(4)
    by = verifikator(submission)
    context = chrome.new_context()
    page = context.new_page()
    arrive(page, live_server.url, by, f"/verifikasi/{submission.pk}/")
    first, second, third, fourth = answers(submission)
    codes = [each.question.code for each in (first, second, third, fourth)]
    current = page.locator(".review-list a[aria-current]")
    expect(current).to_contain_text(codes[0])

    page.keyboard.press("2")
    page.keyboard.press("Enter")  # accepted at the second level, and on to the next
    expect(current).to_contain_text(codes[1])
    page.keyboard.press("l")  # not now
    expect(current).to_contain_text(codes[2])
    page.keyboard.press("k")
    page.keyboard.type("1 berkas belum jelas, k l j")  # typed, not obeyed
    page.keyboard.press("Control+Enter")
    expect(current).to_contain_text(codes[3])
    page.keyboard.press("Enter")  # as claimed
    expect(current).to_contain_text(codes[1])  # what was skipped comes again
    page.keyboard.press("j")
    expect(current).to_contain_text(codes[2])
    page.keyboard.press("ArrowUp")
    expect(current).to_contain_text(codes[1])
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/verifikasi/{submission.pk}/selesai/")
    context.close()
    stored = answers(submission)
    assert [(each.verdict, each.verified_level) for each in stored] == [
        (ACCEPT, 1),
        (ACCEPT, 4),
        (RETURN, None),
        (ACCEPT, 0),
    ]
    assert stored[2].last_review.note == "1 berkas belum jelas, k l j"


def test_the_note_saves_itself_and_a_usual_reason_begins_it(chrome, live_server):
    submission = submitted()
    by = verifikator(submission)
    context = chrome.new_context()
    page = context.new_page()
    arrive(page, live_server.url, by, f"/verifikasi/{submission.pk}/")
    page.select_option("select[name=alasan]", label="Angka tidak cocok dengan data dukung.")
    page.keyboard.type(" Lihat halaman 2.")
    expect(page.locator("#draf")).to_contain_text("Draf tersimpan")
    page.reload()
    note = "Angka tidak cocok dengan data dukung. Lihat halaman 2."
    expect(page.locator("textarea[name=catatan]")).to_have_value(note)
    page.click("[data-return]")
    page.wait_for_url(f"{live_server.url}/verifikasi/{submission.pk}/selesai/")
    context.close()
    assert answers(submission)[0].last_review.note == note


def test_the_same_can_be_done_without_javascript(chrome, live_server):
    submission = submitted()
    by = verifikator(submission)
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    arrive(page, live_server.url, by, f"/verifikasi/{submission.pk}/")
    page.select_option("select[name=alasan]", index=1)
    page.click("[data-return]")
    page.wait_for_url(f"{live_server.url}/verifikasi/{submission.pk}/selesai/")
    page.click("text=Kembalikan ke perangkat daerah")
    page.wait_for_url(f"{live_server.url}/verifikasi/")
    context.close()
    assert answers(submission)[0].submission.state == "dikembalikan"


@pytest.mark.parametrize("width", [390, 1366])
def test_evidence_stands_in_the_page_and_axe_finds_nothing(chrome, live_server, width):
    submission = submitted(2, evidence_required=True)
    by = verifikator(submission)
    picture(answers(submission)[0], by)
    refused = []
    plain = chrome.new_context()
    page = plain.new_page()
    page.on("console", lambda message: refused.append(message.text))
    arrive(page, live_server.url, by, f"/verifikasi/{submission.pk}/")
    shown = page.locator(".review-frame img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 1
    plain.close()
    assert refused == []

    # axe is put into the page by the test, which the page's own policy would refuse.
    context = chrome.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    arrive(page, live_server.url, by, "/verifikasi/")
    second = answers(submission)[1].pk
    for path in (
        "/verifikasi/",
        f"/verifikasi/{submission.pk}/",
        f"/verifikasi/{submission.pk}/?jawaban={second}",
        f"/verifikasi/{submission.pk}/selesai/",
        "/verifikasi/tenggat/",
        "/penilaian/buka/",
    ):
        page.goto(f"{live_server.url}{path}")
        found = Axe().run(page).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    context.close()
