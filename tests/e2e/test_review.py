"""The review page in a browser: the keyboard alone, a note that saves itself, evidence in sight."""

import base64
import hashlib

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from submissions.models import Blob, Evidence, EvidenceLink
from tests.submissions.review_case import ACCEPT, RETURN, answers, submitted, verifikator

pytestmark = pytest.mark.django_db(transaction=True)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


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


def test_a_whole_submission_is_judged_by_the_keyboard_alone(page, sign_in):
    submission = submitted(4)
    by = verifikator(submission)
    sign_in(page, by.username, "/verifikasi/")
    page.keyboard.press("j")  # the first of the queue
    page.wait_for_url(f"/verifikasi/{submission.pk}/**")
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
    page.wait_for_url(f"/verifikasi/{submission.pk}/selesai/")
    stored = answers(submission)
    assert [(each.verdict, each.verified_level) for each in stored] == [
        (ACCEPT, 1),
        (ACCEPT, 4),
        (RETURN, None),
        (ACCEPT, 0),
    ]
    assert stored[2].last_review.note == "1 berkas belum jelas, k l j"
    page.keyboard.press("Enter")  # what the office will see is sent; nothing else waits
    page.wait_for_url("/verifikasi/")
    assert answers(submission)[0].submission.state == "dikembalikan"


def test_the_note_saves_itself_and_a_usual_reason_begins_it(page, sign_in):
    submission = submitted()
    by = verifikator(submission)
    sign_in(page, by.username, f"/verifikasi/{submission.pk}/")
    page.select_option("select[name=alasan]", label="Angka tidak cocok dengan data dukung.")
    page.keyboard.type(" Lihat halaman 2.")
    expect(page.locator("#draf")).to_contain_text("Draf tersimpan")
    page.reload()
    note = "Angka tidak cocok dengan data dukung. Lihat halaman 2."
    expect(page.locator("textarea[name=catatan]")).to_have_value(note)
    page.click("[data-return]")
    page.wait_for_url(f"/verifikasi/{submission.pk}/selesai/")
    assert answers(submission)[0].last_review.note == note


def test_the_same_can_be_done_without_javascript(new_page, sign_in):
    submission = submitted()
    by = verifikator(submission)
    page = new_page(java_script_enabled=False)
    sign_in(page, by.username, f"/verifikasi/{submission.pk}/")
    page.select_option("select[name=alasan]", index=1)
    page.click("[data-return]")
    page.wait_for_url(f"/verifikasi/{submission.pk}/selesai/")
    page.click("text=Kembalikan ke perangkat daerah")
    page.wait_for_url("/verifikasi/")
    assert answers(submission)[0].submission.state == "dikembalikan"


@pytest.mark.parametrize("width", [390, 1366])
def test_evidence_stands_in_the_page_and_axe_finds_nothing(new_page, sign_in, faults, width):
    submission = submitted(2, evidence_required=True)
    by = verifikator(submission)
    picture(answers(submission)[0], by)
    page = new_page()
    sign_in(page, by.username, f"/verifikasi/{submission.pk}/")
    shown = page.locator(".review-frame img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 1

    page = new_page(viewport={"width": width, "height": 800}, bypass_csp=True)
    sign_in(page, by.username, "/verifikasi/")
    second = answers(submission)[1].pk
    for path in (
        "/verifikasi/",
        f"/verifikasi/{submission.pk}/",
        f"/verifikasi/{submission.pk}/?jawaban={second}",
        f"/verifikasi/{submission.pk}/selesai/",
        "/verifikasi/tenggat/",
        "/penilaian/buka/",
    ):
        page.goto(path)
        assert (path, faults(page)) == (path, [])
