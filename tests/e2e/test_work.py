"""The form in a browser: saves by itself, loses nothing typed, sends files with progress."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from agencies.roles import Role
from submissions.models import EvidenceLink, Response, Submission
from submissions.workflow import State
from tests.factories import make_user, make_work
from tests.submissions.test_uploads import PDF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(new_page) -> Page:
    """As wide as a phone."""
    return new_page(viewport={"width": 390, "height": 844})


def operator(submission, **changes):
    return make_user(Role.OPERATOR, agency=submission.agency, **changes)


def work(questions=1, mode="choice", **question):
    submission = make_work(questions, mode, **question)
    return submission, f"/isian/{submission.pk}/"


def stored(submission) -> list[tuple[object, str]]:
    answers = submission.responses.order_by("question__order")
    return [(each.value, each.note) for each in answers]


def test_an_answer_saves_by_itself_while_one_goes_on_typing(page, sign_in, faults):
    submission, path = work(2, "threshold", evidence_required=True)
    sign_in(page, operator(submission).username, path)
    card = page.locator("section.q").first
    card.get_by_label("Jumlah yang memenuhi").fill("12")
    card.get_by_label("dari jumlah seluruhnya").fill("15")
    expect(card.locator(".q-claim")).to_contain_text("12 dari 15 (80,00")
    expect(card.locator(".q-claim")).to_contain_text("Klaim 7,50 poin")
    expect(card.locator(".saved")).to_contain_text("WIB")
    expect(page.locator("#total")).to_contain_text("7,50 diklaim dari 20")
    expect(page.locator("#kaki")).to_have_text("1 belum dijawab, 1 tanpa data dukung")
    card.get_by_text("Catatan", exact=True).click()
    note = card.get_by_label("Catatan")
    note.press_sequentially("Sumber: dinas.", delay=15)
    expect(page.locator("#unsent")).to_have_text("")
    assert page.evaluate("document.activeElement.name") == "catatan"
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('kla:'))") == []
    value = {"numerator": "12", "denominator": "15"}
    expect(card.locator("[name=versi]")).not_to_have_value("0")
    assert stored(submission) == [(value, "Sumber: dinas."), (None, "")]
    assert faults(page) == []


def test_what_is_typed_is_saved_before_one_goes_on_to_hand_in(page, sign_in, faults, expected):
    # The same change may be on its way a second time when the first has arrived.
    expected += ["net::ERR_ABORTED POST"]
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    page.locator("section.q").get_by_label("Sebagian besar").check()
    page.get_by_text("Catatan", exact=True).click()
    page.locator("textarea").fill("Sampai akhir.")
    page.locator("#ajukan").click()
    page.wait_for_url(f"{path}ajukan/")
    assert stored(submission) == [({"level": 1}, "Sampai akhir.")]
    assert faults(page) == []
    page.get_by_role("button", name="Ajukan").click()
    expect(page.get_by_text("Sekarang giliran verifikator memeriksa.").first).to_be_visible()
    assert Submission.objects.get().state == State.SUBMITTED


def test_two_tabs_on_one_answer_see_each_other(page, sign_in, faults, expected):
    expected += ["409 (Conflict)"]
    submission, path = work()
    user = operator(submission, name="Ibu Sari")
    first, second = page, page.context.new_page()
    sign_in(first, user.username, path)
    second.goto(f"{path}")
    second.get_by_label("Sebagian besar").check()
    expect(second.locator(".saved")).to_contain_text("Tersimpan")
    first.get_by_label("Baru mulai").check()
    clash = first.locator(".clash")
    expect(clash).to_contain_text("Ibu Sari mengubah jawaban ini")
    assert faults(first) == []
    assert stored(submission) == [({"level": 1}, "")]
    clash.get_by_role("button", name="Pakai milik saya").click()
    expect(first.locator(".clash")).to_have_count(0)
    assert stored(submission) == [({"level": 3}, "")]
    second.get_by_label("Belum ada").check()
    second.get_by_role("link", name="Pakai milik Ibu Sari").click()
    expect(second.get_by_label("Baru mulai")).to_be_checked()
    assert stored(submission) == [({"level": 3}, "")]
    assert second.evaluate("Object.keys(localStorage).filter(k => k.startsWith('kla:'))") == []


def waiting(page: Page) -> int:
    """How many drafts this browser holds, of whoever."""
    return page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('kla:')).length")


def end_session(context: BrowserContext) -> None:
    kept = [each for each in context.cookies() if "sesi" not in each["name"]]
    context.clear_cookies()
    context.add_cookies(kept)


@pytest.mark.parametrize("same", [True, False])
def test_what_was_typed_after_the_session_ended_goes_with_the_same_person_and_no_other(
    page, sign_in, faults, expected, same
):
    expected += ["401 (Unauthorized)", "Status Error Code 401", "dialog: beforeunload"]
    submission, path = work()
    writer, other = operator(submission), operator(submission)
    sign_in(page, (writer).username, path)
    end_session(page.context)
    page.get_by_text("Catatan", exact=True).click()
    page.locator("textarea").fill("Ditulis terlambat.")
    page.locator("textarea").blur()
    expect(page.locator(".saved")).to_contain_text("Belum terkirim")
    assert stored(submission) == [(None, "")]
    sign_in(page, (writer if same else other).username, path)
    if not same:
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(".kept")).to_have_count(0)
        assert "Ditulis terlambat." not in page.content()
        assert stored(submission) == [(None, "")]
        return
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    expect(page.locator("textarea")).to_have_value("Ditulis terlambat.")
    assert faults(page) == []
    assert stored(submission) == [(None, "Ditulis terlambat.")]
    assert waiting(page) == 0


def test_what_is_typed_without_a_network_goes_when_it_is_back(page, sign_in, expected):
    expected += ["ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest"]
    submission, path = work()
    sign_in(page, operator(submission).username, path)
    page.context.set_offline(True)
    page.get_by_label("Sebagian besar").check()
    expect(page.locator("#unsent")).to_contain_text(
        "Menunggu jaringan, 1 perubahan tersimpan di perangkat ini"
    )
    assert stored(submission) == [(None, "")]
    page.context.set_offline(False)
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    expect(page.locator("#unsent")).to_have_text("")
    assert stored(submission) == [({"level": 1}, "")]


def test_files_are_sent_from_the_card_and_each_refusal_stands_by_itself(
    page, sign_in, faults, expected, settings, tmp_path
):
    expected += ["422 (Unprocessable", "dialog: confirm Lepas SK.pdf"]
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "SK.pdf").write_bytes(PDF)
    (tmp_path / "alat.pdf").write_bytes(b"MZ")
    (tmp_path / "lama.doc").write_bytes(b"x")
    submission, path = work(evidence_required=True)
    sign_in(page, operator(submission).username, path)
    page.get_by_label("Lengkap dan berjalan").check()
    expect(page.locator("#kaki")).to_have_text("1 tanpa data dukung")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Unggah berkas").click()
    chooser.value.set_files([tmp_path / name for name in ("SK.pdf", "alat.pdf", "lama.doc")])
    expect(page.locator(".proofs")).to_contain_text("SK.pdf")
    expect(page.locator(".uploads")).to_contain_text("alat.pdf tidak diterima. Isinya bukan PDF")
    expect(page.locator(".uploads")).to_contain_text("lama.doc tidak diterima.")
    expect(page.locator("#kaki")).to_have_text("Lengkap, siap diajukan")
    assert faults(page) == []
    assert EvidenceLink.objects.count() == 1
    page.get_by_role("button", name="Lepas SK.pdf").click()
    expect(page.locator(".proofs .file")).to_have_count(0)
    expect(page.locator("#kaki")).to_have_text("1 tanpa data dukung")
    assert EvidenceLink.objects.count() == 0


def test_a_reply_that_is_late_takes_no_file_from_the_list(
    page, sign_in, expected, settings, tmp_path
):
    """Two files are under way at once; the server looked at the bad one first, and its reply came
    last, with a list of before.
    """
    expected += ["422 (Unprocessable"]
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "SK.pdf").write_bytes(PDF)
    (tmp_path / "alat.pdf").write_bytes(b"MZ")
    submission, path = work(evidence_required=True)
    sign_in(page, operator(submission).username, path)
    held = {}

    def hold(route):
        if route.request.method == "POST":
            held["alat.pdf" if b"alat.pdf" in route.request.post_data_buffer else "SK.pdf"] = route
        else:
            route.continue_()

    page.route("**/data-dukung/", hold)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Unggah berkas").click()
    chooser.value.set_files([tmp_path / name for name in ("SK.pdf", "alat.pdf")])
    while len(held) < 2:
        page.wait_for_timeout(20)
    late = held["alat.pdf"].fetch()
    held["SK.pdf"].continue_()
    expect(page.locator(".proofs")).to_contain_text("SK.pdf")
    held["alat.pdf"].fulfill(response=late)
    expect(page.get_by_text("alat.pdf tidak diterima")).to_be_visible()
    expect(page.locator(".proofs")).to_contain_text("SK.pdf")


def test_the_form_works_without_a_script(new_page, sign_in):
    submission, path = work()
    page = new_page(java_script_enabled=False)
    sign_in(page, operator(submission).username, path)
    page.get_by_label("Sebagian besar").check()
    page.get_by_role("button", name="Simpan").click()
    page.wait_for_url(f"{path}#q-*")
    assert stored(submission) == [({"level": 1}, "")]
    page.get_by_role("button", name="Unggah berkas").click()
    expect(page.get_by_role("heading", name="Unggah berkas")).to_be_visible()
    page.get_by_label("Alamat tautan").fill("https://contoh.example/sk")
    page.get_by_role("button", name="Simpan tautan").click()
    expect(page.get_by_role("heading", name="Terlampir (1)")).to_be_visible()
    assert Response.objects.get().version == 1
