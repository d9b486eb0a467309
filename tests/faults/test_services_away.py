"""A disk without room, a store of files or a mail server that is away, hangs or loses: the user
reads a sentence, nothing is half, and the rest of the product goes on.
"""

import errno
import socket
import time
from email.message import EmailMessage

import pytest
from botocore.config import Config
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from kla_tracker import environment
from meetings.models import Delivery
from submissions.models import Blob, Evidence, EvidenceLink
from tests.factories import first_response, make_user, make_work
from tests.meetings.test_reminding import DAY, MONDAY, due, post, run, world
from tests.store import BUCKET, KEYS
from tests.submissions.test_uploads import PDF

BIG = PDF[:-7] + b"%" + b"0" * 3_000_000 + b"\n%%EOF\n"  # more than is kept in memory
HTMX = {"hx-request": "true"}


@pytest.fixture
def work(db, settings, tmp_path, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path_factory.mktemp("incoming")
    return make_work()


@pytest.fixture
def client(work):
    found = Client(raise_request_exception=False)
    found.force_login(make_user(agency=work.agency))
    return found


def card(work):
    return f"/isian/{work.pk}/{first_response(work).pk}/"


def send(client, work, content=PDF):
    file = SimpleUploadedFile("SK.pdf", content)
    return client.post(f"{card(work)}data-dukung/", {"berkas": file}, headers=HTMX)


def save(client, work, note):
    typed = {"versi": first_response(work).version, "tingkat": "0", "catatan": note}
    return client.post(card(work), typed, headers=HTMX).status_code


def rows():
    return Blob.objects.count(), Evidence.objects.count(), EvidenceLink.objects.count()


# --- a disk without room -------------------------------------------------------------------------


def test_a_full_disk_for_what_is_on_its_way_is_said_and_nothing_half_stays(
    client, work, settings, monkeypatch
):
    room = [1_000_000]

    class Narrow(TemporaryUploadedFile):
        """The file of the door, on a disk with room for a megabyte."""

        def write(self, data):
            room[0] -= len(data)
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", Narrow)
    reply = send(client, work, BIG)
    assert (reply.status_code, "Penyimpanan sistem penuh" in reply.content.decode()) == (507, True)
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []
    assert (rows(), settings.MEDIA_ROOT.exists()) == ((0, 0, 0), False)
    assert save(client, work, "Jawaban tetap tersimpan.") == 200
    room[0] = 10_000_000
    assert (send(client, work, BIG).status_code, rows()) == (200, (1, 1, 1))


# --- a store of files ----------------------------------------------------------------------------


def put_store(settings, url, **options):
    """The store is at that address from now on; as patient as `options` say."""
    made = environment.s3(BUCKET, endpoint=url, **KEYS)
    if options:
        patience = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, **options)
        made["OPTIONS"]["client_config"] = patience
    settings.STORAGES = settings.STORAGES | {"default": made}


@pytest.fixture
def silent():
    """A server that takes every call and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def test_a_store_that_hangs_is_given_up_and_told_in_a_sentence(client, work, settings, silent):
    patience = environment.s3(BUCKET, endpoint="http://127.0.0.1:9", **KEYS)["OPTIONS"]
    told = patience["client_config"]
    assert (told.connect_timeout, told.read_timeout) == (5, 30)
    put_store(settings, f"http://127.0.0.1:{silent}", connect_timeout=0.2, read_timeout=0.2)
    began = time.monotonic()
    reply = send(client, work)
    assert time.monotonic() - began < 5
    assert "penyimpanan sistem bermasalah" in reply.content.decode()
    assert rows() == (0, 0, 0)
    assert save(client, work, "Jawaban tetap tersimpan.") == 200
    assert client.get(f"/isian/{work.pk}/").status_code == 200


def test_what_the_store_has_lost_is_named_and_its_page_is_no_error(client, work, bucket):
    assert send(client, work).status_code == 200
    bucket.Object(Blob.objects.get().file.name).delete()
    found = Evidence.objects.get()
    reply = client.get(f"/data-dukung/{found.pk}/")
    assert (reply.status_code, "Berkas belum dapat dibuka" in reply.content.decode()) == (503, True)
    assert client.get(f"/data-dukung/{found.pk}/pemakaian/").status_code == 200
    assert client.get(card(work) + "data-dukung/").status_code == 200
    with pytest.raises(CommandError):
        call_command("verify_evidence")


def test_a_file_that_the_disk_has_lost_is_said_too(client, work):
    assert send(client, work).status_code == 200
    default_storage.delete(Blob.objects.get().file.name)
    reply = client.get(f"/data-dukung/{Evidence.objects.get().pk}/")
    assert (reply.status_code, "SK.pdf tercatat" in reply.content.decode()) == (503, True)


# --- a mail server -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_server_that_hangs_is_given_up_and_the_mail_goes_later(settings, silent):
    assert settings.EMAIL_TIMEOUT == 20
    settings.EMAIL_TIMEOUT = 0.3
    found = world()
    with post(settings) as box:
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, silent
        due(found, (MONDAY + 3 * DAY).date())
        began = time.monotonic()
        assert run() == "failed"
        assert time.monotonic() - began < 5
        assert Delivery.objects.get().state == "gagal"
        client = Client()
        client.force_login(found.users["verifikator"])
        assert "gagal, dicoba lagi" in client.get("/pengingat/").content.decode()
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = port, 20
        assert run() == "done"
    assert [isinstance(mail, EmailMessage) for _, mail in box.mails] == [True]
