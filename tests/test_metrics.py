"""/metrics: what it counts, for whom it is there, and that it adds up over processes."""

import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client.parser import text_string_to_metric_families

from agencies.roles import Role
from kla_tracker import counted, metrics
from kla_tracker.archive import record
from submissions.forms import uploads
from tests.factories import make_user

ROOT = Path(__file__).resolve().parent.parent
HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def told(**where):
    """The page as values by name and labels, as Prometheus would read it."""
    page = Client().get("/metrics", **(where or HERE))
    assert page.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page.content.decode())
        for sample in family.samples
    }


def more(before, after, *key):
    return after.get(key, 0) - before.get(key, 0)


def test_a_request_is_counted_by_the_name_of_its_view_and_its_status(db):
    before = told()
    Client().get("/masuk/")
    Client().get("/isian/12345/")
    Client().get("/tidak/ada/sama/sekali/Kenari")
    Client().post("/masuk/", {"username": "kenari", "password": "salah"})
    after = told()
    assert more(before, after, "kla_requests_total", "200", "masuk") == 1
    assert more(before, after, "kla_requests_total", "422", "masuk") == 1
    assert more(before, after, "kla_request_seconds_count", "masuk") == 2
    assert more(before, after, "kla_sign_ins_failed_total", "wrong") == 1
    assert more(before, after, "kla_requests_total", "302", "work_page") in {0, 1}
    assert sum(more(before, after, *key) for key in after if key[-1] == "tidak-ada") > 0
    assert [key for key in after if any("enari" in str(part) for part in key)] == []


def test_addresses_of_things_and_of_nothing_add_no_series(db):
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    client.get("/isian/1/")
    before = len(told())
    for number in range(2, 12):
        client.get(f"/isian/{number}/")
        client.get(f"/tidak/{number}/")
    assert len(told()) - before <= 20  # one view and one status at most, not one a thing


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "localhost"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3"}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ({"HTTP_HOST": "testserver"}, 404),  # a name that another page's script could point here
        ({"HTTP_AUTHORIZATION": "Bearer apa saja"}, 200),
    ],
)
def test_without_a_token_it_is_there_for_this_machine_alone(db, where, status):
    assert Client().get("/metrics", **HERE | where).status_code == status


def test_behind_a_proxy_of_ours_it_is_there_for_nobody_without_a_token(db, settings):
    settings.TRUSTED_PROXIES = 1
    assert Client().get("/metrics", **HERE).status_code == 404


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("Bearer rahasia-rahasia-rahasia", 200),
        ("Bearer rahasia", 404),
        ("", 404),
        ("Bearer é", 404),
    ],
)
def test_with_a_token_it_is_there_for_whoever_shows_it(db, settings, shown, status):
    settings.METRICS_TOKEN = "rahasia-rahasia-rahasia"  # noqa: S105
    answer = Client().get("/metrics", HTTP_AUTHORIZATION=shown, REMOTE_ADDR="10.1.2.3")
    assert answer.status_code == status


@pytest.mark.parametrize("role", list(Role))
def test_signing_in_opens_it_to_nobody(db, role):
    client = Client()
    client.force_login(make_user(role))
    assert client.get("/metrics").status_code == 404


def job(status="READY", minutes=0):
    made = DBTaskResult.objects.create(
        task_path="submissions.tasks.uji", args_kwargs={"args": [], "kwargs": {}}, status=status,
        backend_name="default", run_after=get_date_max(), exception_class_path="", traceback="",
        worker_ids=[],
    )  # fmt: skip
    enqueued = timezone.now() - timedelta(minutes=minutes)
    DBTaskResult.objects.filter(pk=made.pk).update(enqueued_at=enqueued)


def test_jobs_disks_and_the_backup_are_told_as_they_are_now(db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    assert ("kla_backup_age_seconds",) not in told()
    job(minutes=3)
    job()
    job("RUNNING")
    job("FAILED", minutes=90)
    made = timezone.now() - timedelta(hours=2)
    record.Record(made, rows=1, files=2, size=3, missing=0, encrypted=False).write()
    after = told()
    states = {word: after["kla_jobs", word] for word in ("queued", "running", "failed")}
    assert states == {"queued": 2, "running": 1, "failed": 1}
    assert 180 <= after["kla_jobs_oldest_waiting_seconds",] < 200
    assert 7200 <= after["kla_backup_age_seconds",] < 7260
    free = {key[1]: value for key, value in after.items() if key[0] == "kla_disk_free_bytes"}
    assert sorted(free) == ["data", "data dukung", "unggahan"]
    assert min(free.values()) > 0
    assert after["kla_database_up",] == 1


def test_a_database_that_is_away_is_told_and_does_not_end_the_page(db, monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr(metrics.DBTaskResult.objects, "ready", away)
    assert told()["kla_database_up",] == 0


def test_files_are_counted_with_their_bytes_and_why_they_were_refused(db):
    before = told()
    pdf = b"%PDF-1.4\n%%EOF\n"
    uploads.check(SimpleUploadedFile("surat.pdf", pdf))
    for name, content in (("Kenari.exe", b"MZ"), ("kosong.pdf", b"")):
        with pytest.raises(uploads.ValidationError):
            uploads.check(SimpleUploadedFile(name, content))
    after = told()
    assert more(before, after, "kla_uploads_total") == 1
    assert more(before, after, "kla_upload_bytes_total") == len(pdf)
    assert more(before, after, "kla_uploads_refused_total", "unknown") == 1
    assert more(before, after, "kla_uploads_refused_total", "empty") == 1


def test_a_backup_leaves_its_record(transactional_db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.HISTORY_ANCHORS = tmp_path / "anchors"
    make_user()
    file = tmp_path / "kla.zip"
    call_command("backup", str(file), stdout=StringIO())
    last = record.last()
    assert (last.size, last.missing, last.encrypted) == (file.stat().st_size, 0, False)
    assert last.rows > 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"made_at": 5}', '{"made_at": "kemarin"}'])
def test_a_record_that_cannot_be_read_is_none(settings, tmp_path, text):
    settings.VAR_DIR = tmp_path
    record.place().write_text(text)
    assert record.last() is None


COUNTING = """
import os, sys
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from prometheus_client import Counter, Histogram
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
Counter("kla_uji", "x", ["view"]).labels("a").inc(int(sys.argv[2]))
Histogram("kla_lama", "x", buckets=(1.0, 2.0)).observe(1.5)
print(os.getpid())
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def test_what_processes_counted_adds_up_also_after_they_ended(tmp_path):
    def process(amount):
        done = subprocess.run(
            [sys.executable, "-c", COUNTING, str(tmp_path), str(amount)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        pid, _, page = done.stdout.partition("\n")
        return int(pid), page

    first, _ = process(3)
    counted.bury(tmp_path, first)
    second, page = process(4)
    assert 'kla_uji_total{view="a"} 7.0' in page
    assert "kla_lama_count 2.0" in page
    counted.bury(tmp_path, second)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["counter_0.db", "histogram_0.db"]
    _, page = process(5)
    assert 'kla_uji_total{view="a"} 12.0' in page
    assert 'kla_lama_bucket{le="2.0"} 3.0' in page
