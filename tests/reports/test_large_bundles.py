"""Bundles that are large, interrupted or fetched in pieces: what a worker really killed leaves, and
what programs that nobody here wrote make of the file.
"""

import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from reports.bundles.archive import Archive
from submissions.actions import making
from submissions.management.commands.take_up_jobs import LEASE, take_up
from submissions.models import Event, Verb
from tests import office
from tests.reports import world as by_hand
from tests.reports.test_bundles import NOW, ask, attach, manifest, names, pack

pytestmark = pytest.mark.django_db

QUIET = making.QUIET + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _a_worker_and_folders(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BUNDLE_ROOT = tmp_path / "bundles"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def unzip(*arguments):
    """Info-ZIP's reader, which shares no line with the one that wrote."""
    done = subprocess.run(
        [office.program("unzip"), *map(str, arguments)], capture_output=True, check=False
    )
    return done.returncode, done.stdout


# --- ZIP64 ---------------------------------------------------------------------------------------


def test_beyond_the_limits_of_the_old_format_another_reader_unpacks_every_byte(
    monkeypatch, tmp_path
):
    """The limits are lowered, so that offsets, sizes and the count all cross them; the real ones
    are crossed by `python -m tests.bench.large`.
    """
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 50_000)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 20)
    path, given = tmp_path / "a.zip", {}
    archive = Archive(path, NOW)
    for number in range(30):
        content = bytes([number]) * (3_000 if number else 60_000)
        given[f"KA/1 Ö {number}/{number}.bin"] = content
        archive.add(f"KA/1 Ö {number}/{number}.bin", [content], size=len(content))
        if number % 10 == 9:
            archive.add("rusak.bin", [b"x" * 70_000], size=70_000)
            archive.take_back()
    archive.close()
    assert b"PK\x06\x06" in path.read_bytes()[-500:]  # the directory's end is of ZIP64
    assert unzip("-tq", path)[0] == 0
    for name in given:
        status, content = unzip("-p", path, name.replace("[", "[[]"))
        assert (name, status, content == given[name]) == (name, 0, True)


# --- killed --------------------------------------------------------------------------------------

# A worker on the database and the folders of this test, as production runs one.
WORKER = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.MEDIA_ROOT, settings.BUNDLE_ROOT = sys.argv[2:]
settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
django.setup()
from django.core.management import call_command
call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
"""


def worker():
    folders = (django_settings.MEDIA_ROOT, django_settings.BUNDLE_ROOT)
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), *map(str, folders)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=django_settings.BASE_DIR,
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_file_leaves_a_bundle_that_is_made_once_and_whole():
    found = by_hand.world()
    attach(found.response("1.1"), "Pertama.pdf", b"satu" * 100_000)
    second = attach(found.response("1.2"), "Kedua.pdf", content := os.urandom(700_000))
    bundle = ask(found, indicator="1")
    # In place of the second file a pipe: it gives half, and then the worker waits for more.
    place = Path(default_storage.path(second.blob.file.name))
    place.unlink()
    os.mkfifo(place)
    doomed = worker()
    try:
        with place.open("wb", buffering=0) as pipe:  # opens when the worker does
            pipe.write(content[:600_000])
            doomed.send_signal(signal.SIGKILL)
            doomed.wait()
    finally:
        doomed.kill()
    place.unlink()
    place.write_bytes(content)
    bundle.refresh_from_db()
    [half] = bundle.path.parent.glob("*.part")
    assert (bundle.attempt, bundle.finished_at, half.stat().st_size > 700_000) == (1, None, True)
    assert take_up(timezone.now()) == (0, 0)  # it might still be at it
    age = timezone.now() - LEASE - timedelta(seconds=1)
    DBTaskResult.objects.update(started_at=age)
    type(bundle).objects.update(beat_at=age)
    assert take_up(timezone.now()) == (1, 0)
    assert worker().wait(60) == 0
    bundle.refresh_from_db()
    assert (bundle.is_ready, bundle.attempt) == (True, 2)
    assert list(bundle.path.parent.iterdir()) == [bundle.path]  # no draft, no desk
    assert Event.objects.filter(verb=Verb.EXPORT).count() == 1
    assert [Path(each).name.split(" - ")[0] for each in names(bundle)] == [
        "1.1 Pertama", "1.2 Kedua",
    ]  # fmt: skip
    assert unzip("-p", bundle.path, names(bundle)[1])[1] == content
    [job] = DBTaskResult.objects.all()
    assert (job.status, len(job.worker_ids)) == ("SUCCESSFUL", 2)


# --- fetched in pieces ---------------------------------------------------------------------------


def resumed(live_server, user, way, whole, folder):
    """What curl has after a download that broke off in the middle and was resumed; the status and
    the bytes that came this time.
    """
    client = Client()
    client.force_login(user)
    half, name = folder / "unduhan", django_settings.SESSION_COOKIE_NAME
    half.write_bytes(whole[: len(whole) // 2])
    done = subprocess.run(
        [
            office.program("curl"), "--silent", "--show-error", "--fail", "--continue-at", "-",
            "--cookie", f"{name}={client.cookies[name].value}",
            "--write-out", "%{http_code} %{size_download}",
            "--output", str(half), f"{live_server.url}{way}",
        ],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return half.read_bytes(), done.stdout.decode()


@pytest.mark.django_db(transaction=True)
def test_curl_resumes_a_bundle_where_it_broke_off(live_server, tmp_path):
    found = by_hand.world()
    attach(found.response("1.1"), "SK.pdf", os.urandom(900_000))
    bundle = pack(ask(found))
    whole = bundle.path.read_bytes()
    way = f"/ekspor/bundel/{bundle.token}/unduh/"
    got, said = resumed(live_server, bundle.by, way, whole, tmp_path)
    assert (got == whole, said) == (True, f"206 {len(whole) - len(whole) // 2}")


# --- evidence in S3 ------------------------------------------------------------------------------


def test_evidence_in_s3_goes_into_a_bundle_and_what_is_missing_there_is_told(
    bucket, settings, tmp_path_factory
):
    settings.BUNDLE_ROOT = tmp_path_factory.mktemp("bundles")
    found = by_hand.world()
    content = os.urandom(600_000)
    kept = attach(found.response("1.1"), "Utuh.pdf", content)
    gone = attach(found.response("1.2"), "Hilang.pdf", b"hilang")
    assert {each.key for each in bucket.objects.all()} == {
        kept.blob.file.name, gone.blob.file.name,
    }  # fmt: skip
    bucket.Object(gone.blob.file.name).delete()
    bundle = pack(ask(found, indicator="1"))
    [told] = manifest(bundle)["berkas"]
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert unzip("-p", bundle.path, names(bundle)[0])[1] == content
    missing = {each["nama"]: each["sebab"] for each in manifest(bundle)["tidak_ada"]}
    assert missing["Hilang.pdf"] == "berkasnya tidak ada di penyimpanan"


def test_a_store_that_is_away_while_it_is_packed_is_told_file_by_file(
    bucket, away, settings, tmp_path_factory
):
    settings.BUNDLE_ROOT = tmp_path_factory.mktemp("bundles")
    found = by_hand.world()
    attach(found.response("1.1"), "SK.pdf", b"isi")
    bundle = ask(found, indicator="1")
    away()
    pack(bundle)
    missing = {each["nama"]: each["sebab"] for each in manifest(bundle)["tidak_ada"]}
    assert missing["SK.pdf"].startswith("berkasnya tidak dapat dibaca dari penyimpanan")
    assert (bundle.is_ready, names(bundle)) == (True, [])
