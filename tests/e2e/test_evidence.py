"""A document is exchanged for a newer one in a browser, and the older one is still to open."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Locator, expect

from agencies.roles import Role
from submissions.actions.evidence import attach_file
from submissions.forms import uploads
from submissions.models import Evidence
from tests.e2e.case import as_file, beyond, pdf
from tests.factories import make_user, make_work
from tests.submissions.test_answering import answers
from tests.submissions.test_evidence import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_ROOT = tmp_path / "incoming"


def fetched(link: Locator) -> bytes:
    """The bytes behind a link, as the signed-in browser gets them."""
    code = "async (each) => [...new Uint8Array(await (await fetch(each.href)).arrayBuffer())]"
    return bytes(link.evaluate(code))


def test_a_new_version_takes_its_place_and_the_older_one_still_opens(phone, sign_in):
    submission = make_work(1, "choice", evidence_required=True)
    by = make_user(Role.OPERATOR, agency=submission.agency)
    [answer] = answers(submission)
    old, new = pdf("SK lama"), pdf("SK baru")
    attach_file(
        answer, upload=uploads.check(SimpleUploadedFile("SK 2023.pdf", old)), by=by, now=NOW
    )
    sign_in(phone, by.username, f"/isian/{submission.pk}/")
    phone.goto(f"/data-dukung/{Evidence.objects.get().pk}/pemakaian/")
    phone.set_input_files("#berkas", [as_file("SK 2024.pdf", new)])
    phone.locator("button", has_text="Unggah versi baru").click()
    expect(phone.get_by_role("heading", name="SK 2024.pdf")).to_be_visible()
    expect(phone.locator("body")).to_contain_text("versi 2 dari 2")
    older = phone.get_by_role("link", name="Versi 1: SK 2023.pdf")
    newer = phone.get_by_role("link", name="Versi 2: SK 2024.pdf")
    got = [fetched(each) for each in (older, newer)]
    assert got == [old, new]
    assert beyond(phone) == 0
    phone.get_by_role("link", name="Rincian versi 1").click()
    expect(phone.get_by_text("Ini versi 1.")).to_be_visible()
    phone.get_by_role("link", name="Buka versi terbaru (versi 2)").click()
    expect(phone.get_by_role("heading", name="SK 2024.pdf")).to_be_visible()
    phone.goto(f"/isian/{submission.pk}/")
    expect(phone.locator(f"#b-{answer.pk}")).to_contain_text("SK 2024.pdf")
    expect(phone.locator(f"#b-{answer.pk}")).not_to_contain_text("SK 2023.pdf")
