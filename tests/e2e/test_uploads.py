"""Files on a bad line, in a browser: they go on where they stopped, and photos are made smaller."""

import hashlib
import io
import random
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from agencies.roles import Role
from submissions.models import Blob, EvidenceLink, RegisterRow, Upload
from tests.factories import make_agency, make_instrument, make_register, make_user, make_work

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1024 * 1024
LOST = [
    "ERR_INTERNET_DISCONNECTED", "ERR_ABORTED", "ERR_NETWORK", "ERR_FAILED", "dialog: beforeunload",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"


@pytest.fixture
def large(tmp_path) -> Path:
    """A PDF of 20 MB that no one has sent yet."""
    path = tmp_path / "Laporan besar.pdf"
    body = random.Random(4).randbytes(20 * MB - 20)  # noqa: S311
    path.write_bytes(b"%PDF-1.4\n" + body + b"\n%%EOF\n")
    return path


def open_form(page: Page, sign_in) -> None:
    submission = make_work(1, "choice", evidence_required=True)
    user = make_user(Role.OPERATOR, agency=submission.agency)
    sign_in(page, user.username, f"/isian/{submission.pk}/")


def choose(page: Page, *paths: Path, by: str = "Unggah berkas") -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=by).click()
    chooser.value.set_files(list(paths))


def slow(page: Page, seconds: float) -> None:
    """Each part takes so long: the browser's own brake does not hold what goes out."""

    def hold(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    page.route("**/unggahan/*/", hold)


def wait_for(page: Page, megabytes: int) -> None:
    """Until so much of the file has arrived."""
    for _ in range(600):
        found = Upload.objects.first()
        if found is not None and found.offset >= megabytes * MB:
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing arrives")


def test_a_large_file_goes_on_after_the_network_was_lost_and_after_a_reload(
    page, sign_in, expected, large
):
    expected += LOST
    open_form(page, sign_in)
    slow(page, 0.3)
    choose(page, large)
    rows = page.locator(".uploads")
    wait_for(page, 3)
    page.context.set_offline(True)
    expect(rows).to_contain_text("menunggu jaringan, dilanjutkan sendiri.")
    before = Upload.objects.get().offset
    assert 3 * MB <= before < 20 * MB
    page.context.set_offline(False)
    wait_for(page, 9)
    expect(rows).to_contain_text("sisa kurang dari 1 menit")
    page.reload()
    expect(rows).to_contain_text("Laporan besar.pdf belum selesai:")
    upload = Upload.objects.get()
    assert 9 * MB <= upload.offset < 20 * MB
    parts = list(upload.parts)
    other = large.with_name("Lain.pdf")
    other.write_bytes(b"%PDF-1.4 lain %%EOF")
    choose(page, other, by="Pilih berkas")
    expect(rows).to_contain_text("Lain.pdf bukan berkas yang sama.")
    choose(page, large, by="Pilih berkas")
    expect(page.locator(".proofs")).to_contain_text("Laporan besar.pdf")
    expect(page.locator(".upload")).to_have_count(0)
    blob = EvidenceLink.objects.get().evidence.blob
    assert blob.sha256 == hashlib.sha256(large.read_bytes()).hexdigest()
    assert Path(blob.file.path).read_bytes() == large.read_bytes()
    assert (Upload.objects.get().pk, len(parts) > 0) == (upload.pk, True)
    shelf = "Object.keys(localStorage).filter(k => k !== 'kla-siapa').length"
    assert page.evaluate(shelf) == 0  # who is signed in is known, and nothing waits


def test_a_file_goes_on_when_the_same_person_has_signed_in_again(page, sign_in, expected, large):
    expected += [*LOST, "401 (Unauthorized)"]
    open_form(page, sign_in)
    slow(page, 0.2)
    choose(page, large)
    wait_for(page, 3)
    kept = [each for each in page.context.cookies() if "sesi" not in each["name"]]
    page.context.clear_cookies()
    page.context.add_cookies(kept)
    rows = page.locator(".uploads")
    expect(rows).to_contain_text("Sesi Anda berakhir. Masuk lagi di tab lain.")
    upload = Upload.objects.get()
    other = page.context.new_page()
    sign_in(other, upload.by.username)
    other.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".proofs")).to_contain_text("Laporan besar.pdf")
    assert Upload.objects.get().pk == upload.pk
    assert Blob.objects.get().sha256 == hashlib.sha256(large.read_bytes()).hexdigest()


def test_a_small_file_whose_first_try_broke_off_goes_on_by_itself(
    page, sign_in, expected, tmp_path
):
    expected += LOST
    small = tmp_path / "SK.pdf"
    small.write_bytes(b"%PDF-1.4\n" + b"x" * MB + b"\n%%EOF\n")
    open_form(page, sign_in)
    page.context.set_offline(True)
    choose(page, small)
    expect(page.locator(".uploads")).to_contain_text("SK.pdf: menunggu jaringan")
    assert EvidenceLink.objects.count() == 0
    page.context.set_offline(False)
    expect(page.locator(".proofs")).to_contain_text("SK.pdf")
    assert Blob.objects.get().sha256 == hashlib.sha256(small.read_bytes()).hexdigest()


def test_two_go_at_once_and_one_is_cancelled_without_the_other(
    page, sign_in, expected, large, tmp_path
):
    expected += LOST
    second = tmp_path / "Kedua.pdf"
    second.write_bytes(large.read_bytes()[: 6 * MB] + b"\n%%EOF\n")
    open_form(page, sign_in)
    slow(page, 0.3)
    choose(page, large, second)
    for _ in range(200):
        if Upload.objects.count() == 2:
            break
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Batal mengirim Laporan besar.pdf").click()
    expect(page.locator(".proofs")).to_contain_text("Kedua.pdf")
    expect(page.locator(".upload")).to_have_count(0)
    for _ in range(200):
        if Upload.objects.count() == 1:
            break
        page.wait_for_timeout(50)
    assert [each.name for each in Upload.objects.all()] == ["Kedua.pdf"]
    assert EvidenceLink.objects.count() == 1


def test_a_photo_is_made_smaller_before_it_is_sent_and_keeps_no_place(page, sign_in, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kamera Anak"
    exif.get_ifd(0x8825)[2] = (6.0, 52.0, 21.0)
    noise = Image.frombytes("RGB", (800, 600), random.Random(1).randbytes(800 * 600 * 3))  # noqa: S311
    photo = tmp_path / "foto.jpg"
    noise.resize((4000, 3000)).save(photo, "JPEG", quality=97, exif=exif)
    assert photo.stat().st_size > 5 * MB
    open_form(page, sign_in)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        choose(page, photo)
    assert sent.value.url.endswith("/data-dukung/")  # small enough now for a plain form
    expect(page.locator(".proofs")).to_contain_text("foto.jpg")
    stored = Path(Blob.objects.get().file.path).read_bytes()
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.size, dict(image.getexif())) == ((1920, 2560), {})
    assert (b"Kamera Anak" in stored, len(stored) < photo.stat().st_size / 2) == (False, True)


def test_a_large_file_of_a_register_row_goes_on_after_the_network_was_lost(
    page, sign_in, expected, large
):
    expected += LOST
    by = make_user(Role.OPERATOR, agency=make_agency())
    register = make_register(make_instrument())
    row = RegisterRow.objects.create(
        agency=by.agency, register=register, code=register.code, data={}, words="",
        created_by=by, changed_by=by,
    )  # fmt: skip
    sign_in(page, by.username, f"/daftar-induk/{row.code}/{row.pk}/data-dukung/")
    assert not page.locator("#berkas").is_visible()
    slow(page, 0.4)
    choose(page, large)
    expect(page.locator(".upload")).to_contain_text("MB dari 21,0 MB")
    page.context.set_offline(True)
    expect(page.locator(".upload")).to_contain_text("menunggu jaringan")
    page.context.set_offline(False)
    expect(page.locator(f"#b-{row.pk}")).to_contain_text("Laporan besar.pdf", timeout=30_000)
    sent = hashlib.sha256(large.read_bytes()).hexdigest()
    assert row.links.get().evidence.blob.sha256 == sent
