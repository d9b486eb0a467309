"""A bundle of evidence: asked for, watched while a worker packs it, fetched, and opened by a
program that is not ours.
"""

import hashlib
import zipfile

import pytest
from playwright.sync_api import expect

from reports import tasks
from submissions.models import Blob, Bundle
from tests.e2e.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("device", ["page", "phone"])
def test_a_bundle_comes_while_one_looks_and_opens_elsewhere(request, sign_in, settings, device):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    world = make_world()
    for blob in Blob.objects.filter(content_type="application/pdf").exclude(file=""):
        with blob.file.open() as file:  # the world makes up its sums
            found = hashlib.sha256(file.read()).hexdigest()
        if not Blob.objects.filter(sha256=found).exists():
            Blob.objects.filter(pk=blob.pk).update(sha256=found)
    page = request.getfixturevalue(device)
    sign_in(page, world.people["verifikator"].username, "/ekspor/2024/")
    page.get_by_label("Bagian").select_option(label="Semua klaster dan indikator")
    page.get_by_role("button", name="Buat bundel").click()
    expect(page.get_by_role("heading", name="Menunggu giliran")).to_be_visible()
    bundle = Bundle.objects.get(by=world.people["verifikator"])
    assert tasks.pack.call(bundle.pk) is True
    expect(page.get_by_role("heading", name="Bundel siap")).to_be_visible()  # by itself
    with page.expect_download() as coming:
        page.get_by_role("link", name="Unduh ZIP").click()
    with zipfile.ZipFile(coming.value.path()) as book:
        assert book.testzip() is None
        assert {"Daftar isi.xlsx", "manifest.json", "SHA256SUMS.txt"} < set(book.namelist())
        assert any(" SK " in name and name.endswith(".pdf") for name in book.namelist())
    page.get_by_role("button", name="Hapus bundel ini").click()
    expect(page.get_by_text("Bundel dihapus.")).to_be_visible()
    assert not Bundle.objects.filter(pk=bundle.pk).exists()
