"""Text that wants to be a script, files that want to be pages, and people who press twice."""

import pytest
from django.contrib.sessions.models import Session
from django.core.signals import request_started
from playwright.sync_api import Page, expect

from submissions.models import Assessment, Event, EvidenceLink, Response, Review, Verb
from submissions.workflow import State
from tests.e2e.case import as_file, pdf, store
from tests.e2e.world import make_world, places
from tests.factories import first_response, make_user, make_work
from tests.submissions.review_case import answers, submitted, verifikator

pytestmark = pytest.mark.django_db(transaction=True)

BAD = '"><svg onload=alert(1)>{{7*7777}} javascript:alert(1)'
HANDLERS = "[onload], [onerror], [onclick], [onfocus], [href^='javascript:' i]"

# For one who is not signed in: it holds no text of anybody.
STRANGERS = ("/sandi/",)


def hostile(text: str) -> str:
    return f"{BAD} {text}"


def operator(submission, **changes):
    return make_user(agency=submission.agency, **changes)


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewer", ["own", "helper", "area", "verifikator", "pimpinan", "admin"])
def test_no_text_of_anybody_becomes_a_script_on_any_page(new_page, sign_in, viewer):
    """A dialog, an error or a refusal of the policy fails it by itself."""
    world = make_world(hostile)
    page = new_page()
    sign_in(page, world.people[viewer].username, "/akun/")
    wrong, silent = [], []
    paths = places(world, viewer)
    for path in paths:
        answer = page.goto(path)
        text = page.content()
        if "{{7*7777}}" not in text:
            silent.append(path)
        if answer.status >= 500 or "54439" in text or page.locator(HANDLERS).count():
            wrong.append((path, answer.status))
    assert wrong == []
    assert [path for path in silent if path not in STRANGERS] == []


def test_a_search_for_a_script_is_shown_as_text(page, sign_in):
    submission = make_work()
    sign_in(page, verifikator(submission).username, "/akun/")
    for path in ("/instrumen/?q=", "/verifikasi/?kata=", "/perangkat-daerah/?q="):
        page.goto(path + BAD)
        assert page.locator(HANDLERS).count() == 0
        assert "54439" not in page.content()


# --- files ---------------------------------------------------------------------------------------

POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
SCRIPT = b"<html><script>alert(1);fetch('/akun/')</script><svg onload=alert(1)></html>"


def opened(page: Page, path: str) -> dict[str, str]:
    """Open a stored file in the tab, give whatever is in it the time to run, and tell its headers
    (asked for outside of the tab, where Chromium's reader puts its own in their place).
    """
    page.evaluate("path => { location.href = path }", path)
    page.wait_for_timeout(1000)
    return page.request.get(path).headers


def send_and_open(page: Page, content: bytes) -> tuple[str, dict[str, str]]:
    """From the operator's card, as anybody sends it."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Unggah berkas").click()
    chooser.value.set_files([as_file("SK.pdf", content)])
    link = page.get_by_role("link", name="SK.pdf", exact=True)
    expect(link).to_be_visible()
    path = link.get_attribute("href")
    return path, opened(page, path)


def test_a_page_inside_a_pdf_does_not_run(page, sign_in):
    submission = make_work(evidence_required=True)
    sign_in(page, operator(submission).username, f"/isian/{submission.pk}/")
    _, headers = send_and_open(page, pdf(before=SCRIPT + b"\n"))
    assert headers["content-type"] == "application/pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == POLICY


def test_a_script_of_a_pdf_for_its_reader_reaches_nothing_of_ours(
    page, sign_in, expected, live_server
):
    """Chromium's reader runs it in a place of its own: it may say a sentence, and no more."""
    expected += ["dialog: alert 1"]
    submission = make_work(evidence_required=True)
    sign_in(page, operator(submission).username, f"/isian/{submission.pk}/")
    aim = f"{live_server.url}/akun/".encode()
    script = rb"this.submitForm\('%s'\); app.launchURL\('%s'\); app.alert\(1\)" % (aim, aim)
    asked: list[str] = []

    def listen(environ, **_) -> None:
        asked.append(environ["PATH_INFO"])

    request_started.connect(listen)
    try:
        path, _ = send_and_open(page, pdf(script=script))
    finally:
        request_started.disconnect(listen)
    after = asked[asked.index(path) :]
    assert set(after) - {"/favicon.ico"} == {path}


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "text/xml", "application/xhtml+xml"]
)
def test_a_page_that_got_in_as_a_file_is_saved_and_not_shown(page, sign_in, kind):
    submission = make_work()
    by = operator(submission)
    evidence = store(first_response(submission), by, "SK.pdf", SCRIPT, kind)
    sign_in(page, by.username, "/akun/")
    with page.expect_download() as download:
        page.evaluate("path => { location.href = path }", f"/data-dukung/{evidence.pk}/")
    assert download.value.suggested_filename.startswith("SK.pdf")
    assert page.url.endswith("/akun/")


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "application/pdf"])
def test_a_page_that_got_in_as_another_kind_runs_nothing(page, sign_in, expected, kind):
    # The policy refuses also the style by which Chromium centres a picture.
    expected += ["default-src 'none'", "Blocked script execution"]
    submission = make_work()
    by = operator(submission)
    evidence = store(first_response(submission), by, "SK", SCRIPT, kind)
    sign_in(page, by.username, "/akun/")
    headers = opened(page, f"/data-dukung/{evidence.pk}/")
    assert headers["content-type"] == kind
    assert headers["content-security-policy"] == POLICY
    assert page.locator("script, svg").count() == 0


# --- a session that ends, and what stays in the browser ------------------------------------------


@pytest.mark.parametrize("same", [True, False])
def test_what_is_typed_when_the_session_is_gone_waits_for_its_writer_only(
    page, sign_in, expected, same
):
    expected += ["401 (Unauthorized)", "Response Status Error Code 401", "beforeunload"]
    submission = make_work()
    path = f"/isian/{submission.pk}/"
    writer, colleague = operator(submission), operator(submission)
    sign_in(page, writer.username, path)
    Session.objects.all().delete()
    page.get_by_text("Catatan", exact=True).click()
    page.locator("textarea").fill("Jangan hilang.")
    expect(page.locator("#kabar")).to_contain_text("Sesi Anda berakhir")
    expect(page.locator("textarea")).to_have_value("Jangan hilang.")
    sign_in(page, (writer if same else colleague).username, path)
    if not same:
        expect(page.locator(".kept")).to_have_count(0)
        assert "Jangan hilang." not in page.content()
        return
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    assert first_response(submission).note == "Jangan hilang."


def test_the_way_back_after_signing_out_shows_nothing(page, sign_in):
    submission = make_work()
    sign_in(page, operator(submission).username, f"/isian/{submission.pk}/")
    name = submission.agency.name
    assert name in page.content()
    page.locator("header").get_by_role("button", name="Keluar").first.click()
    page.wait_for_url("**/masuk/**")
    for _ in range(2):
        page.go_back()
        expect(page.locator("h1")).to_have_text("Masuk")
        assert name not in page.content()


# --- twice ---------------------------------------------------------------------------------------


def events(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


def test_a_double_click_hands_in_once(page, sign_in):
    submission = make_work()
    sign_in(page, operator(submission).username, f"/isian/{submission.pk}/")
    page.get_by_label("Sebagian besar").check()
    expect(page.locator(".saved")).to_contain_text("Tersimpan")
    page.click("#ajukan")
    page.get_by_role("button", name="Ajukan", exact=True).dblclick()
    expect(page.get_by_text("Sekarang giliran verifikator").first).to_be_visible()
    submission.refresh_from_db()
    assert (submission.state, events(Verb.SUBMIT)) == (State.SUBMITTED, 1)


def test_a_double_click_saves_and_attaches_once(new_page, sign_in):
    """Without a script, so that each click is a request of its own."""
    submission = make_work(evidence_required=True)
    page = new_page(java_script_enabled=False)
    sign_in(page, operator(submission).username, f"/isian/{submission.pk}/")
    page.get_by_label("Sebagian besar").check()
    page.get_by_role("button", name="Simpan").dblclick()
    expect(page.get_by_text("tersimpan.").first).to_be_visible()
    answer = first_response(submission)
    assert (answer.version, events(Verb.ANSWER)) == (1, 1)
    page.goto(f"/isian/{submission.pk}/{answer.pk}/data-dukung/")
    page.locator("input[name=berkas]").set_input_files([as_file("SK.pdf", pdf())])
    page.get_by_role("button", name="Unggah", exact=True).dblclick()
    expect(page.locator("h2#terlampir")).to_have_text("Terlampir (1)")
    page.fill("input[name=tautan]", "https://contoh.example/sk")
    page.get_by_role("button", name="Simpan tautan").dblclick()
    expect(page.locator("h2#terlampir")).to_have_text("Terlampir (2)")
    assert EvidenceLink.objects.count() == 2


def test_a_double_click_judges_one_answer_once(page, sign_in):
    submission = submitted(3)
    sign_in(page, verifikator(submission).username, f"/verifikasi/{submission.pk}/")
    page.dblclick("[data-accept]")
    expect(page.locator(".review-list a[aria-current]")).to_contain_text(
        answers(submission)[1].question.code
    )
    assert [each.verdict for each in answers(submission)] == ["diterima", "", ""]
    assert Review.objects.count() == 1


def test_the_late_half_of_a_double_click_does_not_judge_the_next_answer(page, sign_in):
    submission = submitted(3)
    sign_in(page, verifikator(submission).username, f"/verifikasi/{submission.pk}/")
    second = answers(submission)[1].question.code
    late = "sessionStorage.setItem('putusan', String(Date.now() + 1000))"
    page.evaluate(late)  # the clock was put back in between
    page.click("[data-accept]")
    expect(page.locator(".review-list a[aria-current]")).to_contain_text(second)
    page.evaluate("sessionStorage.setItem('putusan', String(Date.now()))")
    page.click("[data-accept]")
    page.wait_for_timeout(500)
    assert [each.verdict for each in answers(submission)] == ["diterima", "", ""]
    page.click("[data-accept]")
    expect(page.locator(".review-list a[aria-current]")).to_contain_text(
        answers(submission)[2].question.code
    )
    assert Review.objects.count() == 2


def test_a_double_click_opens_one_year_and_arrives_there(page, sign_in):
    world = make_world()
    Assessment.objects.update(year=2020, data_year=2019)
    sign_in(page, world.people["verifikator"].username, "/penilaian/buka/")
    page.fill("input[name=tahun]", "2024")
    page.fill("input[name=tahun_data]", "2023")
    page.fill("input[name=tenggat]", "2099-03-29")
    page.get_by_role("button", name="Buka tahun penilaian").dblclick()
    expect(page.locator("h1")).to_contain_text("Penilaian 2024")
    assert Assessment.objects.filter(year=2024).count() == 1


# --- two at one answer ---------------------------------------------------------------------------


def test_two_people_at_one_answer_see_both_values_and_may_join_their_notes(
    new_page, sign_in, expected
):
    expected += ["409 (Conflict)", "Response Status Error Code 409"]
    submission = make_work()
    path = f"/isian/{submission.pk}/"
    first, second = new_page(), new_page()
    sign_in(first, operator(submission, name="Ibu Sari").username, path)
    sign_in(second, operator(submission, name="Pak Budi").username, path)
    first.get_by_label("Sebagian besar").check()
    expect(first.locator("[name=versi]")).to_have_value("1")
    first.get_by_text("Catatan", exact=True).click()
    first.locator("textarea").fill("Dari Sari")
    expect(first.locator("[name=versi]")).to_have_value("2")
    second.get_by_text("Catatan", exact=True).click()
    second.locator("textarea").fill("Dari Budi")
    second.get_by_label("Baru mulai").check()
    clash = second.locator(".clash")
    for words in ("Ibu Sari mengubah", "Sebagian besar", "Dari Sari", "Baru mulai", "Dari Budi"):
        expect(clash).to_contain_text(words)
    assert first_response(submission).value == {"level": 1}
    clash.get_by_role("button", name="gabungkan catatan").click()
    expect(second.locator(".clash")).to_have_count(0)
    stored = Response.objects.get()
    assert stored.note == "Dari Sari\nDari Budi"
    assert stored.changed_by.name == "Pak Budi"
